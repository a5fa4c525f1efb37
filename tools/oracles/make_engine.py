"""Writes engine/*.safetensors and engine/*.json: small networks, inputs and outputs.

Made with torch 2.15.0 (CPU, float64) and safetensors 0.8.0. A .safetensors file holds float32: layer1.weight (output,
input, row, column), layer1.bias, and so on. The JSON beside it lists runs: paddings (valid, zero or replicate, one
per layer), input and output as [channel][row][column], doubles. Layers 1 and 2 are followed by ReLU. Every output is
checked against scipy 1.17.1 (ndimage.correlate) to 1e-12; the last digits may vary with the CPU.
"""

import network
import numpy as np
import scipy.ndimage
import torch
from fixture_files import out_folder, write_json, write_safetensors

NETWORKS = {
    # name: (seed, input channels, (kernel size, kernels) per layer)
    "grey-5-3-3": (533, 1, ((5, 4), (3, 3), (3, 1))),
    "grey-9-1-5": (915, 1, ((9, 3), (1, 2), (5, 1))),
    "rgb-3-1-3": (313, 3, ((3, 4), (1, 3), (3, 3))),
}
PADDINGS = (
    ("valid", "valid", "valid"),
    ("valid", "zero", "valid"),
    ("zero", "zero", "zero"),
    ("replicate", "replicate", "replicate"),
)
# rows, columns
SIZES = ((7, 5), (13, 17), (1, 1), (2, 9))


def lost(layers, paddings):
    return sum(w.shape[-1] - 1 for (w, _), padding in zip(layers, paddings) if padding == "valid")


def by_scipy(layers, picture, paddings):
    x = picture
    for n, ((weight, bias), padding) in enumerate(zip(layers, paddings)):
        half = weight.shape[-1] // 2
        mode = "nearest" if padding == "replicate" else "constant"
        x = np.stack(
            [
                sum(scipy.ndimage.correlate(p, k, mode=mode) for p, k in zip(x, kernels.astype(np.float64))) + b
                for kernels, b in zip(weight, bias.astype(np.float64))
            ]
        )
        if padding == "valid":
            x = x[:, half : x.shape[1] - half, half : x.shape[2] - half]
        if n < len(layers) - 1:
            x = np.maximum(x, 0)
    return x


def main():
    out = out_folder(__doc__) / "engine"
    out.mkdir(parents=True, exist_ok=True)
    for name, (seed, channels, shape) in NETWORKS.items():
        layers = network.random_layers(seed, channels, shape)
        write_safetensors(out / f"{name}.safetensors", network.tensors(layers))
        rng = np.random.default_rng(seed + 1)
        runs = []
        for height, width in SIZES:
            picture = rng.random((channels, height, width))
            for paddings in PADDINGS:
                if min(height, width) <= lost(layers, paddings):
                    continue
                result = network.run(layers, picture, paddings)
                assert np.abs(result - by_scipy(layers, picture, paddings)).max() < 1e-12
                runs.append({"paddings": paddings, "input": picture.tolist(), "output": result.tolist()})
        # ReLU must have something to do in both layers, or a test without it would pass
        for depth in (1, 2):
            before = network.run(layers[:depth], picture, ("zero",) * depth)
            assert before.min() < 0 < before.max()
        write_json(out / f"{name}.json", {"torch": torch.__version__.split("+")[0]}, runs=runs)
        print(f"{name}: {len(runs)} runs")


if __name__ == "__main__":
    main()
