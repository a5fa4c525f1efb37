"""Writes tiff/: small TIFF files of kinds of compression that few programs write, and the pictures of those with loss.

Made with libtiff 4.5.0 (`tiffcp`, `tiff2rgba`) and Pillow 13.0.0 with libtiff 4.7.2 and libjpeg-turbo 3.1; old-style JPEG, which
neither writes, is put together here from Pillow's JPEG. The pictures without loss are formulas, which the tests state, too.
"""

import io
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

W, H = 37, 29
y, x = np.mgrid[:H, :W]
BLACK = (x * x // 3 + 5 * y + x * y // 7) % 11 < 4
GREY = (3 * x + 5 * y).astype(np.uint8)

out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "crates/srcnn-fixtures/tiff")
out.mkdir(exist_ok=True)


def tiffcp(name, source, *options):
    subprocess.run(["tiffcp", *options, source, out / f"{name}.tif"], check=True)


def entries(kinds, file):
    """Appends a directory of `kinds`: tag, kind, numbers; and sets its place."""
    fields = b""
    for tag, kind, numbers in sorted(kinds):
        value = struct.pack("<" + {3: "H", 4: "I"}[kind] * len(numbers), *numbers)
        if len(value) > 4:
            file += bytes(len(file) % 2)
            value, place = struct.pack("<I", len(file)), value
            file += place
        fields += struct.pack("<HHI", tag, kind, len(numbers)) + value.ljust(4, b"\0")
    file += bytes(len(file) % 2)
    file[4:8] = struct.pack("<I", len(file))
    file += struct.pack("<H", len(kinds)) + fields + bytes(4)


def segments(jpeg):
    """Tables of a JPEG file by their numbers: quantisation, Huffman of DC, of AC; and where its scan begins."""
    at, tables = 2, {0xDB: {}, 0: {}, 1: {}}
    while True:
        code, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        data = jpeg[at + 4 : at + 2 + length]
        while code in (0xDB, 0xC4) and data:
            size = 64 if code == 0xDB else 16 + sum(data[1:17])
            tables[0xDB if code == 0xDB else data[0] >> 4][data[0] & 15] = data[1 : 1 + size]
            data = data[1 + size :]
        at += 2 + length
        if code == 0xDA:
            return tables, at


def old_jpeg(name, rgb, strip_rows, whole):
    def jpeg(part):
        file = io.BytesIO()
        Image.fromarray(part).save(file, "JPEG", quality=90, subsampling=0)
        return file.getvalue()

    file = bytearray(b"II*\0\0\0\0\0")
    kinds = [(256, 4, [W]), (257, 4, [H]), (258, 3, [8] * 3), (259, 3, [6]), (262, 3, [6]), (277, 3, [3])]
    kinds += [(278, 4, [strip_rows]), (284, 3, [1]), (512, 3, [1]), (530, 3, [1, 1])]
    if whole:
        data = jpeg(rgb)
        _, scan = segments(data)
        kinds += [(273, 4, [8 + scan]), (279, 4, [len(data) - scan]), (513, 4, [8]), (514, 4, [len(data)])]
        file += data
    else:
        places, lengths = [], []
        for top in range(0, H, strip_rows):
            data = jpeg(rgb[top : top + strip_rows])
            tables, scan = segments(data)
            places.append(len(file))
            # Without the mark at the end.
            file += data[scan:-2]
            lengths.append(len(file) - places[-1])
        kinds += [(273, 4, places), (279, 4, lengths)]
        for tag, kind in ((519, 0xDB), (520, 0), (521, 1)):
            where = {}
            for number, table in tables[kind].items():
                where[number] = len(file)
                file += table
            kinds.append((tag, 4, [where[0], where[1], where[1]]))
    entries(kinds, file)
    (out / f"{name}.tif").write_bytes(file)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tiff2rgba", out / f"{name}.tif", f"{folder}/rgba.tif"], check=True)
        Image.open(f"{folder}/rgba.tif").convert("RGB").save(out / f"{name}.png", optimize=True)


with tempfile.TemporaryDirectory() as folder:
    bilevel, grey, color, floats, palette = (f"{folder}/{name}.tif" for name in ("b", "g", "c", "f", "p"))
    Image.fromarray(~BLACK).save(bilevel)
    Image.fromarray(GREY).save(grey)
    Image.fromarray(np.dstack([GREY, 255 - GREY, GREY // 2])).save(color)
    Image.fromarray(GREY.astype(np.float32) / 255, "F").save(floats)
    indexed = Image.fromarray(GREY % 16, "P")
    indexed.putpalette([v for i in range(16) for v in (i * 3, 255 - i, i * 16)])
    indexed.save(palette)
    tiffcp("group-3", bilevel, "-c", "g3:1d", "-r", "10")
    tiffcp("group-3-2d", bilevel, "-c", "g3:2d", "-r", "10")
    tiffcp("group-3-filled", bilevel, "-c", "g3:2d:fill", "-r", "50")
    tiffcp("group-3-tiles-reversed", bilevel, "-c", "g3:1d", "-t", "-w", "16", "-l", "16", "-f", "lsb2msb")
    Image.fromarray(~BLACK).save(out / "runs.tif", compression="tiff_ccitt")
    tiffcp("zstandard", grey, "-c", "zstd", "-r", "10")
    tiffcp("zstandard-big-endian", grey, "-c", "zstd:2", "-B", "-8", "-r", "50")
    tiffcp("zstandard-planes", color, "-c", "zstd:2", "-t", "-w", "16", "-l", "16", "-p", "separate")
    tiffcp("zstandard-floats", floats, "-c", "zstd:3", "-r", "10")
    # Without BitsPerSample, whose default is 1.
    tiffcp("bits-in-tiles", bilevel, "-c", "zip", "-t", "-w", "16", "-l", "16")
    tiffcp("palette-in-tiles", palette, "-c", "lzw", "-t", "-w", "16", "-l", "16")

waves = np.stack([128 + 100 * np.sin(x / 9), 128 + 100 * np.cos(y / 7), 128 + 90 * np.sin((x + y) / 11)], -1)
old_jpeg("old-jpeg-whole", waves.astype(np.uint8), H, True)
old_jpeg("old-jpeg-tables", waves.astype(np.uint8), H, False)
old_jpeg("old-jpeg-strips", waves.astype(np.uint8), 8, False)
