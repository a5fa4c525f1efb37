"""WebP files (RFC 9649) from chunks."""

import struct

ANIMATION, ALPHA = 1 << 1, 1 << 4


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def file(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def three(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def extended(width: int, height: int, flags: int = ANIMATION) -> bytes:
    return chunk(b"VP8X", struct.pack("<I", flags) + three(width - 1) + three(height - 1))


def animation() -> bytes:
    return chunk(b"ANIM", bytes(6))


def frame(x: int, y: int, width: int, height: int, *parts: bytes, clear: bool = False) -> bytes:
    numbers = [x // 2, y // 2, width - 1, height - 1, 40]
    return chunk(b"ANMF", b"".join(map(three, numbers)) + bytes([2 + clear]) + b"".join(parts))


def flat(width: int, height: int, red: int = 0) -> bytes:
    """Samples without loss of one color: none of them takes a bit."""
    bits, count = 0, 0

    def put(number: int, size: int) -> None:
        nonlocal bits, count
        bits |= number << count
        count += size

    put(0x2F, 8)
    put(width - 1, 14)
    put(height - 1, 14)
    # No alpha, version 0; no transform, no color cache, one group of codes.
    put(0, 4 + 3)
    for symbol in (0, red, 0, 255, 0):
        # A simple code of one symbol of 8 bits.
        put(0b101, 3)
        put(symbol, 8)
    return chunk(b"VP8L", bits.to_bytes((count + 7) // 8 + 4, "little"))
