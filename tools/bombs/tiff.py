"""TIFF files (TIFF 6.0) of strips, tags and directories that ask for too much."""

import struct

from bombs import jpeg, png
from bombs.bomb import EITHER, READ, REFUSED, Bomb

SHORT, LONG, UNDEFINED = 3, 4, 7
# Tags.
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_LENGTHS = 273, 277, 278, 279
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_LENGTHS = 322, 323, 324, 325
SUB_DIRECTORIES, JPEG_TABLES, PROFILE, EXIF = 330, 347, 34675, 34665
# Kinds of compression and of colors.
NONE, GROUP_4, JPEG, DEFLATE = 1, 4, 7, 8
BLACK_IS_ZERO, FILTER_ARRAY = 1, 32803


class File:
    """A file that begins with data; the directory comes last."""

    def __init__(self, data: bytes = b"") -> None:
        self.bytes = bytearray(b"II*\0\0\0\0\0" + data)
        self.entries: dict[int, tuple[int, int, bytes]] = {}

    def set(self, tag: int, values: list[int], kind: int = LONG, count: int | None = None) -> "File":
        data = b"".join(struct.pack("<H" if kind == SHORT else "<I", value) for value in values)
        return self.set_bytes(tag, data, kind, len(values) if count is None else count)

    def set_bytes(self, tag: int, data: bytes, kind: int, count: int) -> "File":
        if len(data) > 4:
            self.bytes += b"\0" * (-len(self.bytes) % 4)
            at = len(self.bytes)
            self.bytes += data
            data = struct.pack("<I", at)
        self.entries[tag] = kind, count, data.ljust(4, b"\0")
        return self

    def end(self, following: int | None = None) -> bytes:
        """The file; its directory is followed by another, or by itself if that is negative."""
        self.bytes += b"\0" * (-len(self.bytes) % 4)
        at = len(self.bytes)
        self.bytes[4:8] = struct.pack("<I", at)
        self.bytes += struct.pack("<H", len(self.entries))
        for tag, (kind, count, data) in sorted(self.entries.items()):
            self.bytes += struct.pack("<HHI", tag, kind, count) + data
        self.bytes += struct.pack("<I", at if following is not None and following < 0 else following or 0)
        return bytes(self.bytes)


def grey(width: int, height: int, data: bytes, rows: int, compression: int = NONE) -> File:
    """A grey picture of 8 bits whose strips all lie at the same place."""
    count = -(-height // rows)
    file = File(data).set(WIDTH, [width]).set(HEIGHT, [height]).set(BITS, [8], SHORT).set(COMPRESSION, [compression], SHORT)
    file.set(PHOTOMETRIC, [BLACK_IS_ZERO], SHORT).set(SAMPLES, [1], SHORT).set(ROWS_PER_STRIP, [rows])
    return file.set(STRIP_OFFSETS, [8] * count).set(STRIP_LENGTHS, [len(data)] * count)


def tiles(width: int, height: int, data: bytes, side: int, compression: int) -> File:
    file = grey(width, height, data, height, compression)
    for tag in (STRIP_OFFSETS, STRIP_LENGTHS, ROWS_PER_STRIP):
        del file.entries[tag]
    count = -(-width // side) * -(-height // side)
    file.set(TILE_WIDTH, [side]).set(TILE_HEIGHT, [side])
    return file.set(TILE_OFFSETS, [8] * count).set(TILE_LENGTHS, [len(data)] * count)


def small() -> File:
    return grey(24, 16, bytes(range(0, 192)) * 2, 16)


def strips_of_scans(strips: int, scans: int) -> bytes:
    stream = jpeg.scans(2048, 512, 1, scans)
    return grey(2048, 512 * strips, stream, 512, JPEG).end()


def tables_of_scans(strips: int, scans: int) -> bytes:
    """The picture is in the tables that all strips share."""
    stream = jpeg.scans(2048, 512, 1, scans)
    file = grey(2048, 512 * strips, jpeg.START + jpeg.END, 512, JPEG)
    return file.set_bytes(JPEG_TABLES, stream, UNDEFINED, len(stream)).end()


def large_strip() -> bytes:
    return grey(2048, 512, jpeg.flat(30_000, 30_000, 1, kept=3000), 512, JPEG).end()


def many_tags() -> bytes:
    file = small()
    for tag in range(40_000, 65_000):
        file.entries[tag] = UNDEFINED, 0xFFFFFFFF, struct.pack("<I", 8)
    return file.end()


def sub_directories() -> bytes:
    return small().set(SUB_DIRECTORIES, [8] * 1_000_000).end()


def exif_of_itself() -> bytes:
    file = small()
    file.entries[EXIF] = LONG, 1, bytes(4)
    whole = file.end()
    at = struct.unpack("<I", whole[4:8])[0]
    file = small()
    file.entries[EXIF] = LONG, 1, struct.pack("<I", at)
    return file.end()


BOMBS = [
    Bomb("tiff-small.tif", lambda: small().end(), READ),
    Bomb("tiff-jpeg-strips.tif", lambda: strips_of_scans(200, 99), REFUSED, "--any-work"),
    Bomb("tiff-jpeg-tables.tif", lambda: tables_of_scans(200, 99), REFUSED),
    Bomb("tiff-jpeg-large-strip.tif", large_strip, REFUSED, "too early"),
    Bomb("tiff-jpeg-tiles.tif", lambda: tiles(8192, 65_536, jpeg.scans(16, 16, 1, 90), 16, JPEG).end(), REFUSED),
    Bomb("tiff-many-strips.tif", lambda: grey(8, 65_000, bytes(8), 1).end(), READ),
    Bomb("tiff-many-tiles.tif", lambda: tiles(1000, 1000, png.zeros(0, bytes(256)), 16, DEFLATE).end(), EITHER),
    Bomb("tiff-profile-4g.tif", lambda: small().set(PROFILE, [8], UNDEFINED, 0xFFFFFFFF).end(), READ, "profile"),
    Bomb("tiff-profile-1g.tif", lambda: small().set(PROFILE, [8], UNDEFINED, 1 << 30).end(), READ, "profile"),
    Bomb("tiff-strips-4g.tif", lambda: small().set(STRIP_OFFSETS, [8], LONG, 0xFFFFFFFF).end(), REFUSED),
    Bomb("tiff-bits-4g.tif", lambda: small().set(BITS, [8], SHORT, 0xFFFFFFFF).end(), REFUSED),
    Bomb("tiff-tags.tif", many_tags, EITHER),
    Bomb("tiff-loop.tif", lambda: small().end(-1), EITHER),
    Bomb("tiff-exif-loop.tif", exif_of_itself, READ),
    Bomb("tiff-sub-directories.tif", sub_directories, READ),
    Bomb("tiff-tile-4g.tif", lambda: tiles(24, 16, bytes(384), 1 << 31, NONE).end(), REFUSED),
    Bomb("tiff-pixels.tif", lambda: grey(30_000, 30_000, b"\0", 30_000).end(), REFUSED),
    Bomb("tiff-deflate-strip.tif", lambda: grey(20_000, 20_000, png.zeros(400 << 20), 20_000, DEFLATE).end(), EITHER),
    Bomb("tiff-group-4.tif", lambda: grey(30_000, 30_000, b"\0\1\0\1", 30_000, GROUP_4).set(BITS, [1], SHORT).end(), EITHER),
    Bomb("tiff-filter-array.tif", lambda: small().set(PHOTOMETRIC, [FILTER_ARRAY], SHORT).end(), REFUSED, "filter array"),
]
