"""MATLAB's imresize, bicubic, written in numpy from its documented definition; float64 throughout.

Along one axis, `n` samples, scale s (output / input), output size m = ceil(n * s):
    shrinking (s < 1): the kernel is stretched: kw = 4 / s, h(d) = s * cubic(s * d); otherwise kw = 4, h = cubic
    cubic(d), d = |d|, a = -0.5:  d <= 1: 1.5 d^3 - 2.5 d^2 + 1;  d <= 2: -0.5 d^3 + 2.5 d^2 - 4 d + 2;  else 0
    output x = 1 .. m:  u = x / s + 0.5 * (1 - 1 / s);  left = floor(u - kw / 2)
    taps j = left .. left + ceil(kw) + 1 (so ceil(kw) + 2 of them), weight h(u - j), divided by the sum of the weights
    a tap outside 1 .. n: "mirror" takes [1..n, n..1], repeated with period 2 n; "clamp" takes the nearest of 1 and n
The vertical pass comes first (with different scales per axis MATLAB takes the smaller scale first). uint8: the input is
taken as 0..255, and each pass is rounded, halves away from zero, and saturated to 0..255. Floating point: nothing is
rounded.
"""

import math

import numpy as np


def cubic(d):
    d = np.abs(d)
    near = 1.5 * d**3 - 2.5 * d**2 + 1
    far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return np.where(d <= 1, near, np.where(d <= 2, far, 0.0))


def contributions(n, scale, edge, dtype=np.float64):
    """indices (0-based) and weights, both (output size, taps)"""
    s = dtype(scale)
    m = math.ceil(n * scale)
    width = 4.0 / s if scale < 1 else dtype(4.0)
    x = np.arange(1, m + 1).astype(dtype)
    u = x / s + dtype(0.5) * (1 - 1 / s)
    left = np.floor(u - width / 2)
    # ceil is of the double that MATLAB has
    taps = left[:, None] + np.arange(math.ceil(4.0 / scale if scale < 1 else 4.0) + 2)
    distance = u[:, None] - taps
    weights = s * cubic(s * distance) if scale < 1 else cubic(distance)
    weights = weights / weights.sum(1, keepdims=True)
    taps = taps.astype(np.int64) - 1
    if edge == "mirror":
        taps = np.mod(taps, 2 * n)
        taps = np.where(taps < n, taps, 2 * n - 1 - taps)
    else:
        assert edge == "clamp"
        taps = np.clip(taps, 0, n - 1)
    return taps, weights


def _pass(src, scale, edge, dtype):
    """along axis 0"""
    taps, weights = contributions(src.shape[0], scale, edge, dtype)
    total = None
    for j in range(taps.shape[1]):
        w = weights[:, j].reshape((-1,) + (1,) * (src.ndim - 1))
        term = w * src[taps[:, j]]
        total = term if total is None else total + term
    return total


def round_to_uint8(x):
    """halves away from zero; saturates"""
    return np.clip(np.floor(np.abs(x) + 0.5) * np.sign(x), 0, 255).astype(np.uint8)


def imresize(src, scale, edge, dtype=np.float64):
    """src: uint8 or float, (h, w) or (h, w, channels)"""
    whole = src.dtype == np.uint8
    v = src.astype(dtype)
    for axis in (0, 1):
        v = np.swapaxes(_pass(np.swapaxes(v, 0, axis), scale, edge, dtype), 0, axis)
        if whole:
            v = round_to_uint8(v).astype(dtype)
    return v.astype(np.uint8) if whole else v
