#!/usr/bin/env python3
"""Sizes of JPEG files and their PSNR to the samples, beside libjpeg-turbo by Pillow and another build of srcnn.

    tools/jpeg_quality.py FOLDER... --srcnn target/release/srcnn [--old other/srcnn] [--qualities 30 50 75 90 95 98 100]

Each picture is stored as it is, 4:4:4, and decoded by Pillow; the PSNR is that of RGB or grey. Printed are means over the pictures,
and the least difference of PSNR. Needs Pillow and numpy.
"""

import argparse
import io
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image


def psnr(jpeg, samples):
    """PSNR of a decoded file in dB; 99 where every sample is met."""
    decoded = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB" if samples.ndim == 3 else "L"), float)
    mse = np.mean((decoded - samples) ** 2)
    return 99.0 if mse == 0 else 10 * np.log10(255**2 / mse)


def by_srcnn(binary, picture, quality, folder):
    source, target = Path(folder, "in.png"), Path(folder, "out.jpg")
    picture.save(source, compress_level=1)
    command = [binary, "-q", "upscale", source, "-o", target, "--min-size", "1x1", "--quality", str(quality), "--force"]
    subprocess.run(command, check=True)
    return target.read_bytes()


def by_pillow(picture, quality):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--srcnn", default="target/release/srcnn")
    parser.add_argument("--old", help="another build, to compare with")
    parser.add_argument("--qualities", nargs="+", type=int, default=[30, 50, 75, 90, 95, 98, 100])
    parser.add_argument("--every", type=int, default=1, help="take each so many-th picture of a folder")
    args = parser.parse_args()
    kinds = {".png", ".bmp", ".jpg", ".jpeg", ".ppm", ".tif"}
    files = [f for folder in args.folders for f in sorted(folder.iterdir())[:: args.every] if f.suffix.lower() in kinds]
    pictures = [p if p.mode == "L" else p.convert("RGB") for p in map(Image.open, files)]
    print(f"{len(pictures)} pictures")
    with tempfile.TemporaryDirectory() as folder:
        for quality in args.qualities:
            others = {"libjpeg-turbo": lambda picture: by_pillow(picture, quality)}
            if args.old:
                others["old"] = lambda picture: by_srcnn(args.old, picture, quality, folder)
            rows = {name: [] for name in others}
            for picture in pictures:
                samples = np.asarray(picture, float)
                ours = by_srcnn(args.srcnn, picture, quality, folder)
                for name, encode in others.items():
                    theirs = encode(picture)
                    rows[name].append((len(ours) / len(theirs) - 1, psnr(ours, samples) - psnr(theirs, samples)))
            for name, row in rows.items():
                size, gain = np.array(row).T
                print(f"quality {quality:3}, to {name:13}: size {100 * size.mean():+.1f} %, {(size > 0).sum()} larger; "
                      f"PSNR {gain.mean():+.3f} dB, least {gain.min():+.3f}, {(gain < 0).sum()} lower", flush=True)


if __name__ == "__main__":
    main()
