"""Writes pictures/: small PNG inputs for the tests.

Made with scikit-image 0.26.0 (its pictures), numpy 2.4.6 and Pillow 13.0.0 (PNG). The crops are of pictures that are
CC0 or in the public domain; pictures/LICENCES.md names them. The rest is drawn here.
"""

import numpy as np
import skimage.data
from fixture_files import out_folder, write_png

LICENCES = """# Where the pictures come from

Crops of pictures that scikit-image 0.26.0 carries (`skimage.data`), unchanged but for the crop:

| file | picture | crop (rows, columns) | licence, as scikit-image states it |
| --- | --- | --- | --- |
| astronaut-61x47.png | astronaut: Eileen Collins, NASA Great Images database, https://flic.kr/p/r9qvLn | 95..142, 195..256 | public domain, no known copyright restrictions |
| chelsea-64x64.png | chelsea the cat, photograph by Stefan van der Walt | 100..164, 130..194 | CC0 by the photographer |
| coffee-53x38.png | coffee, photograph by Rachel Michetti; green channel only | 240..278, 310..363 | CC0 by the photographer |
| rocket-40x56.png | rocket: SpaceX Photos, https://www.flickr.com/photos/spacexphotos/16511594820/ | 100..156, 300..340 | released in the public domain by SpaceX |

All other files are drawn by `tools/oracles/make_pictures.py` and are under the project's own licence.
"""


def crops():
    yield "astronaut-61x47", skimage.data.astronaut()[95:142, 195:256]
    yield "chelsea-64x64", skimage.data.chelsea()[100:164, 130:194]
    yield "coffee-53x38", skimage.data.coffee()[240:278, 310:363, 1]
    yield "rocket-40x56", skimage.data.rocket()[100:156, 300:340]


def drawn():
    y, x = np.mgrid[:32, :48]
    yield "ramp-48x32", np.stack([x * 255 // 47, y * 255 // 31, (x + y) * 255 // 78], -1)

    # a checkerboard of the eight extreme colours: cells of 5 pixels above, single pixels below
    y, x = np.mgrid[:48, :60]
    cell = np.where(y < 30, x // 5 + 3 * (y // 5), x + 3 * y) % 8
    yield "checker-60x48", np.stack([cell >> 2 & 1, cell >> 1 & 1, cell & 1], -1) * 255

    impulse = np.zeros((33, 33), int)
    impulse[16, 16] = impulse[0, 5] = impulse[32, 32] = 255
    impulse[24:, :8] = 255
    impulse[28, 4] = 0
    yield "impulse-33x33", impulse

    # a disc with a soft edge; the transparent pixels have colours too
    y, x = np.mgrid[:35, :45]
    distance = np.hypot(x - 20.0, y - 16.0)
    alpha = np.clip(np.rint((14.0 - distance) * 36), 0, 255)
    colour = np.stack([x * 5 + 20, 255 - y * 7, (x * y) % 256], -1)
    colour = np.where(alpha[..., None] == 0, np.array([255, 0, 200]), colour)
    yield "alpha-45x35", np.concatenate([np.clip(colour, 0, 255), alpha[..., None]], -1)
    yield "grey-alpha-29x31", np.stack([(x * 9 + y) % 256, np.clip(y * 16 - x * 8, 0, 255)], -1)[:31, :29]

    rng = np.random.default_rng(101067)
    noise = rng.integers(0, 256, (67, 101, 3))
    yield "noise-101x67", noise
    yield "noise-grey-101x67", noise[..., 1]
    yield "noise-alpha-37x29", rng.integers(0, 256, (29, 37, 4)) // np.array([1, 1, 1, 2])
    yield "binary-98x49", rng.integers(0, 2, (49, 98)) * 255
    # the mean of every row ends in .5
    rows = rng.integers(0, 256, (16, 98))
    rows[:, 0] = 100
    rows[:, 0] += (49 - rows.sum(1)) % 98
    yield "ties-98x16", rows
    yield "grey-60x48", rng.integers(96, 104, (48, 60))
    yield "tiny-5x3", rng.integers(0, 256, (3, 5, 3))
    yield "tiny-1x7", rng.integers(0, 256, (7, 1))
    yield "tiny-2x1", rng.integers(0, 256, (1, 2, 3))
    yield "tiny-1x1", np.array([[[250, 3, 128]]])


def main():
    out = out_folder(__doc__) / "pictures"
    for make in (crops, drawn):
        for name, pixels in make():
            height, width = pixels.shape[:2]
            assert name.endswith(f"-{width}x{height}"), name
            write_png(out / f"{name}.png", pixels.astype(np.uint8))
    (out / "LICENCES.md").write_text(LICENCES)


if __name__ == "__main__":
    main()
