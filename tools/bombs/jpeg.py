"""JPEG files (ITU-T T.81) that are large for their bytes: inks, scans, pictures that are not there."""

import struct
from collections.abc import Iterable

from bombs.bomb import EITHER, REFUSED, Bomb

START, END = b"\xff\xd8", b"\xff\xd9"
BASELINE, PROGRESSIVE = 0xC0, 0xC2
# Adobe's segment: the components are complements of inks.
ADOBE = (0xEE, b"Adobe\0\x64\0\0\0\0\0")


def segment(code: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(data) + 2) + data


def table(kind: int, symbol: int) -> tuple[int, bytes]:
    """A Huffman table of one symbol, whose code is one zero."""
    return 0xC4, bytes([kind, 1]) + bytes(15) + bytes([symbol])


def frame(width: int, height: int, components: int, code: int = BASELINE, sampling: int = 0x11) -> bytes:
    specified = b"".join(bytes([i + 1, sampling if i == 0 else 0x11, 0]) for i in range(components))
    return segment(code, struct.pack(">BHHB", 8, height, width, components) + specified)


def scan(components: Iterable[int], band: tuple[int, int], bits: tuple[int, int], data: bytes) -> bytes:
    """A scan of components, coefficients from one to another, and the bits before and now."""
    components = list(components)
    named = b"".join(bytes([i + 1, 0]) for i in components)
    return segment(0xDA, bytes([len(components)]) + named + bytes([*band, bits[0] << 4 | bits[1]])) + data


def head(*segments: tuple[int, bytes]) -> bytes:
    return START + b"".join(segment(*one) for one in [*segments, (0xDB, b"\0" + b"\1" * 64)])


def blocks(width: int, height: int) -> int:
    return -(-width // 8) * -(-height // 8)


def flat(width: int, height: int, components: int, *more: tuple[int, bytes], kept: int | None = None) -> bytes:
    """A picture of one color: two bits a block. Of its data only some bytes may be kept."""
    data = bytes(-(-blocks(width, height) * components * 2 // 8) if kept is None else kept)
    tables = [table(0x00, 0), table(0x10, 0)]
    return head(*more, *tables) + frame(width, height, components) + scan(range(components), (0, 63), (0, 0), data) + END


def runs(count: int) -> bytes:
    """So many blocks without coefficients, by runs of up to 32767."""
    bits = ""
    while count > 0:
        run = min(count, (1 << 15) - 1)
        # Runs below 2^14 are rounded up: what is beyond the picture does not count.
        bits += "0" + format(max(run - (1 << 14), 0), "014b")
        count -= run
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return data.replace(b"\xff", b"\xff\0")


def scans(width: int, height: int, components: int, count: int, *more: tuple[int, bytes]) -> bytes:
    """A progressive picture of one color in many scans: of one coefficient and one bit each."""
    first = bytes(-(-blocks(width, height) * components // 8))
    parts = [scan(range(components), (0, 0), (0, 0), first)]
    of_coefficient = [(0, 13), *((low + 1, low) for low in range(12, -1, -1))]
    runs_of_all = runs(blocks(width, height))
    every = ((i, k, bits) for i in range(components) for k in range(1, 64) for bits in of_coefficient)
    for (i, k, bits), _ in zip(every, range(count - 1)):
        parts.append(scan([i], (k, k), bits, runs_of_all))
    tables = [table(0x00, 0), table(0x10, 0xE0)]
    return head(*more, *tables) + frame(width, height, components, PROGRESSIVE) + b"".join(parts) + END


def odd(width: int, height: int, kept: int, *more: tuple[int, bytes]) -> bytes:
    """Sampling factors that do not divide each other, which only the other decoder reads."""
    specified = bytes([3, 1, 0x31, 0, 2, 0x21, 0, 3, 0x11, 0])
    of_frame = segment(BASELINE, struct.pack(">BHH", 8, height, width) + specified)
    return head(*more, table(0, 0), table(0x10, 0)) + of_frame + scan(range(3), (0, 63), (0, 0), bytes(kept)) + END


def packets(count: int) -> list[tuple[int, bytes]]:
    """Parts of an XMP packet without bytes (XMP, part 3, 1.1.3.1)."""
    return [(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", 1 << 20, 0))] * count


BOMBS = [
    Bomb("jpeg-cmyk.jpg", lambda: flat(20_000, 20_000, 4, ADOBE, kept=2600), REFUSED, "too early"),
    Bomb("jpeg-cmyk-cut.jpg", lambda: flat(2000, 2000, 4, ADOBE, kept=300), REFUSED, "too early"),
    Bomb("jpeg-cmyk-cut-little.jpg", lambda: flat(400, 400, 4, ADOBE, kept=1000), REFUSED, "ends"),
    Bomb("jpeg-cmyk-progressive.jpg", lambda: scans(20_000, 20_000, 4, 1, ADOBE)[:3000] + END, REFUSED, "too early"),
    Bomb("jpeg-500-scans.jpg", lambda: scans(8000, 8000, 1, 500), REFUSED, "--any-work"),
    Bomb("jpeg-500-scans-of-inks.jpg", lambda: scans(4000, 4000, 4, 500, ADOBE), REFUSED, "--any-work"),
    Bomb("jpeg-800-scans-small.jpg", lambda: scans(64, 64, 1, 800), EITHER),
    Bomb("jpeg-65500.jpg", lambda: flat(65_500, 65_500, 3, kept=2000), REFUSED),
    Bomb("jpeg-odd-sampling.jpg", lambda: odd(20_000, 20_000, 300), REFUSED, "too early"),
    Bomb("jpeg-odd-sampling-whole.jpg", lambda: odd(12_000, 12_000, 1 << 21), REFUSED, "--max-memory"),
    Bomb("jpeg-packets.jpg", lambda: odd(24, 16, 300, *packets(60_000)), REFUSED, "--any-work"),
]
