"""Still pictures whose pixels cost the file nothing, or next to nothing."""

import struct

from bombs import gif, webp
from bombs.bomb import EITHER, REFUSED, Bomb

WORK, MEMORY, PIXELS = "--any-work", "--max-memory", "--max-pixels"


def gif_still(width: int, height: int, part: tuple[int, int] = (1, 1), interlaced: bool = False) -> bytes:
    return gif.screen(width, height) + gif.image(0, 0, *part, interlaced=interlaced) + gif.END


def bmp_runs(width: int, height: int, data: bytes = b"", bits: int = 8) -> bytes:
    """A bitmap in runs (RLE8, RLE4), whose end comes at once unless there are `data`."""
    colors, compression = 1 << bits, {8: 1, 4: 2}[bits]
    table = b"".join(bytes([i * 7 % 256, i * 3 % 256, i % 256, 0]) for i in range(colors))
    at, data = 14 + 40 + len(table), data + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, colors, 0)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + head + table + data


BOMBS = [
    Bomb("gif-43-bytes.gif", lambda: gif_still(22_000, 22_000), REFUSED),
    Bomb("gif-screen.gif", lambda: gif_still(15_000, 15_000), REFUSED, WORK),
    Bomb("gif-screen-65535.gif", lambda: gif_still(65_535, 65_535), REFUSED, PIXELS),
    Bomb("gif-wide.gif", lambda: gif_still(65_535, 500, (65_535, 1)), REFUSED, WORK),
    Bomb("gif-lzw.gif", lambda: gif_still(20_000, 20_000, (20_000, 20_000)), REFUSED, MEMORY),
    Bomb("gif-lzw-interlaced.gif", lambda: gif_still(20_000, 20_000, (20_000, 20_000), True), REFUSED, MEMORY),
    Bomb("gif-lzw-beside.gif", lambda: gif_still(8, 8, (16_000, 16_000)), EITHER),
    Bomb("bmp-runs.bmp", lambda: bmp_runs(23_000, 23_000), REFUSED),
    Bomb("bmp-runs-3k.bmp", lambda: bmp_runs(16_000, 16_000, b"\xff\1" * 1000), REFUSED, WORK),
    Bomb("bmp-runs-4.bmp", lambda: bmp_runs(30_000, 8000, bits=4), REFUSED, WORK),
    Bomb("bmp-skips.bmp", lambda: bmp_runs(6000, 5000, b"\0\2\xff\xff" * 700), REFUSED, WORK),
    Bomb("webp-flat.webp", lambda: webp.file(webp.flat(16_383, 16_383)), REFUSED),
    Bomb("webp-flat-small.webp", lambda: webp.file(webp.flat(9000, 9000)), REFUSED, WORK),
    Bomb("webp-still-canvas.webp", lambda: webp.file(webp.extended(1 << 14, 1 << 14, 0), webp.flat(16, 16)), REFUSED),
]
