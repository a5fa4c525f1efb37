"""A three-layer SRCNN in torch, float64: correlations, ReLU after the first two; per layer valid, zero or replicate."""

import numpy as np
import torch

torch.set_num_threads(1)


def random_layers(seed, inputs, shape):
    """shape: (kernel size, kernels) per layer. float32 values; nothing is symmetric"""
    rng = np.random.default_rng(seed)
    layers = []
    for size, kernels in shape:
        weight = rng.normal(0, 1 / np.sqrt(inputs * size * size), (kernels, inputs, size, size))
        bias = rng.normal(0, 0.1, kernels)
        layers.append((weight.astype(np.float32), bias.astype(np.float32)))
        inputs = kernels
    return layers


def tensors(layers):
    """as the .safetensors files name them; weights are output, input, row, column (OIHW)"""
    named = {}
    for n, (weight, bias) in enumerate(layers, 1):
        named[f"layer{n}.weight"], named[f"layer{n}.bias"] = weight, bias
    return named


def run(layers, picture, paddings, dtype=torch.float64):
    """picture: (channels, rows, columns); paddings: one of valid, zero, replicate per layer"""
    x = torch.as_tensor(picture.copy(), dtype=dtype)[None]
    for n, ((weight, bias), padding) in enumerate(zip(layers, paddings)):
        weight = torch.as_tensor(weight.copy(), dtype=dtype)
        half = weight.shape[-1] // 2
        if padding == "replicate":
            # one row or column at a time, so that the picture may be smaller than the kernel
            rows = torch.arange(-half, x.shape[2] + half).clamp(0, x.shape[2] - 1)
            columns = torch.arange(-half, x.shape[3] + half).clamp(0, x.shape[3] - 1)
            x = x[:, :, rows][:, :, :, columns]
        x = torch.nn.functional.conv2d(
            x, weight, torch.as_tensor(bias, dtype=dtype), padding=half if padding == "zero" else 0
        )
        if n < len(layers) - 1:
            x = torch.relu(x)
    return x[0].numpy()
