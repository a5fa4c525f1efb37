"""Runs real weight files through the two evaluation protocols, to show that the fixtures' rules are the right ones.

The data is no part of the project; SRCNN_REFERENCE_DATA names its folder. `python reference_checks.py` runs this alone.
"""

import json

import matlab_arithmetic
import network
import numpy as np
import opencv_arithmetic
import torch
import weight_files
from fixture_files import reference_data
from make_color import matlab_rgb_to_ycbcr, rgb_to_ycrcb, ycrcb_to_rgb
from make_metrics import ssim_wang
from PIL import Image
from skimage.metrics import structural_similarity


def _rgb(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def paper_input(path, scale):
    """the ground truth's Y (uint8) and the enlarged one (double)"""
    y = matlab_rgb_to_ycbcr(_rgb(path))[..., 0]
    y = y[: y.shape[0] // scale * scale, : y.shape[1] // scale * scale]
    low = matlab_arithmetic.imresize(y / 255.0, 1 / scale, "mirror")
    return y, matlab_arithmetic.imresize(low, scale, "mirror")


def paper_score(truth, picture, scale):
    ours = matlab_arithmetic.round_to_uint8(picture * 255)
    a, b = (p[scale:-scale, scale:-scale] for p in (truth, ours))
    mse = np.mean((a.astype(np.float64) - b) ** 2)
    return 10 * np.log10(255**2 / mse), ssim_wang(a, b)


def check_paper(data, weights, layers, scale, name="butterfly_GT"):
    golden = json.loads((data / "golden" / "set5-paper.json").read_text())["scales"][f"x{scale}"]
    truth, enlarged = paper_input(data / "set5" / f"{name}.bmp", scale)
    result = network.run(layers, enlarged[None], ("replicate",) * 3, torch.float32)[0].astype(np.float64)
    for label, key, picture in (("bicubic", "bicubic", enlarged), (weights, weights, result)):
        got, want = paper_score(truth, picture, scale), golden[key]["images"][name]
        print(f"x{scale} {name} {label}: {got[0]:.3f} dB {got[1]:.4f}, golden {want[0]} {want[1]}")
        assert abs(got[0] - want[0]) < 0.002 and abs(got[1] - want[1]) < 0.0002


def check_theano(data):
    """the five pictures' mean at x3; kernels as read must give 32.504 dB"""
    layers = weight_files.read_keras(data / "weights" / "keras-theano" / "srcnn_model_weights.h5")
    scores = []
    for path in sorted((data / "set5").glob("*.bmp")):
        truth, enlarged = paper_input(path, 3)
        result = network.run(layers, enlarged[None], ("replicate",) * 3, torch.float32)[0].astype(np.float64)
        scores.append(paper_score(truth, result, 3)[0])
    print(f"x3 mean, Theano file: {np.mean(scores):.3f} dB, expected 32.504")
    assert abs(np.mean(scores) - 32.504) < 0.002


def keras_triple(reference, picture):
    difference = reference.astype(np.float64) - picture
    mse = np.sum(difference**2) / (reference.shape[0] * reference.shape[1])
    ssim = structural_similarity(reference, picture, channel_axis=2, data_range=255)
    return 10 * np.log10(255**2 / (mse / 3)), mse, ssim


def check_keras(data, name="butterfly_GT.bmp"):
    golden = json.loads((data / "golden" / "set5-keras.json").read_text())["images"][name]
    layers = weight_files.read_keras(data / "weights" / "keras-markprecursor" / "3051crop_weight_200.h5")
    reference = _rgb(data / "set5" / name)
    h, w = reference.shape[:2]
    degraded = opencv_arithmetic.resize(reference, w // 2, h // 2, "opencv-linear")
    degraded = opencv_arithmetic.resize(degraded, w, h, "opencv-linear")
    triples = {"input_full": keras_triple(reference, degraded)}
    reference, degraded = (p[: h - h % 3, 1 : w - w % 3] for p in (reference, degraded))
    ycrcb = rgb_to_ycrcb(degraded)
    y = network.run(layers, ycrcb[None, ..., 0] / 255.0, ("valid", "zero", "valid"), torch.float32)[0]
    reference, degraded, ycrcb = (p[6:-6, 6:-6].copy() for p in (reference, degraded, ycrcb))
    ycrcb[..., 0] = np.clip(y * np.float32(255), 0, 255).astype(np.uint8)
    triples["input"] = keras_triple(reference, degraded)
    triples["output"] = keras_triple(reference, ycrcb_to_rgb(ycrcb))
    for key, got in triples.items():
        print(f"keras {name} {key}: {got[0]:.6f} dB {got[1]:.6f} {got[2]:.6f}, golden {golden[key]}")
        if key == "output":
            assert abs(got[0] - golden[key][0]) < 5e-4
        else:
            assert np.allclose(got, golden[key], rtol=1e-9, atol=0)


def check_keras_rgb(data):
    """No golden value: at x4, its own factor, the RGB network must improve on its input; at x2, as read, it must beat BGR
    order and flipped kernels. (Flipping costs 0.02 dB only: its kernels are all but symmetric.)"""
    layers = weight_files.read_keras(data / "weights" / "keras-rgb" / "SRCNN-955.h5")
    flipped = [(weight[:, :, ::-1, ::-1], bias) for weight, bias in layers]
    reference = _rgb(data / "set5" / "butterfly_GT.bmp")

    def score(picture, layers=None, order=1):
        if layers is not None:
            planes = picture[..., ::order].transpose(2, 0, 1)
            picture = network.run(layers, planes, ("zero",) * 3, torch.float32).transpose(1, 2, 0)[..., ::order]
        return keras_triple(reference[8:-8, 8:-8], matlab_arithmetic.round_to_uint8(picture[8:-8, 8:-8] * 255.0))[0]

    for scale in (2, 4):
        enlarged = matlab_arithmetic.imresize(reference / 255.0, 1 / scale, "mirror")
        enlarged = matlab_arithmetic.imresize(enlarged, scale, "mirror")
        before, after = score(enlarged), score(enlarged, layers)
        bgr, turned = score(enlarged, layers, -1), score(enlarged, flipped)
        print(f"Keras 2, RGB, x{scale}: {before:.3f} dB before, {after:.3f} after; BGR {bgr:.3f}, flipped {turned:.3f}")
        assert after > (before if scale == 4 else max(bgr, turned))


def check_weights(data):
    for weights, scale in (
        ("matlab-authors/9-1-5(91 images)/x3.mat", 3),
        ("matlab-authors/9-5-5(ImageNet)/x3.mat", 3),
        ("matlab-authors/9-5-5(ImageNet)/x2.mat", 2),
    ):
        check_paper(data, weights, weight_files.read_authors(data / "weights" / weights), scale)
    check_theano(data)
    check_keras(data)
    check_keras_rgb(data)


if __name__ == "__main__":
    folder = reference_data()
    if folder is not None:
        check_weights(folder)
