"""Writes color/opencv.json and color/matlab.json: RGB to YCbCr and back, all 2^24 colours.

opencv.json is made with opencv-python-headless 5.0.0.93 (cv2.cvtColor on uint8, COLOR_RGB2YCrCb and COLOR_YCrCb2RGB,
IPP off) and checked here, for every colour, against the fixed-point formulas of `rgb_to_ycrcb` and `ycrcb_to_rgb`.

matlab.json holds what MATLAB's rgb2ycbcr on uint8 is defined to give (ITU-R BT.601, studio range), in exact integers,
halves away from zero; it was not made with MATLAB. Evaluated in doubles, the formula misses 39 to 149 of the 194
colours whose Y is exactly a half, depending on the order of the operations; Cb and Cr have no such trouble.

The 256 checksums of a direction belong to the values of the first channel (R, or Y on the way back). Checksum v is
the crc32 of the output for the inputs (v, b, c), b = 0..255 slower, c = 0..255 faster, output interleaved, three
bytes a colour: Y, Cr, Cb of OpenCV, R, G, B on the way back, and Y, Cb, Cr of MATLAB. A grid of single values, to see
what is wrong when a checksum is: rows [input 1, 2, 3, output 1, 2, 3].
"""

import os

os.environ["OPENCV_IPP"] = "disabled"

import cv2
import numpy as np
from fixture_files import crc32, out_folder, write_json

if hasattr(cv2, "ipp"):
    cv2.ipp.setUseIPP(False)
cv2.setNumThreads(1)
assert cv2.__version__ == "5.0.0", cv2.__version__

GRID = (0, 1, 51, 128, 204, 254, 255)


def slab(first):
    """(256, 256, 3): all colours whose first channel is `first`"""
    b, c = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    return np.stack([np.full_like(b, first), b, c], -1).astype(np.uint8)


def u8(*planes):
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def rgb_to_ycrcb(rgb):
    """OpenCV's arithmetic: integers, >> arithmetic"""
    r, g, b = np.moveaxis(rgb.astype(np.int64), -1, 0)
    y = (4899 * r + 9617 * g + 1868 * b + 8192) >> 14
    cr = ((r - y) * 11682 + (128 << 14) + 8192) >> 14
    cb = ((b - y) * 9241 + (128 << 14) + 8192) >> 14
    return u8(y, cr, cb)


def ycrcb_to_rgb(ycrcb):
    y, cr, cb = np.moveaxis(ycrcb.astype(np.int64), -1, 0)
    c, d = cr - 128, cb - 128
    r = y + ((22987 * c + 8192) >> 14)
    g = y + ((-5636 * d - 11698 * c + 8192) >> 14)
    b = y + ((29049 * d + 8192) >> 14)
    return u8(r, g, b)


def matlab_rgb_to_ycbcr(rgb):
    """round(offset + (row . rgb) / 255), exactly: everything times 1000 * 255, halves up (all values are positive)"""
    rows = ((65481, 128553, 24966, 16), (-37797, -74203, 112000, 128), (112000, -93786, -18214, 128))
    r, g, b = np.moveaxis(rgb.astype(np.int64), -1, 0)
    one = 255_000
    return u8(*((i * r + j * g + k * b + offset * one + one // 2) // one for i, j, k, offset in rows))


def table(convert, check=None):
    sums = []
    for first in range(256):
        colours = slab(first)
        result = convert(colours)
        if check is not None:
            assert np.array_equal(result, check(colours)), first
        sums.append(crc32(result))
    colours = np.array([[(a, b, c) for a in GRID for b in GRID for c in GRID]], np.uint8)
    rows = np.concatenate([colours, convert(colours)], -1)[0]
    return sums, rows.tolist()


def main():
    out = out_folder(__doc__) / "color"
    to = table(lambda p: cv2.cvtColor(p, cv2.COLOR_RGB2YCrCb), rgb_to_ycrcb)
    back = table(lambda p: cv2.cvtColor(p, cv2.COLOR_YCrCb2RGB), ycrcb_to_rgb)
    head = {
        "opencv-python-headless": "5.0.0.93",
        "rgb_to_ycrcb_crc32": to[0],
        "ycrcb_to_rgb_crc32": back[0],
    }
    write_json(out / "opencv.json", head, rgb_to_ycrcb=to[1], ycrcb_to_rgb=back[1])

    sums, rows = table(matlab_rgb_to_ycbcr)
    # the colours whose Y ends in exactly one half
    halves = []
    for first in range(256):
        r, g, b = np.moveaxis(slab(first).astype(np.int64), -1, 0)
        at = np.argwhere((65481 * r + 128553 * g + 24966 * b) % 255_000 == 127_500)
        halves += [[first, int(j), int(k)] for j, k in at]
    assert len(halves) == 194
    ycbcr = matlab_rgb_to_ycbcr(np.array([halves], np.uint8))[0]
    halves = np.concatenate([np.array(halves), ycbcr], -1).tolist()
    head = {"made by": "the definition, in exact integers", "rgb_to_ycbcr_crc32": sums}
    write_json(out / "matlab.json", head, rgb_to_ycbcr=rows, y_halves=halves)


if __name__ == "__main__":
    main()
