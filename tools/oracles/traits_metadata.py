"""Profiles, Exif blocks and XMP packets for make_traits.py, put together by hand so that every byte is known."""

import io
import struct

from PIL import Image

# Colours of the inks in the profile of `cmyk_profile`, in Lab (ICC's 8-bit encoding of L*, a* + 128, b* + 128).
PAPER, CYAN, MAGENTA, YELLOW, BLACK = (255, 128, 128), (140, 91, 78), (122, 202, 124), (227, 123, 221), (41, 128, 128)


def profile(space, kind, tags):
    """An ICC profile of version 2.4."""
    table, data = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags:
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    pcs = b"Lab " if space == b"CMYK" else b"XYZ "
    header = struct.pack(">I4sI4s4s4s", start + len(data), bytes(4), 0x02400000, kind, space, pcs)
    header += struct.pack(">6H", 2026, 11, 23, 0, 0, 0) + b"acsp" + bytes(28) + xyz(0.9642, 1, 0.8249)[8:]
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + data


def xyz(*values):
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def text(value):
    return b"desc" + bytes(4) + struct.pack(">I", len(value) + 1) + value + b"\0" + bytes(78)


def gamma(value):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def rgb_profile(name, red, green, blue):
    curve = gamma(2.2)
    tags = [(b"desc", text(name)), (b"cprt", b"text" + bytes(4) + b"CC0\0"), (b"wtpt", xyz(0.9642, 1, 0.8249))]
    tags += [(b"rXYZ", xyz(*red)), (b"gXYZ", xyz(*green)), (b"bXYZ", xyz(*blue))]
    return profile(b"RGB ", b"mntr", tags + [(b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)])


P3 = rgb_profile(b"Display P3 (test)", (0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
SRGB = rgb_profile(b"sRGB (test)", (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def grey_profile():
    tags = [(b"desc", text(b"Grey (test)")), (b"cprt", b"text" + bytes(4) + b"CC0\0")]
    return profile(b"GRAY", b"mntr", tags + [(b"wtpt", xyz(0.9642, 1, 0.8249)), (b"kTRC", gamma(1.8))])


def cmyk_profile():
    """A profile whose inks look unlike the usual formula's, and how they look in sRGB by LittleCMS, without compensation for
    the black point."""
    from PIL import ImageCms

    inks = [CYAN, MAGENTA, YELLOW, BLACK]
    table = bytearray()
    for i in range(16):
        on = [ink for bit, ink in zip((8, 4, 2, 1), inks) if i & bit]
        table += bytes(PAPER if not on else tuple(sum(v) // len(on) for v in zip(*on)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + b"".join(struct.pack(">i", v << 16) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    lut += bytes(range(256)) * 4 + bytes(table) + bytes(range(256)) * 3
    tags = [(b"desc", text(b"Inks (test)")), (b"cprt", b"text" + bytes(4) + b"CC0\0"), (b"wtpt", xyz(0.9642, 1, 0.8249))]
    icc = profile(b"CMYK", b"prtr", tags + [(b"A2B0", lut)])
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "CMYK", "RGB", renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC)
    pure = Image.new("CMYK", (4, 1))
    for i in range(4):
        pure.putpixel((i, 0), tuple(255 if c == i else 0 for c in range(4)))
    looks = ImageCms.applyTransform(pure, transform)
    return icc, [list(looks.getpixel((i, 0))) for i in range(4)]


def xmp_packet(orientation=1):
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="{orientation}"
tiff:ImageWidth="24"><exif:PixelYDimension>16</exif:PixelYDimension><dc:title>A title</dc:title></rdf:Description></rdf:RDF>
</x:xmpmeta><?xpacket end="w"?>""".encode()


def exif_block(order="<", orientation=1, size=(24, 16), full=False, strip=None):
    """An Exif block: the first directory, Exif's and GPS's, and (if `full`) a note whose offset counts from the block's
    start, and a thumbnail. With `strip` it is a TIFF file that has those RGB samples."""
    block = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    short = lambda *v: (3, len(v), struct.pack(f"{order}{len(v)}H", *v))
    long = lambda v: (4, 1, struct.pack(f"{order}I", v))
    ascii = lambda v: (2, len(v) + 1, v.encode() + b"\0")
    rational = lambda *v: (5, len(v), b"".join(struct.pack(f"{order}II", *pair) for pair in v))

    def place(data):
        block.extend(bytes(len(block) % 2))
        block.extend(data)
        return len(block) - len(data)

    def directory(tags, following=0):
        entries = b""
        for tag, (kind, count, value) in sorted(tags.items()):
            field = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", place(value))
            entries += struct.pack(f"{order}HHI", tag, kind, count) + field
        return place(struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", following))

    exif = {0xA002: long(size[0]), 0xA003: short(size[1]), 0x9000: (7, 4, b"0232")}
    first = {0x10F: ascii("Maker"), 0x112: short(orientation)}
    following = 0
    if full:
        exif[0x829A] = rational((1, 125))
        if strip is None:
            secret = place(b"pointed to by the note")
            exif[0x927C] = (7, 16, b"NOTE\0\0\0\0" + struct.pack(f"{order}I", secret) + b"\0\0\0\0")
        first |= {0x10E: ascii("Quarters"), 0x110: ascii("Model 1"), 0x131: ascii("By hand"), 0x13B: ascii("An Artist")}
        first |= {0x132: ascii("2026:11:23 12:00:00"), 0x8298: ascii("None")}
        first |= {0x11A: rational((300, 1)), 0x11B: rational((300, 1)), 0x128: short(2)}
        first[0x8825] = long(directory({0: (1, 4, bytes([2, 3, 0, 0])), 1: ascii("N"), 2: rational((48, 1), (8, 1), (15, 1))}))
    first[0x8769] = long(directory(exif))
    if strip is not None:
        first |= {0x100: long(size[0]), 0x101: long(size[1]), 0x102: short(8, 8, 8), 0x103: short(1), 0x106: short(2)}
        first |= {0x111: long(place(strip)), 0x115: short(3), 0x116: long(size[1]), 0x117: long(len(strip))}
    at = directory(first)
    if full and strip is None:
        thumbnail = io.BytesIO()
        Image.new("RGB", (8, 8), (200, 100, 50)).save(thumbnail, "JPEG", quality=20)
        data = thumbnail.getvalue()
        following = directory({0x103: short(6), 0x201: long(place(data)), 0x202: long(len(data))})
        struct.pack_into(f"{order}I", block, at + 2 + 12 * len(first), following)
    struct.pack_into(f"{order}I", block, 4, at)
    return bytes(block)
