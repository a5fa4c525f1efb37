"""Writes resample/cases.json and resample/expected/*.png: uint8 resampling as other programs do it.

Made with opencv-python-headless 5.0.0.93 (cv2.resize, IPP off) and Pillow 13.0.0 (Image.resize, BICUBIC), from the
pictures of make_pictures.py. Every case is checked against opencv_arithmetic.py and pillow_arithmetic.py, which say
in words what the two programs compute.

A case: input (a path from the fixtures folder), convention (opencv-linear, opencv-cubic, opencv-area or
pillow-bicubic), width and height of the output, crc32 of its bytes (rows top to bottom, channels interleaved, order
L, RGB, LA or RGBA) and, for a few, expected: the output as a PNG. keras_round_trips: opencv-linear to (width // scale,
height // scale), then opencv-linear back to the input's size; small_crc32 is after the first step.
"""

import os

os.environ["OPENCV_IPP"] = "disabled"

import cv2
import numpy as np
import opencv_arithmetic
import pillow_arithmetic
import PIL
from fixture_files import crc32, out_folder, read_png, write_json, write_png
from PIL import Image

if hasattr(cv2, "ipp"):
    cv2.ipp.setUseIPP(False)
cv2.setNumThreads(1)
assert cv2.__version__ == "5.0.0", cv2.__version__
assert PIL.__version__ == "13.0.0", PIL.__version__

OPENCV = {
    "opencv-linear": cv2.INTER_LINEAR,
    "opencv-cubic": cv2.INTER_CUBIC,
    "opencv-area": cv2.INTER_AREA,
}

# outputs to look at when a case fails
SHOWN = {
    ("astronaut-61x47", "opencv-linear", 122, 94),
    ("astronaut-61x47", "opencv-linear", 41, 31),
    ("checker-60x48", "opencv-linear", 91, 17),
    ("astronaut-61x47", "opencv-cubic", 92, 71),
    ("checker-60x48", "opencv-cubic", 25, 20),
    ("impulse-33x33", "opencv-cubic", 99, 99),
    ("checker-60x48", "opencv-area", 30, 24),
    ("checker-60x48", "opencv-area", 20, 12),
    ("astronaut-61x47", "opencv-area", 25, 19),
    ("astronaut-61x47", "opencv-area", 122, 16),
    ("astronaut-61x47", "pillow-bicubic", 20, 15),
    ("impulse-33x33", "pillow-bicubic", 50, 21),
    ("alpha-45x35", "pillow-bicubic", 90, 70),
    ("alpha-45x35", "pillow-bicubic", 15, 12),
}


def sizes(w, h, many):
    """output sizes worth a test, for an input of w x h"""
    found = [(w, h)]
    for s in (2, 3, 4):
        found += [(w * s, h * s), (max(1, w // s), max(1, h // s)), (-(-w // s), -(-h // s))]
    found += [(w * 3 // 2, h * 3 // 2), (-(-w * 2 // 3), -(-h * 2 // 3))]
    found += [(1, 1), (1, h), (w, 1), (w + 1, h), (w, h + 1), (max(1, w - 1), max(1, h - 1))]
    found += [(max(1, w // 2), h * 2), (w * 2, max(1, h // 2)), (max(1, w // 3), h), (w, max(1, h // 3))]
    if many:
        # whole factors that are not the same on both axes, where the size allows
        for a in (1, 2, 3, 4, 5, 6, 7):
            for b in (1, 2, 3, 4, 5, 6, 7):
                if w % a == 0 and h % b == 0:
                    found.append((w // a, h // b))
        # factors whose denominators are even, so that sums land on halves: 1.2, 2.4, 1.6, 4/3, 2.5
        for p, q in ((5, 6), (5, 12), (5, 8), (3, 4), (2, 5)):
            if w * p % q == 0:
                found += [(w * p // q, h), (w * p // q, -(-h // 2))]
            if h * p % q == 0:
                found += [(w, h * p // q), (-(-w // 3), h * p // q)]
        found += [(37, 29), (29, 37), (2, 3), (5, 1), (1, 13), (16, 16), (17, 31), (7, h + 9), (w + 9, 7), (64, 48)]
        found += [(w * 2 + 1, h * 2 - 1), (w - 7, h + 5), (w + 7, h - 5), (w * 17 // 10, h * 17 // 10), (53, 3), (3, 53)]
    return list(dict.fromkeys(found))


MANY = ("astronaut-61x47", "noise-101x67", "noise-grey-101x67", "checker-60x48", "grey-60x48")
OPENCV_ONLY = {
    # 49 is a whole factor, but 1 / (1 / 49) is not 49
    "ties-98x16": [(1, 16), (1, 8), (1, 4), (1, 1), (2, 16), (2, 8), (98, 1), (98, 7), (7, 16)],
    "binary-98x49": [(2, 1), (2, 49), (98, 1), (2, 7), (14, 1), (49, 24), (24, 49), (40, 20), (83, 41), (245, 123)],
    # one axis enlarged, where 1 / (out / in) and in / out put a sample elsewhere
    "grey-60x48": [(62, 48), (60, 68), (111, 48), (74, 40), (31, 88)],
    "checker-60x48": [(62, 48), (60, 88), (111, 48), (74, 40), (31, 88)],
    "noise-grey-101x67": [(99, 67), (84, 60), (80, 60), (51, 20), (98, 61), (97, 66), (118, 82), (117, 99), (81, 60)],
}


def tried(name, w, h, pillow):
    if name in ("binary-98x49", "ties-98x16"):
        return OPENCV_ONLY[name] if not pillow else []
    found = sizes(w, h, name in MANY)
    if not pillow:
        found += OPENCV_ONLY.get(name, [])
    else:
        # the order of Pillow's passes turns over here
        found += [(w, h // 2), (w // 2 + 1, 1 + h // 3), (w - 3, h - 6), (w - 3, h - 7), (w - 3, h - 5), (w + 2, h - 1)]
    found += sorted(key[2:] for key in SHOWN if key[0] == name and key[1].startswith("pillow") == pillow)
    return [(a, b) for a, b in dict.fromkeys(found) if a > 0 and b > 0 and a * b < 50_000]


def by_opencv(pixels, width, height, convention):
    result = cv2.resize(pixels, (width, height), interpolation=OPENCV[convention])
    ours = opencv_arithmetic.resize(pixels, width, height, convention)
    assert np.array_equal(result, ours), (pixels.shape, width, height, convention)
    return result


def by_pillow(pixels, width, height):
    result = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))
    assert np.array_equal(result, pillow_arithmetic.resize(pixels, width, height)), (pixels.shape, width, height)
    return result


def main():
    out = out_folder(__doc__)
    cases, trips, shown = [], [], set()

    def add(name, convention, width, height, result):
        case = {
            "input": f"pictures/{name}.png",
            "convention": convention,
            "width": width,
            "height": height,
            "crc32": crc32(result),
        }
        key = (name, convention, width, height)
        if key in SHOWN:
            shown.add(key)
            case["expected"] = f"resample/expected/{name}-{convention}-{width}x{height}.png"
            write_png(out / case["expected"], result)
        cases.append(case)

    for path in sorted((out / "pictures").glob("*.png")):
        name, pixels = path.stem, read_png(path)
        h, w = pixels.shape[:2]
        if pixels.ndim == 2 or pixels.shape[2] == 3:
            for convention in OPENCV:
                for width, height in tried(name, w, h, False):
                    add(name, convention, width, height, by_opencv(pixels, width, height, convention))
            for scale in (2, 3, 4):
                if w >= 4 and h >= 4:
                    small = by_opencv(pixels, w // scale, h // scale, "opencv-linear")
                    back = by_opencv(small, w, h, "opencv-linear")
                    trips.append(
                        {
                            "input": f"pictures/{name}.png",
                            "scale": scale,
                            "small_crc32": crc32(small),
                            "crc32": crc32(back),
                        }
                    )
        for width, height in tried(name, w, h, True):
            add(name, "pillow-bicubic", width, height, by_pillow(pixels, width, height))

    assert shown == SHOWN, SHOWN - shown
    head = {"opencv-python-headless": "5.0.0.93 (IPP off)", "pillow": PIL.__version__}
    write_json(out / "resample" / "cases.json", head, cases=cases, keras_round_trips=trips)
    print(f"{len(cases)} cases, {len(trips)} round trips")


if __name__ == "__main__":
    main()
