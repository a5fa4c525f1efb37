"""Headers that promise a large picture, with few bytes behind them."""

import struct
import zlib

from bombs import png
from bombs.bomb import EITHER, REFUSED, Bomb

# A side of a picture of fewer pixels than are allowed, but of more bytes than are there.
SIDE = 30_000


def pnm(kind: str, side: int = SIDE, most: str = "255\n") -> bytes:
    return f"{kind}\n{side} {side}\n{most}".encode() + bytes(1000)


def pam(depth: int, most: int) -> bytes:
    head = f"P7\nWIDTH {SIDE}\nHEIGHT {SIDE}\nDEPTH {depth}\nMAXVAL {most}\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    return head.encode() + bytes(1000)


def qoi(width: int, height: int) -> bytes:
    return b"qoif" + struct.pack(">IIBB", width, height, 4, 0) + b"\xfd" * 1000 + bytes(7) + b"\1"


def bmp(width: int, height: int, bits: int) -> bytes:
    data = bytes(1000)
    return struct.pack("<2sIHHI IiiHHIIiiII", b"BM", 54 + len(data), 0, 0, 54, 40, width, height, 1, bits, *[0] * 6) + data


def interlaced(side: int, data: bytes, bits: int = 8, color: int = png.RGB) -> bytes:
    return png.file(png.header(side, side, bits, color, True), (b"IDAT", data), png.END)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def lossless(side: int) -> bytes:
    return riff((b"VP8L", b"\x2f" + struct.pack("<I", (side - 1) | (side - 1) << 14) + bytes(1000)))


def lossy(side: int) -> bytes:
    # A key frame that is shown; the first part has 16 bytes.
    return riff((b"VP8 ", struct.pack("<I", 16 << 5 | 1 << 4)[:3] + b"\x9d\1\x2a" + struct.pack("<HH", side, side) + bytes(1000)))


def promised(kind: bytes, flag: int, size: int, first: bool) -> bytes:
    """An extended file whose chunk of metadata is said to be far longer than the file."""
    extended = b"VP8X" + struct.pack("<II", 10, flag) + struct.pack("<I", 23)[:3] + struct.pack("<I", 15)[:3]
    picture = riff((b"VP8L", bytes.fromhex("2f17c003000710 1111111008".replace(" ", "")) + bytes(7)))[12:]
    chunk = kind + struct.pack("<I", size) + bytes(40)
    parts = [extended, chunk, picture] if first else [extended, picture, chunk]
    return b"RIFF" + struct.pack("<I", 0xFFFFFFF0) + b"WEBP" + b"".join(parts)


BOMBS = [
    Bomb("pnm-p4.pbm", lambda: pnm("P4", most=""), REFUSED, "too early"),
    Bomb("pnm-p5.pgm", lambda: pnm("P5"), REFUSED, "too early"),
    Bomb("pnm-p6.ppm", lambda: pnm("P6"), REFUSED, "too early"),
    Bomb("pnm-p6-16.ppm", lambda: pnm("P6", most="65535\n"), REFUSED),
    Bomb("pnm-p3.ppm", lambda: pnm("P3"), REFUSED),
    Bomb("pnm-p1.pbm", lambda: pnm("P1", most=""), REFUSED),
    Bomb("pnm-4g.pgm", lambda: pnm("P5", 4_000_000_000), REFUSED, "--max-pixels"),
    Bomb("pam.pam", lambda: pam(4, 65535), REFUSED),
    Bomb("pam-depth.pam", lambda: pam(4_000_000_000, 255), REFUSED),
    Bomb("qoi-900m.qoi", lambda: qoi(SIDE, SIDE), REFUSED),
    Bomb("qoi-100m.qoi", lambda: qoi(10_000, 10_000), REFUSED),
    Bomb("qoi-4g.qoi", lambda: qoi(0xFFFFFFFF, 0xFFFFFFFF), REFUSED),
    Bomb("bmp-24.bmp", lambda: bmp(SIDE, SIDE, 24), REFUSED),
    Bomb("bmp-32-down.bmp", lambda: bmp(20_000, -20_000, 32), REFUSED),
    Bomb("bmp-1.bmp", lambda: bmp(SIDE, SIDE, 1), REFUSED),
    Bomb("bmp-2g.bmp", lambda: bmp(0x7FFFFFFF, 0x7FFFFFFF, 8), REFUSED),
    Bomb("png-interlaced.png", lambda: interlaced(SIDE, zlib.compress(b"\0" * 1000)), REFUSED, "--max-memory"),
    Bomb("png-interlaced-grey.png", lambda: interlaced(20_000, zlib.compress(bytes(1000)), 8, png.GREY), REFUSED, "enough data"),
    Bomb("png-1-bit.png", lambda: interlaced(SIDE, zlib.compress(bytes(1000)), 1, png.GREY), REFUSED),
    Bomb("png-row-1g.png", lambda: png.file(png.header(1 << 30, 1), (b"IDAT", zlib.compress(bytes(1000))), png.END), REFUSED),
    Bomb("png-2g.png", lambda: png.file(png.header(0x7FFFFFFF, 0x7FFFFFFF), (b"IDAT", b""), png.END), REFUSED, "--max-pixels"),
    Bomb("webp-lossless.webp", lambda: lossless(16_384), REFUSED),
    Bomb("webp-profile-4g.webp", lambda: promised(b"ICCP", 0x20, 0xFFFFFF00, True), EITHER),
    Bomb("webp-exif-4g.webp", lambda: promised(b"EXIF", 0x08, 0xFFFFFF00, False), EITHER),
    Bomb("webp-xmp-2g.webp", lambda: promised(b"XMP ", 0x04, 0x7FFFFF00, False), EITHER),
    Bomb("webp-lossy.webp", lambda: lossy(16_383), REFUSED),
]
