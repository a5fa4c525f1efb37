"""AVIF pictures of tiles, by libavif's avifenc, and what avifdec makes of them (Debian's libavif-bin; 0.11.1 wrote the fixtures).

    make_avif_grids.py crates/srcnn-fixtures/avif

The picture is made here. libavif asks for tiles of at least 64x64, all alike, which the grid's size may cut.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image


def picture(width, height):
    """Smooth colors, edges at no multiple of a tile, and alpha from the left to the right."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    r = 127 + 120 * np.sin(x / 17) * np.cos(y / 23)
    g = 255 * x / (width - 1)
    b = np.where((x + 2 * y) % 90 < 45, 40, 220)
    a = np.clip(320 * (x / width) - 30, 0, 255)
    return np.dstack([r, g, b, a]).round().astype(np.uint8)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    rgba = picture(192, 128)
    with tempfile.TemporaryDirectory() as temporary:
        color, alpha = (os.path.join(temporary, name) for name in ("color.png", "alpha.png"))
        Image.fromarray(rgba[..., :3]).save(color)
        Image.fromarray(rgba).save(alpha)
        for name, source, grid, options in [
            ("lossless", color, "3x2", ["--lossless"]),
            ("420", color, "3x2", ["-y", "420", "--min", "20", "--max", "25"]),
            ("422-limited", color, "3x1", ["-y", "422", "-r", "limited", "--min", "20", "--max", "25"]),
            ("444-10", color, "1x2", ["-y", "444", "-d", "10", "--min", "10", "--max", "15"]),
            ("grey", color, "3x2", ["-y", "400", "--min", "20", "--max", "25"]),
            ("alpha", alpha, "3x2", ["-y", "420", "--min", "20", "--max", "25"]),
            ("turned", alpha, "3x2", ["-y", "420", "--min", "20", "--max", "25", "--irot", "1"]),
        ]:
            file, truth = (os.path.join(folder, f"{name}.{extension}") for extension in ("avif", "png"))
            subprocess.run(["avifenc", "--grid", grid, "-s", "6", *options, source, file], check=True, capture_output=True)
            if name == "turned":
                # avifdec does not turn it: the test compares it with the one that is not.
                continue
            depth = "16" if name.endswith("-10") else "8"
            subprocess.run(["avifdec", "-u", "bilinear", "-d", depth, file, truth], check=True, capture_output=True)


if __name__ == "__main__":
    main(sys.argv[1])
