"""AVIF files (ISO/IEC 23008-12) whose boxes ask for too much; the coded picture is that of a test file."""

import struct
from pathlib import Path

from bombs.bomb import READ, REFUSED, Bomb

FIXTURE = Path(__file__).parents[2] / "crates/srcnn-fixtures/traits/rgb.avif"
# The size of its picture, and the bytes that it is coded in.
CODED = 51
WIDTH, HEIGHT = 24, 16


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def full(kind: bytes, data: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, bytes([version]) + flags.to_bytes(3, "big") + data)


def coded() -> bytes:
    """The coded picture: the last bytes of the test file."""
    return FIXTURE.read_bytes()[-CODED:]


def size(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def entry(item: int, kind: bytes) -> bytes:
    return full(b"infe", struct.pack(">IH", item, 0) + kind + b"\0", 3)


def place(item: int, parts: list[tuple[int, int]], inner: bool = False) -> bytes:
    head = struct.pack(">IHHH", item, int(inner), 0, len(parts))
    return head + b"".join(struct.pack(">II", *part) for part in parts)


def file(
    kinds: list[tuple[int, bytes]],
    places: list[bytes],
    properties: list[bytes],
    associations: list[tuple[int, list[int]]],
    references: bytes = b"",
    inner: bytes = b"",
    more: bytes = b"",
    mdat: bytes = b"",
) -> bytes:
    """A file whose first item is the picture. Places count from the end of the boxes, by `AT`."""
    listed = b"".join(struct.pack(">IB", item, len(all)) + bytes(all) for item, all in associations)
    described = box(b"ipco", b"".join(properties)) + full(b"ipma", struct.pack(">I", len(associations)) + listed, 1)

    def whole(at: int) -> bytes:
        located = b"".join(place.replace(b"ATAT", struct.pack(">I", at)) for place in places)
        meta = b"".join(
            [
                full(b"hdlr", bytes(4) + b"pict" + bytes(13)),
                full(b"pitm", struct.pack(">H", kinds[0][0])),
                full(b"iinf", struct.pack(">I", len(kinds)) + b"".join(entry(*kind) for kind in kinds), 1),
                full(b"iloc", b"\x44\0" + struct.pack(">I", len(places)) + located, 2),
                full(b"iref", references, 1),
                box(b"iprp", described),
                box(b"idat", inner),
                more,
            ]
        )
        return box(b"ftyp", b"avif\0\0\0\0avifmif1miaf") + full(b"meta", meta)

    at = len(whole(0)) + 8
    return whole(at) + box(b"mdat", mdat)


# Replaced by where the data of the last box begin.
AT = struct.unpack(">I", b"ATAT")[0]


def single(width: int = WIDTH, height: int = HEIGHT, parts: list[tuple[int, int]] | None = None, **more: bytes) -> bytes:
    data = coded()
    places = [place(1, parts or [(AT, len(data))])]
    return file([(1, b"av01")], places, [size(width, height)], [(1, [1])], mdat=data, **more)


def grid(columns: int, rows: int) -> bytes:
    """Tiles that are all the same one."""
    data = coded()
    head = bytes([0, 1, rows - 1, columns - 1]) + struct.pack(">II", WIDTH * columns, HEIGHT * rows)
    count = columns * rows
    # No list of references has more than 65535.
    lists = [count // 2, count - count // 2]
    references = b"".join(box(b"dimg", struct.pack(">IH", 1, n) + struct.pack(">I", 2) * n) for n in lists)
    places = [place(1, [(0, len(head))], True), place(2, [(AT, len(data))])]
    properties = [size(WIDTH * columns, HEIGHT * rows), size(WIDTH, HEIGHT)]
    return file([(1, b"grid"), (2, b"av01")], places, properties, [(1, [1]), (2, [2])], references, head, mdat=data)


def items(count: int) -> bytes:
    data = coded()
    kinds = [(1, b"av01"), *((item, b"Exif") for item in range(2, count))]
    return file(kinds, [place(1, [(AT, len(data))])], [size(WIDTH, HEIGHT)], [(1, [1])], mdat=data)


def counts() -> bytes:
    """Lists that are said to have 2^32 - 1 entries, and have none."""
    whole = single()
    for kind, before in [(b"ipma", 4), (b"iloc", 6)]:
        at = whole.index(kind) + 4 + before
        whole = whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :]
    return whole


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = struct.pack(">I", len(inner) + 8) + b"meta" + inner
    return single(more=inner)


def exif_of_all(parts: int) -> bytes:
    """Exif that lies in the whole file again and again."""
    data = coded() + bytes(1 << 20)
    places = [place(1, [(AT, len(coded()))]), place(2, [(0, 1 << 20)] * parts)]
    references = box(b"cdsc", struct.pack(">IHI", 2, 1, 1))
    return file([(1, b"av01"), (2, b"Exif")], places, [size(WIDTH, HEIGHT)], [(1, [1])], references, mdat=data)


BOMBS = [
    Bomb("avif-small.avif", single, READ),
    Bomb("avif-grid.avif", lambda: grid(3, 2), READ),
    Bomb("avif-400m.avif", lambda: single(20_000, 20_000), REFUSED, "--max-memory"),
    Bomb("avif-64m.avif", lambda: single(8000, 8000), REFUSED),
    Bomb("avif-4g.avif", lambda: single(0xFFFFFFFF, 0xFFFFFFFF), REFUSED, "--max-pixels"),
    Bomb("avif-parts.avif", lambda: single(parts=[(0, 400)] * 60_000), REFUSED),
    Bomb("avif-exif-parts.avif", lambda: exif_of_all(60_000), READ),
    Bomb("avif-65536-tiles.avif", lambda: grid(256, 256), REFUSED, "--any-work"),
    Bomb("avif-items.avif", lambda: items(300_000), REFUSED, "items"),
    Bomb("avif-60000-items.avif", lambda: items(60_000), READ),
    Bomb("avif-counts.avif", counts, REFUSED),
    Bomb("avif-nested.avif", lambda: nested(10_000), READ),
]
