"""Animations for traits/, put together by hand so that every way of drawing, blending and disposing of a frame is there;
and what Pillow shows of them.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image

W, H = 24, 16
RED, GREEN, BLUE, SAND = [200, 60, 50], [60, 160, 70], [50, 80, 190], [210, 200, 90]


def flat(colour, width=W // 2, height=H // 2):
    return np.full((height, width, len(colour)), colour, np.uint8)


def quartered(colours):
    top, bottom = np.hstack([flat(colours[0]), flat(colours[1])]), np.hstack([flat(colours[2]), flat(colours[3])])
    return np.vstack([top, bottom])


def gif(frames, loop):
    """Frames: (indices, left, top, hundredths, disposal, transparent, palette or None)."""
    table = lambda colours: bytes(sum(colours + [[0, 0, 0]] * (4 - len(colours)), []))
    file = b"GIF89a" + struct.pack("<HHBBB", W, H, 0x91, 0, 0) + table([RED, GREEN, BLUE, SAND])
    if loop is not None:
        file += b"!\xff\x0bNETSCAPE2.0" + struct.pack("<BBHB", 3, 1, loop, 0)
    for indices, left, top, delay, disposal, transparent, palette in frames:
        flags = disposal << 2 | (transparent is not None)
        file += b"!\xf9" + struct.pack("<BBHBB", 4, flags, delay, transparent or 0, 0)
        height, width = indices.shape
        file += b"," + struct.pack("<HHHHB", left, top, width, height, 0x81 if palette else 0)
        file += table(palette) if palette else b""
        # Codes of 8 bits: the table is cleared before it grows beyond them.
        codes = b""
        for i, index in enumerate(indices.ravel().tolist()):
            codes += (b"\x80" if i % 100 == 0 else b"") + bytes([index])
        codes += b"\x81"
        blocks = b"".join(bytes([len(codes[i : i + 255])]) + codes[i : i + 255] for i in range(0, len(codes), 255))
        file += b"\x07" + blocks + b"\0"
    return file + b";"


def webp(frames, loop, size=(W, H)):
    """Frames: (array, options of Pillow, left, top, milliseconds, replace, clear)."""
    chunk = lambda kind, data: kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    three = lambda n: struct.pack("<I", n)[:3]
    body = chunk(b"VP8X", bytes([0x12, 0, 0, 0]) + three(size[0] - 1) + three(size[1] - 1))
    body += chunk(b"ANIM", bytes([255, 255, 255, 255]) + struct.pack("<H", loop))
    for array, options, left, top, delay, replace, clear in frames:
        buffer = io.BytesIO()
        Image.fromarray(array).save(buffer, "WEBP", **options)
        still, at, parts = buffer.getvalue(), 12, b""
        while at < len(still):
            kind, length = still[at : at + 4], struct.unpack("<I", still[at + 4 : at + 8])[0]
            if kind in (b"VP8 ", b"VP8L", b"ALPH"):
                parts += chunk(kind, still[at + 8 : at + 8 + length])
            at += 8 + length + length % 2
        height, width = array.shape[:2]
        head = three(left // 2) + three(top // 2) + three(width - 1) + three(height - 1) + three(delay)
        body += chunk(b"ANMF", head + bytes([2 * replace + clear]) + parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def apng(frames, loop, default=None, bits=8, interlaced=False):
    """Frames: (array, left, top, numerator, denominator, disposal, over); `default` is shown by what knows no animation."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def data(array):
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        parts = [array[y::dy, x::dx] for x, y, dx, dy in passes] if interlaced else [array]
        samples = [p.astype(">u2") * 257 if bits == 16 else p for p in parts]
        return zlib.compress(b"".join(b"\0" + row.tobytes() for p in samples for row in p if p.shape[1]), 9)

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[frames[0][0].shape[2]]
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, bits, kind, 0, 0, interlaced))
    file += chunk(b"acTL", struct.pack(">II", len(frames), loop))
    file += chunk(b"IDAT", data(default)) if default is not None else b""
    number = 0
    for i, (array, left, top, numerator, denominator, disposal, over) in enumerate(frames):
        height, width = array.shape[:2]
        control = struct.pack(">IIIIIHHBB", number, width, height, left, top, numerator, denominator, disposal, over)
        file += chunk(b"fcTL", control)
        number += 1
        if i == 0 and default is None:
            file += chunk(b"IDAT", data(array))
        else:
            file += chunk(b"fdAT", struct.pack(">I", number) + data(array))
            number += 1
    return file + chunk(b"IEND", b"")


def shown(file):
    """By Pillow: the middle of each quarter of every frame, and how long it is shown in milliseconds."""
    image, frames, durations = Image.open(io.BytesIO(file)), [], []
    # Pillow counts a picture that is apart from the animation as its first frame.
    for i in range(int(image.info.get("default_image", False)), image.n_frames):
        image.seek(i)
        rgba = image.convert("RGBA")
        middle = [rgba.getpixel((W // 4 + W // 2 * (q % 2), H // 4 + H // 2 * (q // 2))) for q in range(4)]
        frames.append([list(p) if p[3] else [None, None, None, 0] for p in middle])
        durations.append(image.info["duration"])
    return {"frames": frames, "durations": durations}


def files():
    """Name, file, and how often it is played (0: for ever)."""
    ground = np.vstack([np.repeat([[0] * 12 + [1] * 12], 8, 0), np.repeat([[2] * 12 + [3] * 12], 8, 0)]).astype(np.uint8)
    part = lambda index: np.full((8, 12), index, np.uint8)
    hole = part(1)
    hole[:2, :3] = 3
    yield "disposal.gif", gif([
        # Transparent in the last quarter: without that, Pillow shows nothing as transparent later on.
        (ground, 0, 0, 4, 1, 3, None),
        (part(0), 12, 0, 7, 3, None, None),
        (part(1), 0, 8, 5, 2, 3, None),
        (hole, 12, 8, 12, 2, 3, None),
        # Not 0, which for Pillow is what the frame before has.
        (part(2), 0, 0, 3, 1, None, [GREEN, RED, [250, 250, 250]]),
        (hole, 2, 0, 9, 1, 3, None),
    ], 0), 0
    yield "opaque.gif", gif([(ground, 0, 0, 10, 1, None, None), (part(0), 12, 8, 0, 0, None, None), (3 - ground, 0, 0, 20, 0, None, [SAND, RED, [250, 250, 250], GREEN])], 2), 3
    yield "once.gif", gif([(ground, 0, 0, 10, 1, None, None), (3 - ground, 0, 0, 20, 0, None, None)], None), 1
    exact, lossy = {"lossless": True, "exact": True}, {"quality": 95}
    yield "offsets.webp", webp([
        (quartered([c + [255] for c in (RED, GREEN, BLUE, SAND)]), exact, 0, 0, 40, True, False),
        (flat([0, 0, 0, 128]), exact, 12, 0, 35, False, False),
        (flat([255, 255, 255, 100]), exact, 0, 8, 61, True, True),
        (flat(RED), lossy, 12, 8, 17, False, True),
        (flat(BLUE), lossy, 0, 0, 50, False, False),
        (flat([90, 200, 90, 128]), lossy, 0, 8, 1000, False, False),
    ], 5), 5
    solid = [c + [255] for c in (RED, GREEN, BLUE, SAND)]
    # Not soft: Pillow blends the frames of PNG in another way than the specification, and WebP has such frames.
    ring = flat([10, 20, 30, 255])
    ring[2:6, 3:9, 3] = 0
    frames = [
        (quartered(solid), 0, 0, 1, 25, 0, 0),
        (ring, 12, 0, 35, 1000, 0, 1),
        (flat([255, 255, 255, 100]), 0, 8, 3, 50, 1, 0),
        (flat(BLUE + [255]), 12, 8, 7, 0, 0, 1),
        (flat([0, 0, 0, 0]), 0, 0, 1, 10, 0, 0),
    ]
    yield "offsets.png", apng(frames, 2), 2
    yield "default-apart.png", apng(frames, 0, default=quartered([[9, 9, 9, 255]] * 4)), 0
    yield "interlaced-frames.png", apng(frames, 0, interlaced=True), 0
    deep = [(quartered([RED, GREEN, BLUE, SAND]), 0, 0, 1, 25, 0, 0), (flat(RED), 12, 0, 1, 25, 0, 0)]
    yield "deep-frames.png", apng(deep, 0, bits=16), 0
