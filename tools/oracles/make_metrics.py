"""Writes metrics/metrics.json and metrics/*.png: MSE, PSNR and SSIM of pictures against distorted copies.

Made with scikit-image 0.26.0 (skimage.metrics), numpy 2.4.6, scipy 1.17.1 (the blurs) and Pillow 13.0.0 (PNG).

A pair: reference and distorted (paths from the fixtures folder), one or three channels, and
    mse              mean of squared differences over all samples (all channels together)
    psnr             peak 255, from that mse; null where the two are equal
    ssim_uniform     scikit-image's default: 7 x 7 uniform window, sample covariance (times 49/48), data range 255,
                     K = (0.01, 0.03), mean over the pixels at least 3 from the border, mean over the channels
    ssim_gaussian    11 x 11 Gaussian window, sigma 1.5, population covariance, mean over the pixels at least 5 from the
                     border; one value a channel, in a list
ssim_gaussian is also computed from Wang et al.'s definition (`ssim_wang`) and must agree to 1e-12.
"""

import numpy as np
import scipy.ndimage
import skimage
from fixture_files import out_folder, read_png, write_json, write_png
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

assert skimage.__version__ == "0.26.0", skimage.__version__


def ssim_wang(a, b):
    """one channel; the window normalised to sum 1, only where it fits"""
    a, b = a.astype(np.float64), b.astype(np.float64)
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line)
    window /= window.sum()

    def mean(x):
        parts = np.lib.stride_tricks.sliding_window_view(x, (11, 11))
        return np.einsum("ijkl,kl->ij", parts, window)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = mean(a), mean(b)
    va, vb, cov = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    ssim = ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return ssim.mean()


def distortions(name, pixels):
    rng = np.random.default_rng(sum(map(ord, name)))
    v = pixels.astype(np.float64)
    axes = (1.2, 1.2) + (0,) * (v.ndim - 2)
    yield "noise", v + rng.normal(0, 12, v.shape)
    yield "blur", scipy.ndimage.gaussian_filter(v, axes)
    yield "shift", np.roll(v, (1, 2), (0, 1))
    yield "brighter", v + 9


def compare(reference, distorted):
    channels = reference.ndim == 3
    pair = {
        "mse": float(mean_squared_error(reference, distorted)),
        "psnr": None,
        "ssim_uniform": float(
            structural_similarity(reference, distorted, data_range=255, channel_axis=2 if channels else None)
        ),
    }
    if pair["mse"] > 0:
        pair["psnr"] = float(peak_signal_noise_ratio(reference, distorted, data_range=255))
        assert abs(pair["psnr"] - 10 * np.log10(255**2 / pair["mse"])) < 1e-12
    planes = [(reference[..., c], distorted[..., c]) for c in range(3)] if channels else [(reference, distorted)]
    gaussian = []
    for a, b in planes:
        value = structural_similarity(
            a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        assert abs(value - ssim_wang(a, b)) < 1e-12
        gaussian.append(float(value))
    pair["ssim_gaussian"] = gaussian
    return pair


def main():
    out = out_folder(__doc__)
    pairs = []
    for name in ("astronaut-61x47", "coffee-53x38", "checker-60x48"):
        reference = read_png(out / "pictures" / f"{name}.png")
        for kind, distorted in distortions(name, reference):
            if name.startswith("checker") and kind in ("blur", "noise"):
                continue
            distorted = np.clip(np.rint(distorted), 0, 255).astype(np.uint8)
            path = f"metrics/{name}-{kind}.png"
            write_png(out / path, distorted)
            head = {"reference": f"pictures/{name}.png", "distorted": path}
            pairs.append(head | compare(reference, distorted))
        pairs.append({"reference": f"pictures/{name}.png", "distorted": f"pictures/{name}.png"})
        pairs[-1] |= compare(reference, reference)
    # the smallest picture that each window allows
    reference = read_png(out / "pictures" / "noise-grey-101x67.png")
    for size in (7, 11):
        a, b = reference[:size, :size], reference[20 : 20 + size, 30 : 30 + size]
        paths = [f"metrics/noise-{size}x{size}-{letter}.png" for letter in "ab"]
        write_png(out / paths[0], a)
        write_png(out / paths[1], b)
        if size == 7:
            pair = {
                "mse": float(mean_squared_error(a, b)),
                "psnr": float(peak_signal_noise_ratio(a, b, data_range=255)),
                "ssim_uniform": float(structural_similarity(a, b, data_range=255)),
                "ssim_gaussian": None,
            }
        else:
            pair = compare(a, b)
        pairs.append({"reference": paths[0], "distorted": paths[1]} | pair)
    write_json(out / "metrics" / "metrics.json", {"scikit-image": skimage.__version__}, pairs=pairs)
    print(f"{len(pairs)} pairs")


if __name__ == "__main__":
    main()
