"""GIF files (GIF89a specification) from blocks."""

import struct

END = b";"


def screen(width: int, height: int, colors: int = 2) -> bytes:
    """Header, screen, and a table of 2^n colors: black, and shades of red."""
    bits = (colors - 1).bit_length()
    table = b"".join(bytes([i * 255 // (colors - 1), 0, 0]) for i in range(1 << bits))
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | bits - 1, 0, 0) + table


def control(disposal: int = 1, delay: int = 5) -> bytes:
    return b"!\xf9\x04" + struct.pack("<BHBx", disposal << 2, delay, 0)


def image(left: int, top: int, width: int, height: int, color: int = 0, interlaced: bool = False) -> bytes:
    """A picture of one color."""
    place = struct.pack("<HHHHB", left, top, width, height, 0x40 if interlaced else 0)
    return b"," + place + b"\2" + blocks(flat(width * height, color))


def flat(pixels: int, color: int = 0, bits: int = 2) -> bytes:
    """The codes of so many pixels of one color: each code stands for one pixel more than the one before it."""
    clear, first = 1 << bits, (1 << bits) + 2
    # A run from one clear code to the next, as far as codes of 12 bits go.
    most = 4094 - first
    out, have, count = bytearray(), 0, 0

    def put(code: int, size: int) -> None:
        nonlocal have, count
        have |= code << count
        count += size
        while count >= 8:
            out.append(have & 255)
            have >>= 8
            count -= 8

    size = bits + 1
    while pixels > 0:
        put(clear, size)
        size, following, length = bits + 1, first - 1, 1
        while pixels > 0 and length <= most:
            # The last code may have to be one for fewer pixels.
            length = min(length, pixels)
            put(color if length == 1 else first + length - 2, size)
            pixels -= length
            length += 1
            following += 1
            if following == 1 << size and size < 12:
                size += 1
    put(clear + 1, size)
    put(0, 7)
    return bytes(out)


def blocks(data: bytes) -> bytes:
    parts = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
