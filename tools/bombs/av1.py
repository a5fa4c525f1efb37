"""AVIF files (ISO/IEC 23008-12) with frames of AV1 that are coded by hand (AV1 bitstream specification, 5.5 and 5.9)."""

import struct

from bombs.bomb import EITHER, READ, REFUSED, Bomb

WORK = "--any-work"
# Types of units (OBU).
SEQUENCE, FRAME = 1, 6


class Bits:
    def __init__(self) -> None:
        self.text = ""

    def put(self, *fields: tuple[int, int]) -> None:
        """Numbers, each with its bits."""
        for number, bits in fields:
            self.text += format(number, f"0{bits}b") if bits else ""

    def bytes(self) -> bytes:
        text = self.text + "0" * (-len(self.text) % 8)
        return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def unit(kind: int, data: bytes) -> bytes:
    size, length = len(data), b""
    while True:
        length += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            return bytes([kind << 3 | 2]) + length + data


def sequence(width: int, height: int) -> bytes:
    bits = Bits()
    # Profile 0, moving, neither clocks nor delays, one point of operation of the highest level, main tier.
    bits.put((0, 3), (0, 1), (0, 1), (0, 1), (0, 1), (0, 5), (0, 12), (31, 5), (0, 1))
    bits.put((15, 4), (15, 4), (width - 1, 16), (height - 1, 16))
    # No numbers of frames, small blocks, no tools of prediction, no order, no screen content.
    bits.put((0, 1), (0, 1), (0, 2), (0, 4), (0, 1), (0, 1), (0, 1))
    # No superresolution; directional enhancement and restoration; 8 bits, color, whole range, 4:2:0, no grain.
    bits.put((0, 1), (1, 1), (0, 1), (0, 1), (0, 1), (0, 1), (1, 1), (0, 2), (0, 1), (0, 1), (1, 1))
    return unit(SEQUENCE, bits.bytes())


def frame(width: int, height: int, shown: bool, data: bytes = bytes(128)) -> bytes:
    """A key frame of one tile with all filters, for pictures of at most 4096 columns and 9 megapixels."""
    bits = Bits()
    bits.put((0, 1), (0, 2), (int(shown), 1))
    if not shown:
        # Not to be shown later; errors are contained.
        bits.put((0, 1), (1, 1))
    # Codes adapt within the frame, so that what is alike takes next to nothing; the size is the sequence's.
    bits.put((0, 1), (0, 1))
    if not shown:
        bits.put((0, 8))
    bits.put((0, 1), (1, 1))
    # One tile: as few as may be, unless no more are possible.
    blocks = [-(-side // 64) for side in (width, height)]
    bits.put((1, 1), *[(0, 1) for side in blocks if side > 1])
    # Quantizer; no differences, matrices, segments, or changes by block.
    bits.put((100, 8), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1))
    # The deblocking filter, and directional enhancement, at their strongest.
    bits.put((63, 6), (63, 6), (63, 6), (63, 6), (0, 3), (0, 1))
    bits.put((3, 2), (0, 2), (15, 4), (3, 2), (15, 4), (3, 2))
    # The largest transforms, of the reduced set.
    bits.put((0, 1), (1, 1))
    return unit(FRAME, bits.bytes() + data)


def box(kind: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + kind + data


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def file(width: int, height: int, data: bytes, tiles: tuple[int, int] = (0, 0), size: tuple[int, int] = (0, 0)) -> bytes:
    """A file of a coded picture; with `tiles`, of a grid of that many columns and rows, each of which is that picture."""
    head = box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")
    coded = [(1, b"av01")] + ([(2, b"grid")] if tiles[0] else [])
    infos = [full(b"infe", struct.pack(">HH4sx", item, 0, kind), version=2) for item, kind in coded]
    sizes = [full(b"ispe", struct.pack(">II", width, height)), full(b"ispe", struct.pack(">II", *size))]
    grid = struct.pack(">BBBBII", 0, 1, tiles[1] - 1 & 255, tiles[0] - 1 & 255, *size)
    links = box(b"dimg", struct.pack(">HH", 2, tiles[0] * tiles[1]), struct.pack(">H", 1) * (tiles[0] * tiles[1]))

    def meta(at: int) -> bytes:
        places = [(1, at, len(data)), (2, at + len(data), len(grid))][: len(coded)]
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", coded[-1][0])),
            full(b"iinf", struct.pack(">H", len(infos)), *infos),
            full(
                b"iloc",
                struct.pack(">BBH", 0x44, 0, len(places)),
                *[struct.pack(">HHHII", item, 0, 1, begin, length) for item, begin, length in places],
            ),
            *([full(b"iref", links)] if tiles[0] else []),
            box(
                b"iprp",
                box(b"ipco", *sizes),
                full(b"ipma", struct.pack(">I", len(coded)), *[struct.pack(">HBB", i, 1, i) for i, _ in coded]),
            ),
        )

    at = len(head) + len(meta(0)) + 8
    return head + meta(at) + box(b"mdat", data, grid if tiles[0] else b"")


def hidden(width: int, height: int, count: int) -> bytes:
    """Frames that are not shown, before one that is."""
    frames = frame(width, height, False) * count + frame(width, height, True)
    return file(width, height, sequence(width, height) + frames)


def tiled(side: int, tiles: tuple[int, int]) -> bytes:
    picture = sequence(side, side) + frame(side, side, True)
    return file(side, side, picture, tiles, (side * tiles[0], side * tiles[1]))


BOMBS = [
    Bomb("av1-one-frame.avif", lambda: hidden(320, 240, 0), READ),
    Bomb("av1-hidden.avif", lambda: hidden(3840, 2160, 7000), REFUSED, WORK),
    Bomb("av1-hidden-few.avif", lambda: hidden(3840, 2160, 20), REFUSED, WORK),
    Bomb("av1-hidden-small.avif", lambda: hidden(64, 64, 7000), READ),
    Bomb("av1-tiles.avif", lambda: tiled(8, (64, 64)), EITHER),
    Bomb("av1-flat-tiles.avif", lambda: tiled(2048, (4, 4)), REFUSED, WORK),
]
