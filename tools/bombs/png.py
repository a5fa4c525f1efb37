"""PNG files (ISO/IEC 15948) from chunks."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = (b"IEND", b"")
GREY, RGB, RGBA = 0, 2, 6


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, bits: int = 8, color: int = RGB, interlaced: bool = False) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced))


def file(*chunks: tuple[bytes, bytes]) -> bytes:
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)


def pixels(width: int, height: int) -> tuple[bytes, bytes]:
    """The compressed samples of an RGB picture."""
    row = lambda y: b"\0" + bytes((x * 5 + y * 3 + c * 40) % 256 for x in range(width) for c in range(3))
    return b"IDAT", zlib.compress(b"".join(map(row, range(height))))


def picture(width: int = 24, height: int = 16, *more: tuple[bytes, bytes]) -> bytes:
    """A sound picture with more chunks before its samples."""
    return file(header(width, height), *more, pixels(width, height), END)


def zeros(length: int, head: bytes = b"") -> bytes:
    """Some bytes and so many zeros in MiB, compressed, in the time that one MiB takes."""
    piece = bytes(1 << 20)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = compressor.compress(head) + compressor.flush(zlib.Z_FULL_FLUSH)
    # Behind a full flush, what follows does not depend on what came before.
    whole = compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(head)
    for _ in range(length >> 20):
        checksum = zlib.adler32(piece, checksum)
    return b"\x78\xda" + first + whole * (length >> 20) + compressor.flush() + struct.pack(">I", checksum)
