"""Image.resize(size, BICUBIC) of Pillow on uint8, rewritten in numpy.

Equal bit for bit to Pillow 13.0.0 for the modes L, LA, RGB and RGBA. make_resample.py asserts it for every fixture;
`python pillow_arithmetic.py --check 2000` does it for that many random sizes.

Below n is the input's size along an axis and m the output's; everything about weights is in double.

1. Output size == input size: a copy, alpha and all (a transparent pixel keeps its colour).
2. LA and RGBA are premultiplied to uint8 first, each colour c with alpha a:  t = c*a + 128;  c' = ((t >> 8) + t) >> 8.
3. A pass whose size is unchanged is skipped. The horizontal pass comes first, but the vertical pass comes first if
   and only if  m_h < n_h  and  n_h - m_h > 2 (n_w - m_w)  (signed: so always when the height shrinks and the width
   grows). Each pass rounds to uint8. All channels, alpha too, are treated alike.
4. Weights of output index i along an axis:
       scale = n / m;  q = max(1, scale);  support = 2 q;  inverse = 1 / q;  center = (i + 0.5) * scale
       first = max(0, trunc(center - support + 0.5));  end = min(n, trunc(center + support + 0.5))     (end excluded)
       w_j = cubic((j + first - center + 0.5) * inverse), j = 0 .. end - first - 1;  total = their sum in that order
       w_j = w_j / total (unless total is 0);  integer weight = trunc(w_j * 2^22 + (w_j < 0 ? -0.5 : 0.5))
   Taps outside the picture are dropped, not mirrored; the division makes up for them.
       cubic(x), x = |x|, a = -0.5:   x < 1: ((a + 2) x - (a + 3)) x x + 1;   x < 2: (((x - 5) x + 8) x - 4) a;   else 0
5. Each output value: (sum of integer weight * sample + 2^21) >> 22, arithmetic shift, saturated to 0 .. 255. (The sum
   fits 32 bits.)
6. LA and RGBA are divided by alpha again: a = 0 or a = 255 leave c' as it is (with a = 0, c' can be above 0 next to
   an edge); otherwise c = min(255, floor(255 c' / a)).
"""

import numpy as np


def _cubic(x):
    a = -0.5
    x = abs(x)
    if x < 1.0:
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    if x < 2.0:
        return (((x - 5) * x + 8) * x - 4) * a
    return 0.0


def taps(n_in, n_out):
    """for each output index: (first input index, integer weights)"""
    scale = n_in / n_out
    q = max(1.0, scale)
    support = 2.0 * q
    inverse = 1.0 / q
    out = []
    for i in range(n_out):
        center = (i + 0.5) * scale
        first = max(0, int(center - support + 0.5))
        end = min(n_in, int(center + support + 0.5))
        w = [_cubic((j + first - center + 0.5) * inverse) for j in range(end - first)]
        total = 0.0
        for v in w:
            total += v
        if total != 0.0:
            w = [v / total for v in w]
        fixed = [int((-0.5 if v < 0 else 0.5) + v * (1 << 22)) for v in w]
        out.append((first, fixed))
    return out


def _rows(src, n_out):
    """resample axis 0 of an integer array, to uint8"""
    out = np.empty((n_out,) + src.shape[1:], np.uint8)
    s = src.astype(np.int64)
    for i, (first, w) in enumerate(taps(src.shape[0], n_out)):
        k = np.array(w, np.int64).reshape((-1,) + (1,) * (src.ndim - 1))
        v = ((s[first:first + len(w)] * k).sum(0) + (1 << 21)) >> 22
        out[i] = np.clip(v, 0, 255)
    return out


def _vertical(src, height):
    return src if src.shape[0] == height else _rows(src, height)


def _horizontal(src, width):
    if src.shape[1] == width:
        return src
    return np.swapaxes(_rows(np.swapaxes(src, 0, 1), width), 0, 1)


def vertical_first(w_in, h_in, w, h):
    return h < h_in and h_in - h > 2 * (w_in - w)


def premultiply(picture):
    c, a = picture[..., :-1].astype(np.int64), picture[..., -1:].astype(np.int64)
    t = c * a + 128
    return np.concatenate([((t >> 8) + t) >> 8, a], -1).astype(np.uint8)


def unpremultiply(picture):
    c, a = picture[..., :-1].astype(np.int64), picture[..., -1:].astype(np.int64)
    plain = (a == 0) | (a == 255)
    v = np.where(plain, c, np.minimum(255, 255 * c // np.where(a == 0, 1, a)))
    return np.concatenate([v, a], -1).astype(np.uint8)


def resize(src, width, height):
    """src: uint8, (h, w) or (h, w, channels), 2 and 4 channels ending with alpha"""
    h, w = src.shape[:2]
    if (w, h) == (width, height):
        return src.copy()
    alpha = src.ndim == 3 and src.shape[2] in (2, 4)
    v = premultiply(src) if alpha else src
    if vertical_first(w, h, width, height):
        v = _horizontal(_vertical(v, height), width)
    else:
        v = _vertical(_horizontal(v, width), height)
    return unpremultiply(v) if alpha else v


def _check(count):
    import PIL
    from PIL import Image

    rng = np.random.default_rng(20160102)

    def compare(picture, width, height):
        image = Image.fromarray(picture)
        theirs = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
        assert np.array_equal(theirs, resize(picture, width, height)), (picture.shape, width, height)

    for n in range(count):
        w, h, width, height = (int(v) for v in rng.integers(1, 90, 4))
        if n % 3 == 1:
            w, h = width * int(rng.integers(1, 6)), height * int(rng.integers(1, 6))
        elif n % 3 == 2:
            width, height = int(rng.integers(1, w + 1)), int(rng.integers(1, h + 1))
        channels = (1, 2, 3, 4)[n % 4]
        picture = rng.integers(0, 256, (h, w, channels)).astype(np.uint8)
        if channels in (2, 4):  # many pixels all but transparent, and wholly so
            picture[..., -1] = np.maximum(0, picture[..., -1].astype(int) - int(rng.integers(0, 255)))
        compare(picture[..., 0] if channels == 1 else picture, width, height)
    # the order of the passes
    picture = (rng.integers(0, 2, (20, 20)) * 255).astype(np.uint8)
    for width in range(1, 45):
        for height in range(1, 45):
            compare(picture, width, height)
    print(f"Pillow {PIL.__version__}: equal in {count + 44 * 44} resizes")


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description="compare with the installed Pillow")
    parser.add_argument("--check", type=int, default=2000, metavar="COUNT", help="number of random sizes")
    _check(parser.parse_args().check)
