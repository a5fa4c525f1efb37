"""Checks by Pillow, and floats by tifffile, what `srcnn upscale -s 2` makes of the pictures in traits/: kind, size, colours, profile, orientation,
XMP and density. Run by hand: `check_traits.py path/to/srcnn`. The Rust test of the same traits reads by other libraries.
"""

import json
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, UnidentifiedImageError

traits = Path(__file__).parents[2] / "crates/srcnn-fixtures/traits"
srcnn = Path(sys.argv[1]).resolve()
# Pillow has no 16-bit colours: it reads them as 8.
KINDS = {"I;16": "L", "I": "L", "P": "RGB"}


def float_problems(line, path):
    samples = tifffile.imread(path)
    if samples.dtype != np.float32:
        yield f"samples of {samples.dtype}"
    if [samples.shape[1], samples.shape[0]] != [48, 32] or (samples.ndim == 2) != (line["mode"] == "L"):
        yield f"shape {samples.shape}"
    h, w = samples.shape[:2]
    for i, should in enumerate(line.get("quarters", [])):
        is_ = np.atleast_1d(samples[h // 4 + h // 2 * (i // 2), w // 4 + w // 2 * (i % 2)] * 255)
        if any(s is not None and abs(a - s) > line["tolerance"] for a, s in zip(is_, should)):
            yield f"quarter {i} is {is_}, not {should}"


def problems(line, to, path):
    if to == "tif" and line.get("bits") == 32:
        # Pillow reads no floats of several channels.
        yield from float_problems(line, path)
        return
    try:
        image = Image.open(path)
    except UnidentifiedImageError:
        # Grey with alpha of 16 bits in TIFF.
        print(f"{line['file']} to {to}: Pillow does not read this kind")
        return
    image.load()
    kind = KINDS.get(image.mode, image.mode)
    mode = "RGB" if to == "webp" and line.get("mode") == "L" else line.get("mode")
    # Pillow turns grey with alpha of 16 bits into RGBA.
    if mode and kind != mode and not (mode == "LA" and kind == "RGBA"):
        yield f"mode {image.mode}"
    if "size" in line and list(image.size) != line["size"]:
        yield f"size {image.size}"
    profile = image.info.get("icc_profile") or b""
    if "icc" in line and (zlib.crc32(profile) if profile else 0) != line["icc"]:
        yield "another profile"
    exif = image.getexif()
    if "orientation" in line and exif.get(0x112, 1) != line["orientation"]:
        yield f"orientation {exif.get(0x112)}"
    for name, tag in (("Make", 0x10F), ("Model", 0x110), ("Artist", 0x13B), ("ImageDescription", 0x10E)):
        if name in line.get("exif", {}) and exif.get(tag) != line["exif"][name]:
            yield f"{name} {exif.get(tag)!r}"
    if line.get("exif_size") and exif.get_ifd(0x8769).get(0xA002) != image.size[0]:
        yield f"PixelXDimension {exif.get_ifd(0x8769).get(0xA002)}"
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    if to == "tif":
        packet = image.tag_v2.get(700, b"")
    if any(part.encode() not in packet for part in line.get("xmp", [])):
        yield "XMP"
    density = line.get("density")
    if density and density[2] != "aspect" and to != "webp":
        factor = 2.54 if density[2] == "cm" else 1
        is_ = image.info.get("dpi", (0, 0))
        if any(abs(a - b * factor) > 0.6 for a, b in zip(is_, density)):
            yield f"dpi {is_}"
    if "quarters" in line and not image.mode.startswith("I"):
        w, h = image.size
        flat = image if image.mode in ("L", "LA", "RGB", "RGBA") else image.convert("RGB")
        for i, should in enumerate(line["quarters"]):
            is_ = flat.getpixel((w // 4 + w // 2 * (i % 2), h // 4 + h // 2 * (i // 2)))
            is_ = [is_] if isinstance(is_, int) else list(is_)
            if len(should) == 2 and len(is_) == 4:
                is_ = is_[2:]
            limit = line["tolerance"] + 3 * (to == "jpg")
            if any(s is not None and abs(a - s) > limit for a, s in zip(is_, should)):
                yield f"quarter {i} is {is_}, not {should}"


def shown(path):
    """Frames as RGBA, their durations in milliseconds, and how often they are played (0: for ever)."""
    image, frames, durations = Image.open(path), [], []
    for i in range(int(image.info.get("default_image", False)), image.n_frames):
        image.seek(i)
        frames.append(image.convert("RGBA"))
        durations.append(image.info["duration"])
    loop = image.info.get("loop")
    if path.suffix == ".gif":
        loop = 1 if loop is None else loop and loop + 1
    return frames, durations, loop


def frame_problems(line, to, path, before):
    frames, durations, loop = shown(path)
    if len(frames) != len(line["frames"]):
        yield f"{len(frames)} frames"
    if loop != line["plays"]:
        yield f"played {loop} times"
    clock = 5 if to == "gif" else 0.6
    if any(abs(sum(durations[:i]) - sum(line["durations"][:i])) > clock for i in range(1, len(durations) + 1)):
        yield f"durations {durations}"
    for i, (frame, small) in enumerate(zip(frames, before)):
        if list(frame.size) != line["size"]:
            yield f"frame {i}: size {frame.size}"
            continue
        # What is seen before black, enlarged by bicubic; the network's edges are sharper.
        alpha = small.getchannel("A")
        if to == "gif":
            alpha = alpha.point(lambda a: 255 * (a >= 128))
        small = Image.merge("RGBA", [*small.split()[:3], alpha])
        large = small.convert("RGBa").resize(frame.size, Image.Resampling.BICUBIC)
        pairs = zip(large.get_flattened_data(), frame.convert("RGBa").get_flattened_data())
        off = sorted(max(abs(a - b) for a, b in zip(*pair)) for pair in pairs)
        if off[len(off) // 2] > line["tolerance"] or sum(off) / len(off) > 16:
            yield f"frame {i}: half of the pixels are off by {off[len(off) // 2]}, the mean by {sum(off) / len(off):.1f}"


checked = failures = 0
with tempfile.TemporaryDirectory() as folder:
    for line in map(json.loads, (traits / "traits.jsonl").read_text().splitlines()):
        for to in line["to"]:
            if line.get("refused") or to == "pam":
                continue
            path = Path(folder) / f"out.{to}"
            options = line.get("options", "").split()
            run = [srcnn, "-q", "upscale", traits / line["file"], "-o", path, "-s", "2", "--force", *options]
            subprocess.run(run, check=True)
            checked += 1
            if "frames" in line:
                twin = "offsets.png" if "interlaced" in line["file"] else line["file"]
                found = frame_problems(line, to, path, shown(traits / twin)[0])
            else:
                found = problems(line, to, path)
            for problem in found:
                failures += 1
                print(f"{line['file']} to {to}: {problem}")
print(f"{checked} outputs, {failures} problems")
sys.exit(failures > 0)
