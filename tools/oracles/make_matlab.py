"""Writes resample/matlab.json: MATLAB's imresize, bicubic, on uint8 and on floating point.

Made with numpy 2.4.6 from the description in matlab_arithmetic.py, not with MATLAB. That it is MATLAB's arithmetic is
checked against pictures that MATLAB made, which are not part of the project: set SRCNN_REFERENCE_DATA to the folder
that holds golden/imresize (img_00N_SRF_S_HR.png and ..._LR.png) and run this script; every low-resolution picture
must be met bit for bit, from the high-resolution one, with clamped edges.

cases (uint8): input (a path from the fixtures folder), scale, edge (mirror or clamp), width and height of the output,
crc32 of its bytes (interleaved). A scale is given as the fraction numerator / denominator, meaning that quotient in
double. No case depends on the order of a sum: no value before rounding lies within 1e-7 of a half, except with scales
that are powers of two, where all sums are exact in double.
floats: input and output as rows of doubles; 1e-12 is a fair tolerance.
"""

import math

import matlab_arithmetic
import numpy as np
from fixture_files import crc32, out_folder, read_png, reference_data, write_json

SCALES = ((1, 2), (1, 3), (1, 4), (2, 1), (3, 1), (4, 1), (17, 10), (10, 17), (17, 9), (9, 17), (3, 5))
EXACT = (0.25, 0.5, 2.0, 4.0)
SHOWN = (
    "astronaut-61x47",
    "checker-60x48",
    "coffee-53x38",
    "impulse-33x33",
    "noise-101x67",
    "noise-grey-101x67",
    "ramp-48x32",
    "tiny-1x1",
    "tiny-1x7",
    "tiny-2x1",
    "tiny-5x3",
)


def fragile(pixels, scale, edge):
    """whether a sum lies on a half, where its last bit decides"""
    if scale in EXACT:
        return False
    v = pixels.astype(np.float64)
    for axis in (0, 1):
        v = np.swapaxes(matlab_arithmetic._pass(np.swapaxes(v, 0, axis), scale, edge, np.float64), 0, axis)
        if np.any(np.abs(v - np.floor(v) - 0.5) < 1e-7):
            return True
        v = matlab_arithmetic.round_to_uint8(v).astype(np.float64)
    return False


def check_against_matlab(data):
    count = 0
    for low in sorted((data / "golden" / "imresize").glob("img_*_LR.png")):
        scale = int(low.stem.split("_")[3])
        high = read_png(low.with_name(low.name.replace("_LR", "_HR")))
        ours = matlab_arithmetic.imresize(high, 1 / scale, "clamp")
        assert np.array_equal(ours, read_png(low)), low.name
        count += 1
    assert count > 0
    print(f"equal to MATLAB's pictures: {count}")


def main():
    out = out_folder(__doc__)
    data = reference_data()
    if data is not None:
        check_against_matlab(data)

    cases, left_out = [], []
    for name in SHOWN:
        pixels = read_png(out / "pictures" / f"{name}.png")
        for numerator, denominator in SCALES:
            for edge in ("mirror", "clamp"):
                scale = numerator / denominator
                # the size must not hang on the last bit either
                assert all(math.ceil(n * scale) == -(-n * numerator // denominator) for n in pixels.shape[:2]), name
                if fragile(pixels, scale, edge):
                    left_out.append(f"{name} {numerator}/{denominator} {edge}")
                    continue
                result = matlab_arithmetic.imresize(pixels, scale, edge)
                assert np.array_equal(result, matlab_arithmetic.imresize(pixels, scale, edge, np.longdouble))
                cases.append(
                    {
                        "input": f"pictures/{name}.png",
                        "scale": [numerator, denominator],
                        "edge": edge,
                        "width": result.shape[1],
                        "height": result.shape[0],
                        "crc32": crc32(result),
                    }
                )
    print(f"{len(cases)} cases; left out because a sum lies on a half: {', '.join(left_out) or 'none'}")

    rng = np.random.default_rng(129)
    floats = []
    small, large = [s for s in SCALES if s[0] < 2 * s[1]], [s for s in SCALES if s[0] >= 2 * s[1]]
    for (w, h), scales in (((12, 9), small), ((5, 4), large + [(1, 4)]), ((2, 1), [(1, 3), (2, 1)])):
        picture = rng.random((h, w))
        for numerator, denominator in scales:
            for edge in ("mirror", "clamp"):
                result = matlab_arithmetic.imresize(picture, numerator / denominator, edge)
                floats.append(
                    {
                        "scale": [numerator, denominator],
                        "edge": edge,
                        "input": picture.tolist(),
                        "output": result.tolist(),
                    }
                )
    write_json(out / "resample" / "matlab.json", {"made by": "matlab_arithmetic.py"}, cases=cases, floats=floats)


if __name__ == "__main__":
    main()
