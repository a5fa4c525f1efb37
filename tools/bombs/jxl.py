"""JPEG XL files (ISO/IEC 18181) whose boxes, profiles, frames or features ask for too much."""

import struct
from collections.abc import Iterable

from bombs.bomb import READ, REFUSED, Bomb

SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
FILE_TYPE = b"jxl \0\0\0\0jxl "


class Bits:
    """A stream of bits, the lowest first."""

    def __init__(self) -> None:
        self.number, self.count = 0, 0

    def put(self, value: int, count: int) -> "Bits":
        assert 0 <= value < 1 << count
        self.number |= value << self.count
        self.count += count
        return self

    def pad(self) -> "Bits":
        self.count = -(-self.count // 8) * 8
        return self

    def bytes(self) -> bytes:
        return self.number.to_bytes(-(-self.count // 8), "little")


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def container(*boxes: bytes, codestream: bytes) -> bytes:
    return b"".join([SIGNATURE, box(b"ftyp", FILE_TYPE), *boxes, box(b"jxlc", codestream)])


def brotli_zeros(mebibytes: int, window: int = 24) -> bytes:
    """A stream (RFC 7932) of so many zeros in MiB, multiples of 16: each 16 MiB are a literal and one copy at distance 1."""
    bits = Bits()
    if window == 24:
        bits.put(0b1111, 4)
    else:
        # A large window, which is no part of the standard.
        bits.put(0x11, 8).put(window, 6)
    length = 16 << 20
    for _ in range(mebibytes // 16):
        # Not the last block; six nibbles of length; compressed; one type of blocks each; no direct distances.
        bits.put(0, 1).put(2, 2).put(length - 1, 24).put(0, 1).put(0, 3).put(0, 6)
        # One context mode, one tree of literals and one of distances.
        bits.put(0, 2).put(0, 2)
        # Codes of a single symbol each: the literal 0; one literal, then a copy of 2118 and more; the distance 1 or 2.
        for symbol, width in [(0, 8), (384 + (1 << 3) + 7, 10), (16, 6)]:
            bits.put(1, 2).put(0, 2).put(symbol, width)
        # The copy's length, and the distance.
        bits.put(length - 1 - 2118, 24).put(0, 1)
    return bits.put(3, 2).bytes()


def number(bits: Bits, value: int) -> Bits:
    """A number of 64 bits (B.2.3) below 2^20."""
    if value == 0:
        return bits.put(0, 2)
    if value <= 16:
        return bits.put(1, 2).put(value - 1, 4)
    bits.put(3, 2).put(value & 0xFFF, 12).put(1, 1).put(value >> 12 & 0xFF, 8)
    return bits.put(0, 1)


def image_header(width: int, height: int, animated: bool = False, profile: bool = False) -> Bits:
    """The headers of an RGB picture of 8 bits (annex D), sRGB."""
    bits = Bits().put(0x0AFF, 16).put(0, 1)
    # Of 30 bits; the width is not in a ratio to the height.
    bits.put(3, 2).put(height - 1, 30).put(0, 3).put(3, 2).put(width - 1, 30)
    # Not all by default; upright, no intrinsic size, no preview, animated or not.
    bits.put(0, 1).put(1, 1).put(0, 3).put(0, 2).put(int(animated), 1)
    if animated:
        bits.put(0, 7)
    # Integers of 8 bits, buffers of 16, no extra channels, not XYB.
    bits.put(0, 1).put(0, 2).put(1, 1).put(0, 2).put(0, 1)
    # Colors by default, or by a profile for RGB; tone mapping by default; no extensions; matrices by default.
    bits.put(0b010, 4) if profile else bits.put(1, 1)
    return bits.put(1, 1).put(0, 2).put(1, 1)


def code(bits: Bits, clusters: Iterable[int], tokens: Iterable[int]) -> Bits:
    """Distributions (C.2) of a stream, each one of clusters of a single token: tokens up to 15 are numbers, 16 and more have as many
    bits behind them as they are above 12."""
    clusters, tokens = list(clusters), list(tokens)
    # No LZ77; clusters by numbers of 2 bits; prefix codes.
    bits.put(0, 1)
    if len(clusters) > 1:
        bits.put(1, 1).put(2, 2)
        for cluster in clusters:
            bits.put(cluster, 2)
    bits.put(1, 1)
    for _ in tokens:
        # Tokens below 2^4 stand for themselves; no bits of others are in the token.
        bits.put(4, 4).put(0, 3).put(0, 3)
    for token in tokens:
        # An alphabet of 64.
        bits.put(1, 1).put(5, 4).put(31, 5)
    for token in tokens:
        bits.put(1, 2).put(0, 2).put(token, 6)
    return bits


def flat_global(features: Bits | None = None) -> bytes:
    """What all groups share (annex G): features, and a tree of one leaf that predicts 0."""
    bits = features or Bits()
    bits.put(1, 1).put(1, 1)
    code(bits, [0] * 6, [0])
    code(bits, [0], [0])
    return bits.put(1, 1).put(1, 1).put(0, 2).bytes()


# A group, or one of a pass: by the tree that all share, no transforms; its samples take no bits.
FLAT_GROUP = Bits().put(1, 1).put(1, 1).put(0, 2).bytes()


def frame(
    width: int,
    height: int,
    last: bool = True,
    flags: int = 0,
    features: Bits | None = None,
    crop: bool = False,
    animated: bool = False,
    permuted: bool = False,
) -> bytes:
    """A frame (annex F) of black, modular, in groups of 1024. It is shown by itself if it is the last one, or one of an animation."""
    bits = Bits().put(0, 1).put(0, 2).put(1, 1)
    number(bits, flags)
    # No YCbCr, no upsampling, groups of 1024, one pass.
    bits.put(0, 1).put(0, 2).put(3, 2).put(0, 2)
    bits.put(int(crop), 1)
    if crop:
        # At 0, 0; sides of 8 bits.
        bits.put(0, 2 + 8).put(0, 2 + 8).put(0, 2).put(width, 8).put(0, 2).put(height, 8)
    # It replaces what was there, or adds to it.
    bits.put(int(crop), 2)
    if crop:
        bits.put(0, 2)
    if animated:
        # It lasts for a tick.
        bits.put(1, 2)
    bits.put(int(last), 1)
    if not last:
        # The first of the places of frames that others refer to; before or behind the conversion of colors.
        bits.put(0, 2)
        if not crop and not animated:
            bits.put(0, 1)
    # No name, no filters, no extensions.
    bits.put(0, 2).put(0, 1).put(0, 1).put(0, 2).put(0, 2).put(0, 2)
    groups = -(-width // 1024) * -(-height // 1024)
    large = -(-width // 8192) * -(-height // 8192)
    shared = flat_global(features)
    if groups == 1:
        parts = [shared]
    else:
        parts = [shared, *[b""] * large, b"", *[FLAT_GROUP] * groups]
    bits.put(int(permuted), 1)
    if permuted:
        # All entries but one are moved, each by none; the first number, how many, is the only one of its distribution.
        code(bits, [1] * 7 + [0], [12 + 15, 0]).put(groups - (1 << 15), 15)
    bits.pad()
    for part in parts:
        assert len(part) < 1024
        bits.put(0, 2).put(len(part), 10)
    return bits.pad().bytes() + b"".join(parts)


def codestream(width: int, height: int, *frames: bytes, animated: bool = False) -> bytes:
    return image_header(width, height, animated).pad().bytes() + b"".join(frames)


SMALL = codestream(24, 16, frame(24, 16))


def with_box(kind: bytes, data: bytes) -> bytes:
    return container(box(kind, data), codestream=SMALL)


def brotli_box(kind: bytes, mebibytes: int, window: int = 24) -> bytes:
    return box(b"brob", kind + brotli_zeros(mebibytes, window))


def reconstruction(mebibytes: int) -> bytes:
    """A box from which a JPEG file would be made again: its headers, and zeros that are compressed."""
    # Grey; an end mark, then the scan's; one table, quality 0.
    return with_box(b"jbrd", bytes(8) + brotli_zeros(mebibytes))


def large_profile(size: int) -> bytes:
    bits = image_header(24, 16, profile=True)
    bits.put(3, 2).put(size & 0xFFF, 12)
    size >>= 12
    while size:
        bits.put(1, 1).put(size & 0xFF, 8)
        size >>= 8
    bits.put(0, 1)
    code(bits, [0] * 41, [0])
    return bits.pad().bytes() + bytes(64)


def many_frames(count: int) -> bytes:
    small = frame(1, 1, last=False, crop=True)
    return codestream(24, 16, frame(24, 16, last=False), small * count, frame(24, 16))


def hidden_frames(count: int, side: int) -> bytes:
    return codestream(side, side, frame(side, side, last=False) * count, frame(side, side))


def permuted_frames(count: int) -> bytes:
    # Groups of a row each.
    width, height = 57_000 << 10, 1
    return codestream(width, height, frame(width, height, last=False, permuted=True, animated=True) * count, animated=True)


def patches(side: int) -> bytes:
    """Millions of patches, and of places for each."""
    features = Bits()
    # How many there are is a token of 22 bits more, how many places 7; all others are 0.
    clusters = [0, 2, 2, 2, 2, 2, 2, 1, 2, 2]
    code(features, clusters, [12 + 22, 6, 0])
    features.put(0, 22)
    return codestream(side, side, frame(side, side, last=False), frame(side, side, flags=2, features=features))


def splines(side: int) -> bytes:
    features = Bits()
    code(features, [1, 1, 0, 1, 1, 1], [12 + 22, 0])
    features.put(0, 22)
    return codestream(side, side, frame(side, side, flags=16, features=features))


BOMBS = [
    Bomb("jxl-small.jxl", lambda: SMALL, READ),
    Bomb("jxl-xml-1g.jxl", lambda: container(brotli_box(b"xml ", 1024), codestream=SMALL), READ, "XMP"),
    Bomb("jxl-exif-4g.jxl", lambda: container(brotli_box(b"Exif", 4096), codestream=SMALL), READ, "Exif"),
    Bomb("jxl-window-1g.jxl", lambda: container(brotli_box(b"xml ", 1024, 30), codestream=SMALL), READ),
    Bomb("jxl-boxes.jxl", lambda: container(*[brotli_box(b"xml ", 1024)] * 64, codestream=SMALL), READ),
    Bomb("jxl-others.jxl", lambda: container(*[brotli_box(b"jumb", 1024)] * 64, codestream=SMALL), READ),
    Bomb("jxl-jbrd.jxl", lambda: reconstruction(4096), READ),
    Bomb("jxl-profile.jxl", lambda: large_profile(1 << 28), REFUSED, "profile"),
    Bomb("jxl-many-frames.jxl", lambda: many_frames(300_000), REFUSED, "frames"),
    Bomb("jxl-hidden-frames.jxl", lambda: hidden_frames(100, 4000), REFUSED, "--any-work"),
    Bomb("jxl-permuted.jxl", lambda: permuted_frames(40), REFUSED, "--any-work"),
    Bomb("jxl-patches.jxl", lambda: patches(7000), REFUSED, "--max-memory"),
    Bomb("jxl-splines.jxl", lambda: splines(5000), REFUSED, "--max-memory"),
    Bomb("jxl-1g-pixels.jxl", lambda: codestream(30_000, 30_000, frame(30_000, 30_000)), REFUSED, "--max-memory"),
    Bomb("jxl-2-60-pixels.jxl", lambda: codestream(1 << 30, 1 << 30, frame(24, 16)), REFUSED, "--max-pixels"),
]
