"""Writes traits/: small pictures, each with one trait of its format, and traits.jsonl, which says what must hold of each
after `srcnn upscale -s 2`.

Made with Pillow 13.0.0, tifffile 2026.3.3 and numpy 2.4.6; what they do not write is put together here by hand. The
pictures are four flat quarters, so that orientation and colours can be told from the middle of each. `check_traits.py`
checks the same outputs by Pillow.
"""

import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import imagecodecs
import tifffile
from PIL import Image, ImageOps, PngImagePlugin
from traits_animations import files as animated_files, shown
from traits_metadata import P3, SRGB, cmyk_profile, exif_block, grey_profile, xmp_packet

W, H = 24, 16
# Upper left, upper right, lower left, lower right.
QUARTERS = [[200, 60, 50], [60, 160, 70], [50, 80, 190], [210, 200, 90]]
GREYS = [40, 110, 170, 230]
ALPHAS = [255, 255, 90, 200]

out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "crates/srcnn-fixtures/traits")
lines = []


def quarters(values, dtype=np.uint8, size=(W, H)):
    """A picture of four flat quarters."""
    y, x = np.mgrid[: size[1], : size[0]]
    return np.asarray(values, dtype)[2 * (y >= size[1] // 2) + (x >= size[0] // 2)]


def png_of(array, chunks=(), bits=8, kind=None, interlaced=False):
    """A PNG by hand: samples of any depth and colour type, chunks before the data."""
    if array.ndim == 2:
        array = array[..., None]
    height, width, channels = array.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if kind is None else kind

    def rows(part):
        data = b""
        for row in part:
            if bits == 16:
                data += b"\0" + row.astype(">u2").tobytes()
            elif bits == 8:
                data += b"\0" + row.astype(np.uint8).tobytes()
            else:
                digits = "".join(format(int(v), f"0{bits}b") for v in row.ravel())
                digits += "0" * (-len(digits) % 8)
                data += b"\0" + bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8))
        return data

    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        data = b"".join(rows(array[y::dy, x::dx]) for x, y, dx, dy in passes)
    else:
        data = rows(array)
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def saved(array, format, **options):
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def tiff(array, **options):
    buffer = io.BytesIO()
    options.setdefault("metadata", None)
    tifffile.imwrite(buffer, array, software=False, **options)
    return buffer.getvalue()


def jpeg_with(segments, file):
    """Segments (code, data) after the start of a JPEG file."""
    return file[:2] + b"".join(struct.pack(">BBH", 255, code, len(data) + 2) + data for code, data in segments) + file[2:]


def add(name, data, to=("png", "tif"), **holds):
    """One picture, the formats to write it in, and what must hold then."""
    (out / name).write_bytes(data)
    lines.append({"file": name, "to": list(to), **holds})


def colours(values=QUARTERS, tolerance=3):
    return {"quarters": [v if isinstance(v, list) else [v] for v in values], "tolerance": tolerance}


RGB = quarters(QUARTERS)
GREY = quarters(GREYS)
RGBA = np.dstack([RGB, quarters(ALPHAS)])
LA = np.dstack([GREY, quarters(ALPHAS)])
DEEP = RGB.astype(np.uint16) * 257 + 40
WITH_ALPHA = [c + [a] for c, a in zip(QUARTERS, ALPHAS)]
GREY_ALPHA = [[g, a] for g, a in zip(GREYS, ALPHAS)]
JPEG = {"quality": 95, "subsampling": 0}
ALL = ("png", "jpg", "webp", "tif")
rgb = {"mode": "RGB", "bits": 8, "size": [2 * W, 2 * H]}


def orientations():
    # What an upright picture is stored as, so that the orientation makes it upright again.
    stored = [
        lambda a: a,
        lambda a: a[:, ::-1],
        lambda a: a[::-1, ::-1],
        lambda a: a[::-1],
        lambda a: a.transpose(1, 0, 2),
        lambda a: np.rot90(a, 1),
        lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
        lambda a: np.rot90(a, -1),
    ]
    for value, store in enumerate(stored, 1):
        array = np.ascontiguousarray(store(RGB))
        exif = exif_block(orientation=value, size=array.shape[1::-1])
        holds = {**rgb, **colours(tolerance=6), "orientation": 1, "exif": {"Make": "Maker"}, "exif_size": True}
        add(f"orientation-{value}.jpg", saved(array, "JPEG", exif=b"Exif\0\0" + exif, **JPEG), ALL, **holds)
        if value == 6:
            holds = {**rgb, **colours(), "orientation": 1, "exif": {"Make": "Maker"}, "exif_size": True}
            add("orientation-6.png", png_of(array, [(b"eXIf", exif)]), ALL[:1] + ALL[2:], **holds)
            webp = saved(array, "WEBP", lossless=True, exif=exif)
            add("orientation-6.webp", webp, ALL[:1] + ALL[2:], **holds)
            xmp = xmp_packet(orientation=6)
            holds = {**rgb, **colours(), "orientation": 1, "xmp": ['tiff:Orientation="1"']}
            add("orientation-6-xmp.tif", tiff(array, photometric="rgb", extratags=[(274, 3, 1, 6, True), (700, 1, len(xmp), xmp, True)]), **holds)


def profiles():
    crc = zlib.crc32
    add("p3.png", saved(RGB, "PNG", icc_profile=P3), ALL, **rgb, **colours(tolerance=5), icc=crc(P3))
    add("p3.jpg", saved(RGB, "JPEG", icc_profile=P3, **JPEG), ALL, **rgb, **colours(tolerance=6), icc=crc(P3))
    add("p3.webp", saved(RGB, "WEBP", lossless=True, icc_profile=P3), ALL, **rgb, **colours(tolerance=5), icc=crc(P3))
    add("p3.tif", tiff(RGB, photometric="rgb", iccprofile=P3), ALL, **rgb, **colours(tolerance=5), icc=crc(P3))
    add("p3-stripped.png", saved(RGB, "PNG", icc_profile=P3), ALL, **rgb, options="--strip", icc=crc(P3))
    add("srgb.jpg", saved(RGB, "JPEG", icc_profile=SRGB, **JPEG), ALL, **rgb, icc=crc(SRGB))
    add("srgb-stripped.jpg", saved(RGB, "JPEG", icc_profile=SRGB, **JPEG), ALL, **rgb, options="--strip", icc=0)
    grey = grey_profile()
    holds = {"mode": "L", "bits": 8, **colours(GREYS), "icc": crc(grey)}
    add("grey-profile.png", saved(GREY, "PNG", icc_profile=grey), ("png", "tif"), **holds)
    large = P3 + bytes(range(256)) * 300
    large = struct.pack(">I", len(large)) + large[4:]
    add("profile-of-two-segments.jpg", saved(RGB, "JPEG", icc_profile=large, **JPEG), ("jpg",), **rgb, icc=crc(large))


def exif():
    tags = {"Make": "Maker", "Model": "Model 1", "DateTime": "2026:11:23 12:00:00", "Artist": "An Artist", "Copyright": "None"}
    tags |= {"Software": "By hand", "ImageDescription": "Quarters", "ExposureTime": "1/125", "GPSLatitudeRef": "N"}
    holds = {**rgb, "exif": tags, "exif_size": True, "orientation": 1, "thumbnail": False}
    for order in "<>":
        name = "exif-little" if order == "<" else "exif-big"
        block = exif_block(order=order, full=True, size=(W, H))
        note = {"maker_note": "intact", "density": [300, 300, "inch"]}
        add(f"{name}.jpg", saved(RGB, "JPEG", exif=b"Exif\0\0" + block, **JPEG), ALL, **holds, **note)
    add("exif.png", png_of(RGB, [(b"eXIf", block)]), ALL, **holds, maker_note="intact")
    add("exif.webp", saved(RGB, "WEBP", lossless=True, exif=block), ALL, **holds, maker_note="intact")
    # The same directories in a TIFF file of its own: strips after the block, tags of the picture added.
    add("exif.tif", exif_block(order="<", full=True, size=(W, H), strip=RGB.tobytes()), ALL, **holds, density=[300, 300, "inch"])
    holds = {**rgb, "no_exif": True, "icc": 0, "xmp": [], "density": None, "options": "--strip"}
    xmp = xmp_packet()
    add("stripped.jpg", saved(RGB, "JPEG", exif=b"Exif\0\0" + block, dpi=(300, 300), xmp=xmp, **JPEG), ("png", "tif", "webp"), **holds)
    add("exif-damaged.jpg", saved(RGB, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", **JPEG), ("png", "tif"), **rgb)


def xmp():
    packet = xmp_packet()
    holds = {**rgb, "xmp": ["A title", 'tiff:ImageWidth="48"', "<exif:PixelYDimension>32<"]}
    add("xmp.jpg", saved(RGB, "JPEG", xmp=packet, **JPEG), ALL, **holds)
    text = b"XML:com.adobe.xmp\0"
    add("xmp.png", png_of(RGB, [(b"iTXt", text + b"\0\0\0\0" + packet)]), ALL, **holds)
    add("xmp-compressed.png", png_of(RGB, [(b"iTXt", text + b"\1\0\0\0" + zlib.compress(packet))]), ALL, **holds)
    add("xmp.webp", saved(RGB, "WEBP", lossless=True, xmp=packet), ALL, **holds)
    add("xmp.tif", tiff(RGB, photometric="rgb", extratags=[(700, 1, len(packet), packet, True)]), ALL, **holds)


def densities():
    every = ("png", "jpg", "tif", "bmp", "webp")
    add("dpi.jpg", saved(RGB, "JPEG", dpi=(300, 300), **JPEG), every, **rgb, density=[300, 300, "inch"])
    cm = bytearray(saved(RGB, "JPEG", dpi=(100, 50), **JPEG))
    cm[13] = 2
    add("per-centimetre.jpg", bytes(cm), every, **rgb, density=[100, 50, "cm"])
    cm[13] = 0
    add("aspect.jpg", bytes(cm), ("png", "jpg"), **rgb, density=[100, 50, "aspect"])
    metre = struct.pack(">IIB", 11811, 5906, 1)
    add("density.png", png_of(RGB, [(b"pHYs", metre)]), every, **rgb, density=[118.11, 59.06, "cm"])
    add("aspect.png", png_of(RGB, [(b"pHYs", struct.pack(">IIB", 2, 1, 0))]), ("png", "jpg"), **rgb, density=[2, 1, "aspect"])
    add("inch.tif", tiff(RGB, photometric="rgb", resolution=(300, 150), resolutionunit=2), every, **rgb, density=[300, 150, "inch"])
    add("cm.tif", tiff(RGB, photometric="rgb", resolution=(118.11, 60), resolutionunit=3), every, **rgb, density=[118.11, 60, "cm"])
    add("density.bmp", saved(RGB, "BMP", dpi=(200, 200)), every, **rgb, density=[78.74, 78.74, "cm"])


def palettes():
    index = quarters([0, 1, 2, 3])
    plte = (b"PLTE", bytes(sum(QUARTERS, [])))
    trns = (b"tRNS", bytes(ALPHAS))
    holds = {"mode": "RGB", "bits": 8, **colours()}
    clear = {"mode": "RGBA", "bits": 8, **colours(WITH_ALPHA)}
    for bits in (2, 4, 8):
        add(f"palette-{bits}.png", png_of(index, [plte], bits, 3), **holds)
        add(f"palette-{bits}-transparent.png", png_of(index, [plte, trns], bits, 3), ("png", "tif", "webp"), **clear)
    two = quarters([0, 1, 1, 0])
    holds_two = {"mode": "RGB", "bits": 8, **colours([QUARTERS[i] for i in (0, 1, 1, 0)])}
    add("palette-1.png", png_of(two, [(b"PLTE", bytes(sum(QUARTERS[:2], [])))], 1, 3), **holds_two)
    image = Image.fromarray(index, "P")
    image.putpalette(sum(QUARTERS, []))
    add("palette.gif", saved(image, "GIF"), **holds)
    gone = [c + [0 if i == 3 else 255] for i, c in enumerate(QUARTERS)]
    holds_gone = {"mode": "RGBA", "bits": 8, "quarters": gone[:3] + [[None, None, None, 0]], "tolerance": 3}
    add("transparent.gif", saved(image, "GIF", transparency=3), **holds_gone)
    other = Image.fromarray(3 - index, "P")
    other.putpalette(sum(QUARTERS, []))
    animated = saved(image, "GIF", save_all=True, append_images=[other], duration=50)
    add("animated.gif", animated, ("tif",), **holds, note="first of several")
    add("grey.gif", saved(GREY, "GIF"), mode="L", bits=8, **colours(GREYS))
    tables = np.zeros((3, 256), np.uint16)
    tables[:, :4] = np.array(QUARTERS).T * 257
    add("palette.tif", tiff(index, photometric="palette", colormap=tables), **holds)
    add("palette.bmp", saved(image, "BMP"), **holds)
    add("palette-4.tif", saved(image, "TIFF"), **holds)


def depths():
    for bits in (1, 2, 4):
        largest = 2**bits - 1
        levels = [0, largest, largest // 2, largest]
        spread = [v * 255 // largest for v in levels]
        add(f"grey-{bits}.png", png_of(quarters(levels), bits=bits), mode="L", bits=8, **colours(spread, 6))
        if bits != 2:
            add(f"grey-{bits}.tif", packed_tiff(quarters(levels), bits), mode="L", bits=8, **colours(spread, 6))
    deep = {"bits": 16}
    grey16, alpha16 = GREY.astype(np.uint16) * 257 + 9, quarters(ALPHAS).astype(np.uint16) * 257
    add("grey-16.png", png_of(grey16, bits=16), ("png", "tif", "pnm"), mode="L", **deep, **colours(GREYS))
    add("rgb-16.png", png_of(DEEP, bits=16), ("png", "tif", "pnm"), mode="RGB", **deep, **colours())
    add("grey-alpha-16.png", png_of(np.dstack([grey16, alpha16]), bits=16), ("png", "tif", "pam"), mode="LA", **deep, **colours(GREY_ALPHA))
    add("rgba-16.png", png_of(np.dstack([DEEP, alpha16]), bits=16), ("png", "tif", "pam"), mode="RGBA", **deep, **colours(WITH_ALPHA))
    key = [c + [0 if i == 0 else 255] for i, c in enumerate(QUARTERS)]
    key[0] = [None, None, None, 0]
    trns = struct.pack(">HHH", *[int(v) for v in DEEP[0, 0]])
    add("rgb-16-key.png", png_of(DEEP, [(b"tRNS", trns)], 16), mode="RGBA", **deep, quarters=key, tolerance=4)
    trns = struct.pack(">H", int(grey16[0, 0]))
    grey_key = [[None, 0]] + [[g, 255] for g in GREYS[1:]]
    add("grey-16-key.png", png_of(grey16, [(b"tRNS", trns)], 16), mode="LA", **deep, quarters=grey_key, tolerance=4)
    trns = struct.pack(">H", GREYS[0])
    add("grey-8-key.png", png_of(GREY, [(b"tRNS", trns)]), mode="LA", bits=8, quarters=grey_key, tolerance=4)
    add("grey-alpha.png", png_of(LA), ("png", "tif"), mode="LA", bits=8, **colours(GREY_ALPHA))
    add("to-16.png", png_of(RGB), mode="RGB", bits=16, options="--depth 16", **colours())
    add("to-8.png", png_of(DEEP, bits=16), mode="RGB", bits=8, options="--depth 8", **colours())


def packed_tiff(array, bits):
    """Grey of a few bits, uncompressed, by hand."""
    rows = b""
    for row in array:
        digits = "".join(format(int(v), f"0{bits}b") for v in row)
        rows += bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8))
    tags = [(256, 3, W), (257, 3, H), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, H), (279, 4, len(rows))]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(rows)) + rows + directory


def tiffs():
    holds = {"mode": "RGB", "bits": 8, **colours()}
    for name, options in {
        "deflate": {"compression": "zlib"},
        "tiled": {"tile": (16, 16)},
        "big-endian": {"byteorder": ">"},
        "planar": {"planarconfig": "separate"},
        "bigtiff": {"bigtiff": True},
    }.items():
        array = RGB.transpose(2, 0, 1) if name == "planar" else RGB
        add(f"{name}.tif", tiff(np.ascontiguousarray(array), photometric="rgb", **options), **holds)
    add("lzw.tif", saved(RGB, "TIFF", compression="tiff_lzw"), **holds)
    add("jpeg.tif", saved(RGB, "TIFF", compression="jpeg", quality=95), **{**holds, "tolerance": 8})
    add("rgb-16.tif", tiff(DEEP, photometric="rgb"), mode="RGB", bits=16, **colours())
    add("white-is-zero.tif", tiff(255 - GREY, photometric="miniswhite"), mode="L", bits=8, **colours(GREYS))
    add("grey-alpha.tif", tiff(LA, photometric="minisblack", extrasamples=["unassalpha"]), mode="LA", bits=8, **colours(GREY_ALPHA))
    add("rgba.tif", tiff(RGBA, photometric="rgb", extrasamples=["unassalpha"]), ("png", "tif", "webp"), mode="RGBA", bits=8, extra=2, **colours(WITH_ALPHA))
    multiplied = RGBA.astype(float)
    multiplied[..., :3] *= multiplied[..., 3:] / 255
    multiplied = multiplied.round().astype(np.uint8)
    add("associated-alpha.tif", tiff(multiplied, photometric="rgb", extrasamples=["assocalpha"]), mode="RGBA", bits=8, extra=2, **colours(WITH_ALPHA, 4))
    multiplied = multiplied.astype(np.uint16) * 257
    add("associated-alpha-16.tif", tiff(multiplied, photometric="rgb", extrasamples=["assocalpha"]), mode="RGBA", bits=16, extra=2, **colours(WITH_ALPHA, 4))
    add("unspecified-extra.tif", tiff(RGBA, photometric="rgb", extrasamples=["unspecified"]), mode="RGB", bits=8, **colours())
    float_rgb = (RGB / 255).astype(np.float32)
    floats = {"mode": "RGB", "bits": 32, **colours()}
    add("float.tif", tiff(float_rgb, photometric="rgb"), ("png", "jpg", "tif"), **floats)
    for name, options in {
        "float-big-endian": {"byteorder": ">"},
        "float-tiled": {"tile": (16, 16), "compression": "zlib", "predictor": 3},
        "float-planar": {"planarconfig": "separate"},
    }.items():
        array = np.moveaxis(float_rgb, 2, 0) if "planarconfig" in options else float_rgb
        add(f"{name}.tif", tiff(np.ascontiguousarray(array), photometric="rgb", **options), **floats)
    grey = (GREY / 255).astype(np.float32)
    add("float-grey.tif", tiff(grey, photometric="minisblack"), mode="L", bits=32, **colours(GREYS))
    alpha = (RGBA / 255).astype(np.float32)
    add("float-alpha.tif", tiff(alpha, photometric="rgb", extrasamples=["unassalpha"]), mode="RGBA", bits=32, extra=2, **colours(WITH_ALPHA))
    alpha[..., :3] *= alpha[..., 3:]
    add("float-associated.tif", tiff(alpha, photometric="rgb", extrasamples=["assocalpha"]), mode="RGBA", bits=32, extra=2, **colours(WITH_ALPHA, 4))
    beyond = float_rgb.copy()
    beyond[:, W // 2 :] += 2
    add("float-beyond.tif", tiff(beyond, photometric="rgb"), mode="RGB", bits=32, highest=2 + max(c for q in QUARTERS[1::2] for c in q) / 255)
    extra = {"photometric": "rgb", "extrasamples": ["unspecified"]}
    for name, array in {"8": RGBA, "16": RGBA.astype(np.uint16) * 257, "float": (RGBA / 255).astype(np.float32)}.items():
        predictor = 3 if name == "float" else 2
        bits = 32 if name == "float" else int(name)
        options = {"compression": "zlib", "predictor": predictor, **extra}
        add(f"predicted-extra-{name}.tif", tiff(array, **options), mode="RGB", bits=bits, **colours())
        add(f"predicted-extra-{name}-tiled.tif", tiff(array, tile=(16, 16), **options), mode="RGB", bits=bits, **colours())
    add("half.tif", tiff(float_rgb.astype(np.float16), photometric="rgb"), **floats)
    add("double.tif", tiff(float_rgb.astype(np.float64), photometric="rgb"), **floats)
    add("grey-32.tif", tiff(GREY.astype(np.uint32) * 0x01010101, photometric="minisblack"), mode="L", bits=16, **colours(GREYS))
    add("pages.tif", tiff(np.stack([RGB, 255 - RGB]), photometric="rgb"), note="first of several", **holds)
    ink = np.dstack([255 - RGB, np.zeros_like(GREY)])
    add("cmyk.tif", tiff(ink, photometric="separated"), note="CMYK becomes RGB", icc=0, **holds)


def cmyk():
    ink = np.dstack([255 - RGB, quarters([0, 0, 0, 0])])
    image = Image.fromarray(ink, "CMYK")
    holds = {"mode": "RGB", "bits": 8, "icc": 0}
    add("cmyk.jpg", saved(image, "JPEG", quality=95), **holds, **colours(tolerance=8), note="CMYK becomes RGB without")
    # YCCK: luma and chroma of the amounts of ink, and the complement of black. Pillow stores complements of what it is
    # given, and says that it is CMYK; the last byte of Adobe's segment makes it YCCK.
    ycc = np.asarray(Image.fromarray(255 - RGB).convert("YCbCr"))
    stored = np.dstack([ycc, np.full_like(GREY, 255)])
    file = bytearray(saved(Image.fromarray(255 - stored, "CMYK"), "JPEG", quality=98))
    file[file.index(b"Adobe") + 11] = 2
    add("ycck.jpg", bytes(file), **holds, **colours(tolerance=8), note="CMYK becomes RGB without")
    progressive = saved(image, "JPEG", quality=95, progressive=True)
    add("cmyk-progressive.jpg", progressive, **holds, **colours(tolerance=8), note="CMYK becomes RGB without")
    profile, looks = cmyk_profile()
    # Pure inks, whose look the profile states.
    pure = Image.fromarray(quarters([[255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 255]]), "CMYK")
    add("cmyk-profile.jpg", saved(pure, "JPEG", quality=98, icc_profile=profile), **holds, **colours(looks, 12), note="by the file's profile")
    add("cmyk-profile.tif", tiff(np.asarray(pure), photometric="separated", iccprofile=profile), **holds, **colours(looks, 8), note="by the file's profile")


def others():
    holds = {**rgb, **colours(tolerance=6)}
    add("progressive.jpg", saved(RGB, "JPEG", progressive=True, **JPEG), **holds)
    add("subsampled.jpg", saved(quarters(QUARTERS, size=(32, 32)), "JPEG", quality=95, subsampling=2), mode="RGB", bits=8, **colours(tolerance=8))
    add("grey.jpg", saved(GREY, "JPEG", quality=95), ("jpg", "png", "tif"), mode="L", bits=8, **colours(GREYS, 6))
    add("after-the-end.jpg", saved(RGB, "JPEG", **JPEG) + b"something after the end", **holds)
    holds = {**rgb, **colours()}
    add("interlaced.png", png_of(RGB, interlaced=True), **holds)
    add("a-png-named.jpg", png_of(RGB), ("jpg", "png"), **{**holds, "tolerance": 6})
    add("animated.png", apng(), ("tif",), **holds, note="first of several")
    add("lossy.webp", saved(RGB, "WEBP", quality=95), ("png", "webp"), mode="RGB", bits=8, **colours(tolerance=12))
    add("transparent.webp", saved(RGBA, "WEBP", lossless=True, exact=True), ("png", "webp", "tif"), mode="RGBA", bits=8, **colours(WITH_ALPHA))
    frames = Image.fromarray(RGB), Image.fromarray(255 - RGB)
    add("animated.webp", saved(frames[0], "WEBP", lossless=True, save_all=True, append_images=[frames[1]]), ("tif",), **holds, note="first of several")
    add("bitmap.bmp", saved(RGB, "BMP"), ("bmp", "png"), **holds)
    add("rgb.ppm", b"P6 24 16 255\n" + RGB.tobytes(), ("ppm", "png"), **holds)
    add("rgb-16.ppm", b"P6 24 16 65535\n" + DEEP.astype(">u2").tobytes(), ("ppm", "png"), mode="RGB", bits=16, **colours())
    add("grey.pgm", b"P5 24 16 255\n" + GREY.tobytes(), ("pgm", "png"), mode="L", bits=8, **colours(GREYS))
    fifteen = [v * 15 // 255 for v in GREYS]
    add("grey-of-15.pgm", b"P5 24 16 15\n" + quarters(fifteen).tobytes(), mode="L", bits=8, **colours([v * 17 for v in fifteen]))
    bits = quarters([0, 1, 1, 0])
    plain = "P1\n# a comment\n24 16\n" + "\n".join(" ".join(map(str, row)) for row in bits) + "\n"
    add("plain.pbm", plain.encode(), ("png", "pgm"), mode="L", bits=8, **colours([255, 0, 0, 255], 6))
    add("raw.pbm", b"P4 24 16\n" + np.packbits(bits, axis=1).tobytes(), ("png", "pgm"), mode="L", bits=8, **colours([255, 0, 0, 255], 6))
    header = "P7\nWIDTH 24\nHEIGHT 16\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    add("rgba.pam", header.encode() + RGBA.tobytes(), ("pam", "png", "qoi"), mode="RGBA", bits=8, **colours(WITH_ALPHA))
    add("rgb.qoi", qoi(RGB), ("qoi", "png"), **holds)
    add("rgba.qoi", qoi(RGBA), ("qoi", "png"), mode="RGBA", bits=8, **colours(WITH_ALPHA))


def jpeg_xl():
    """Written by pillow-jxl-plugin 1.3.8 (libjxl)."""
    import pillow_jxl  # noqa: F401

    holds = {**rgb, **colours(), "exif": {"Make": "Maker"}, "exif_size": True}
    # The box begins with where the block begins in it.
    exif = bytes(4) + exif_block(orientation=1)
    add("rgb.jxl", saved(RGB, "JXL", lossless=True, exif=exif), ("png", "jpg", "tif"), **holds)
    add("float.jxl", imagecodecs.jpegxl_encode((RGB / 255).astype(np.float32), lossless=True), mode="RGB", bits=32, **colours())
    add("rgba.jxl", saved(RGBA, "JXL", lossless=True), ("png", "tif"), mode="RGBA", bits=8, **colours(WITH_ALPHA))
    add("grey.jxl", saved(GREY, "JXL", lossless=True), ("png", "tif"), mode="L", bits=8, **colours(GREYS))
    add("lossy.jxl", saved(quarters(QUARTERS, size=(64, 64)), "JXL", quality=90), mode="RGB", bits=8, **colours(tolerance=12))
    whole = saved(RGB, "JXL", lossless=True)
    add("cut.jxl", whole[: len(whole) * 2 // 3], ("png",), refused=True)


def avif():
    """Written by Pillow (libavif 1.4.2, aom); what has more than 8 bits by imagecodecs 2026.3.6."""
    import imagecodecs

    large, exact = (64, 48), {"subsampling": "4:4:4", "quality": 95}
    exif = exif_block(orientation=1)
    to = ("png", "jpg", "tif")
    add("rgb.avif", saved(RGB, "AVIF", **exact, exif=exif, xmp=xmp_packet()), to, **rgb, **colours(tolerance=4), exif={"Make": "Maker"}, exif_size=True)
    for name, options in {"subsampled": {"subsampling": "4:2:0"}, "half": {"subsampling": "4:2:2"}, "limited": {"range": "limited"}}.items():
        add(f"{name}.avif", saved(quarters(QUARTERS, size=large), "AVIF", quality=95, **options), mode="RGB", bits=8, **colours(tolerance=4))
    add("grey.avif", saved(GREY, "AVIF", quality=95), mode="L", bits=8, **colours(GREYS, 4))
    add("rgba.avif", saved(RGBA, "AVIF", **exact), mode="RGBA", bits=8, **colours(WITH_ALPHA, 4))
    add("multiplied.avif", saved(RGBA, "AVIF", **exact, alpha_premultiplied=True), mode="RGBA", bits=8, **colours(WITH_ALPHA, 6))
    add("p3.avif", saved(RGB, "AVIF", **exact, icc_profile=P3), to, **rgb, icc=zlib.crc32(P3), **colours(tolerance=4))
    for orientation in range(2, 9):
        turned = Image.Exif()
        turned[0x112] = orientation
        upright = Image.open(io.BytesIO(saved(RGB, "PNG", exif=turned)))
        # This takes the orientation out of the block, and has the file say it.
        file = saved(RGB, "AVIF", **exact, exif=turned)
        values = np.asarray(ImageOps.exif_transpose(upright))
        h, w = values.shape[:2]
        middle = [values[h // 4 + h // 2 * (q // 2), w // 4 + w // 2 * (q % 2)].tolist() for q in range(4)]
        add(f"orientation-{orientation}.avif", file, ("png",), mode="RGB", bits=8, size=[2 * w, 2 * h], orientation=1, **colours(middle, 4))
    for bits in (10, 12):
        deep = (RGB.astype(np.uint32) * ((1 << bits) - 1) // 255).astype(np.uint16)
        add(f"deep-{bits}.avif", imagecodecs.avif_encode(deep, level=95, speed=6, bitspersample=bits, codec="aom"), mode="RGB", bits=16, **colours(tolerance=4))
    moving = saved(RGB, "AVIF", save_all=True, append_images=[Image.fromarray(255 - RGB)], **exact)
    add("animated.avif", moving, mode="RGB", bits=8, **colours(tolerance=4), note="first of several")
    whole = saved(RGB, "AVIF", **exact)
    add("cut.avif", whole[: len(whole) * 2 // 3], ("png",), refused=True)


def qoi(array):
    """A QOI file of whole pixels."""
    channels = array.shape[2]
    data = b"".join(bytes([0xFE if channels == 3 else 0xFF, *pixel]) for pixel in array.reshape(-1, channels).tolist())
    return b"qoif" + struct.pack(">IIBB", W, H, channels, 0) + data + bytes(7) + b"\1"


def apng():
    control = lambda n: struct.pack(">IIIIIHHBB", n, W, H, 0, 0, 1, 10, 0, 0)
    file = png_of(RGB, [(b"acTL", struct.pack(">II", 2, 0)), (b"fcTL", control(0))])
    second = zlib.compress(b"".join(b"\0" + row.tobytes() for row in 255 - RGB), 9)
    frame = chunk(b"fcTL", control(1)) + chunk(b"fdAT", struct.pack(">I", 2) + second)
    return file[:-12] + frame + file[-12:]


def animations():
    """The quarters are those of each frame, as Pillow shows it."""
    for name, file, plays in animated_files():
        # Pillow does not read interlaced frames; they are those of another file.
        twin = file_of("offsets.png") if "interlaced" in name else file
        holds = {"size": [2 * W, 2 * H], "plays": plays, **shown(twin)}
        note = {"note": "16 bits become 8"} if "deep" in name else {}
        add(name, file, ("png", "webp", "gif"), **holds, **note, tolerance=6 if "webp" in name else 3)
    add("animated-cut.gif", file_of("disposal.gif")[:-40], ("gif",), refused=True)
    add("animated-cut.webp", file_of("offsets.webp")[:-40], ("webp",), refused=True)
    add("animated-cut.png", file_of("offsets.png")[:-40], ("png",), refused=True)


def file_of(name):
    return (out / name).read_bytes()


def refused():
    only = {"refused": True}
    add("bomb.png", png_of(RGB).replace(struct.pack(">II", W, H), struct.pack(">II", 60000, 60000), 1), ("png",), **only)
    large = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 16, 6, 0, 0, 0))
    add("bomb-checked.png", b"\x89PNG\r\n\x1a\n" + large + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""), ("png",), **only)
    gif = bytearray(saved(Image.fromarray(GREY), "GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    add("bomb.gif", bytes(gif), ("png",), **only)
    tags = [(256, 4, 65535), (257, 4, 65535), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, 65535), (279, 4, 9)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in tags) + bytes(4)
    missing = (RGB / 255).astype(np.float32)
    missing[3, 5, 1] = np.nan
    add("not-a-number.tif", tiff(missing, photometric="rgb"), ("png", "tif"), **only, note="not finite")
    add("bomb.tif", b"II*\0" + struct.pack("<I", 8) + directory, ("png",), **only)
    add("bomb.ppm", b"P6 60000 60000 255\n" + bytes(100), ("png",), **only)
    add("bomb.qoi", b"qoif" + struct.pack(">IIBB", 60000, 60000, 4, 0) + bytes([0xFD] * 9) + bytes(7) + b"\1", ("png",), **only)
    for name, whole in {
        "jpg": saved(RGB, "JPEG", **JPEG),
        "png": png_of(RGB),
        "gif": saved(GREY, "GIF"),
        "webp": saved(RGB, "WEBP", lossless=True),
        "tif": tiff(RGB, photometric="rgb"),
        "qoi": qoi(RGB),
    }.items():
        add(f"cut.{name}", whole[: len(whole) * 2 // 3], ("png",), **only)
    add("empty.png", b"", ("png",), **only)
    add("text.png", b"no picture at all", ("png",), **only)


out.mkdir(parents=True, exist_ok=True)
for old in out.iterdir():
    old.unlink()
for part in (orientations, profiles, exif, xmp, densities, palettes, depths, tiffs, cmyk, others, jpeg_xl, avif, animations, refused):
    part()
(out / "traits.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
print(len(lines), "pictures,", sum(f.stat().st_size for f in out.iterdir()), "bytes")
