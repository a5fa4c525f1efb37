"""Makes the JPEG files of the tests, and what libjpeg-turbo (in Pillow) decodes them to.

Writes NAME.jpg and expected.txt: name, columns, rows, samples of a pixel, FNV-1a (64 bits) of the decoded samples.
Needs Pillow with libjpeg-turbo, and numpy.
"""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[2] / "crates/srcnn-fixtures/jpeg"


def picture(width, height, noise=20):
    """Slopes, an edge and some noise; the same each time."""
    y, x = np.mgrid[:height, :width]
    planes = [x * 255 / width, 255 - y * 255 / height, (x + y) % 40 * 6]
    state, dots = 1, []
    for _ in range(width * height * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        dots.append((state >> 24) - 128)
    dots = np.reshape(dots, (height, width, 3)) * noise / 128
    edge = 60 * (x > y)[..., None]
    return Image.fromarray(np.clip(np.stack(planes, 2) + dots - edge, 0, 255).astype(np.uint8))


def encoded(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def segments(file):
    """Segments up to the first scan: code and data; then the coded data."""
    at, found = 2, []
    while True:
        code, length = file[at + 1], int.from_bytes(file[at + 2 : at + 4], "big")
        found.append((code, file[at + 4 : at + 2 + length]))
        at += 2 + length
        if code == 0xDA:
            return found, file[at:-2]


def segment(code, data):
    return struct.pack(">BBH", 0xFF, code, len(data) + 2) + data


def in_turn(size, factors, quality):
    """A sequential file with a scan for each component, made of three grey files."""
    across, down = (max(sides) for sides in zip(*factors))
    width, height = size
    scans, frame = b"", struct.pack(">BHHB", 8, height, width, 3)
    for number, (x, y) in enumerate(factors, 1):
        part = picture(-(-width * x // across), -(-height * y // down)).getchannel(number - 1)
        head, data = segments(encoded(part, quality=quality))
        frame += bytes([number, x << 4 | y, 0])
        scans += segment(0xDA, bytes([1, number, 0, 0, 63, 0])) + data
    tables = b"".join(segment(code, data) for code, data in head if code in (0xC4, 0xDB))
    return b"\xff\xd8" + tables + segment(0xC0, frame) + scans + b"\xff\xd9"


def replaced(file, code, change):
    """A file with the data of a segment changed."""
    head, data = segments(file)
    changed = (segment(c, change(d) if c == code else d) for c, d in head)
    return b"\xff\xd8" + b"".join(changed) + data + b"\xff\xd9"


def vertical(file):
    """A file of 4:2:2 whose samples are halved across turned into one where they are halved down, of a square picture."""
    return replaced(file, 0xC0, lambda frame: frame[:7] + b"\x12" + frame[8:])


def inks(image):
    """A picture in four inks, the last of which is a picture of its own."""
    planes = 255 - np.asarray(image)
    return Image.fromarray(np.dstack([planes, planes[::-1, ::-1, 1] // 2]), "CMYK")


def as_ycck(file):
    """A file of CMYK whose first three components count as luma and chroma, by the last byte of Adobe's segment."""
    return replaced(file, 0xEE, lambda data: data[:-1] + b"\2")


FILES = {
    "444": encoded(picture(21, 13), quality=80, subsampling=0),
    "422": encoded(picture(37, 9), quality=70, subsampling=1),
    "420": encoded(picture(45, 35), quality=60, subsampling=2, optimize=True),
    "420_narrow": encoded(picture(4, 30), quality=90, subsampling=2),
    "420_three": encoded(picture(5, 18), quality=90, subsampling=2),
    "420_dot": encoded(picture(1, 1), quality=75, subsampling=2),
    "420_restart": encoded(picture(40, 40, 0), quality=50, subsampling=2, restart_marker_blocks=2),
    "440": vertical(encoded(picture(32, 32, 5), quality=60, subsampling=1)),
    "cmyk_444": encoded(inks(picture(27, 21)), quality=80, subsampling=0),
    "cmyk_420": encoded(inks(picture(45, 35)), quality=60, subsampling=2),
    "cmyk_progressive": encoded(inks(picture(41, 30)), quality=70, subsampling=1, progressive=True),
    "ycck": as_ycck(encoded(inks(picture(29, 33)), quality=75, subsampling=0)),
    "grey": encoded(picture(19, 27).convert("L"), quality=70),
    "rgb": encoded(picture(17, 17), quality=60, keep_rgb=True),
    "coarse": encoded(picture(33, 17, 255), quality=1, subsampling=0),
    "progressive_420": encoded(picture(35, 75, 10), quality=40, subsampling=2, progressive=True),
    "progressive_444": encoded(picture(20, 20), quality=90, subsampling=0, progressive=True, restart_marker_rows=1),
    "progressive_grey": encoded(picture(25, 30).convert("L"), quality=80, progressive=True),
    "in_turn_420": in_turn((43, 37), [(2, 2), (1, 1), (1, 1)], 30),
    "in_turn_odd": in_turn((45, 19), [(4, 2), (1, 2), (2, 1)], 30),
}


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


lines = []
for name, file in FILES.items():
    assert len(file) < 2048, (name, len(file))
    (FOLDER / f"{name}.jpg").write_bytes(file)
    samples = np.asarray(Image.open(io.BytesIO(file)))
    height, width, channels = (*samples.shape, 1)[:3]
    lines.append(f"{name} {width} {height} {channels} {fnv(samples.tobytes()):016x}\n")
(FOLDER / "expected.txt").write_text("".join(lines))
