"""Metadata that are compressed, or many, or large."""

import struct

from bombs import png
from bombs.bomb import EITHER, READ, Bomb

XMP = b"XML:com.adobe.xmp"


def profile(size: int) -> tuple[bytes, bytes]:
    """An ICC profile for RGB of zeros."""
    head = struct.pack(">I", size) + bytes(12) + b"RGB XYZ " + bytes(12) + b"acsp"
    return b"iCCP", b"p\0\0" + png.zeros(size, head)


def compressed_text(size: int, keyword: bytes) -> tuple[bytes, bytes]:
    return b"zTXt", keyword + b"\0\0" + png.zeros(size)


def international_text(size: int, keyword: bytes = XMP) -> tuple[bytes, bytes]:
    return b"iTXt", keyword + b"\0\1\0\0\0" + png.zeros(size)


def small_profiles(count: int) -> bytes:
    return png.picture(24, 16, *[profile(1 << 20)] * count)


BOMBS = [
    Bomb("png-iccp-1g.png", lambda: png.picture(24, 16, profile(1 << 30)), READ, "profile"),
    Bomb("png-iccp-2g.png", lambda: png.picture(24, 16, profile((2 << 30) - (1 << 20))), READ, "profile"),
    Bomb("png-iccp-many.png", lambda: small_profiles(3000), EITHER),
    Bomb("png-itxt-1g.png", lambda: png.picture(24, 16, international_text(1 << 30)), READ),
    Bomb("png-itxt-many.png", lambda: png.picture(24, 16, *[international_text(1 << 26)] * 64), READ),
    Bomb("png-ztxt-1g.png", lambda: png.picture(24, 16, compressed_text(1 << 30, b"Comment")), READ),
    Bomb("png-exif-64m.png", lambda: png.picture(24, 16, (b"eXIf", b"II*\0" + bytes(64 << 20))), READ),
]
