"""cv2.resize on uint8, INTER_LINEAR, INTER_CUBIC and INTER_AREA, rewritten in numpy.

Equal bit for bit to opencv-python-headless 5.0.0.93 on x86-64 with Intel's IPP off (OPENCV_IPP=disabled in the
environment before cv2 is imported, and cv2.ipp.setUseIPP(False)). make_resample.py asserts it for every fixture;
`python opencv_arithmetic.py --check 2000` does it for that many random sizes. Results do not depend on the CPU's
extensions (the same with AVX2 and AVX-512 disabled) nor on the number of threads. OpenCV on other architectures
(NEON) may fuse products and sums and use another vector width; the rules below are the x86-64 ones.

The channels do not interact, with two exceptions, both in the row's length: the row tail of INTER_CUBIC, and the
channel count in the 2 x 2 special case. Below `in`, `out` are the sizes along one axis, "f64" is double and "f32" is
float. f32(x) rounds to nearest even. rint() rounds halves to even. >> on signed integers is arithmetic (floor).

Order in which the cases are taken
----------------------------------
1. out size == in size on both axes: copy, for every interpolation. (Same size on ONE axis only is no special case:
   the weights come out as 1 and 0 and the fixed-point rounding still happens.)
2. scale = 1.0 / (f64(out) / f64(in)) on each axis, in f64, in just this order. (in/out differs in the last bit now
   and then; that shows in INTER_AREA when one axis is enlarged.) An axis is "whole" if |scale - rint(scale)| <
   2^-52. Hence 49 -> 1 (98 -> 2, ...) is NOT whole, its scale being 49.00000000000001. Scale 1 is whole.
3. INTER_LINEAR, both axes whole with scale exactly 2: computed as INTER_AREA (case 4a/4b below). For 1, 3 and 4
   channels the formula of INTER_LINEAR gives the same, so that only a 2-channel picture would show it.
4. INTER_AREA with scale >= 1 on both axes:
   a. both axes whole, both 2, and 1, 3 or 4 channels: (sum of the four + 2) >> 2, i.e. halves go UP.
   b. both axes whole otherwise (2 x 1, 1 x 2, 3 x 3, 4 x 2, 2 x 2 of a 2-channel picture, ...): s = exact integer sum
      of the nx * ny samples; result = saturate(rint(f32(f32(s) * f32(1 / f32(nx * ny))))), i.e. halves go to EVEN.
      One reciprocal of the whole cell's area, no factor per axis. Exact division differs now and then: a sum of
      exactly 15/30 may be taken as more or less than a half (5 x 6, say).
   c. otherwise (at least one axis not whole): the table below, f32.
5. INTER_AREA with scale < 1 on at least one axis: both axes, also the one that shrinks, are done as INTER_LINEAR with
   other positions (below). No antialiasing at all then.

INTER_AREA, not whole (case 4c)
-------------------------------
Taps of output index i along one axis, all in f64 until the weight is rounded to f32:
    begin = i * scale;  end = begin + scale;  cell = min(scale, in - begin)
    last = min(floor(end), in - 1);  first = min(ceil(begin), last)
    if first - begin > 1e-3:   tap first - 1 with weight f32((first - begin) / cell)
    for j in first .. last-1:  tap j         with weight f32(1.0 / cell)
    if end - last > 1e-3:      tap last      with weight f32(min(min(end - last, 1.0), cell) / cell)
Along an axis of unchanged size this gives one tap of weight 1 (nothing is lost by applying it).
Then, with every product and every sum rounded to f32 (no FMA), taps in the order above (increasing index):
    horizontal, for every source row y needed:   t[y] = ((w0*s0 + w1*s1) + w2*s2) + ...      (samples as f32, not rounded)
    vertical:                                    v    = ((b0*t[y0] + b1*t[y1]) + b2*t[y2]) + ...
    result = saturate(rint(v))
OpenCV starts the horizontal sum at 0 and adds each product; 0 + p = p, so that it is the same. FMA, f64 sums or the
vertical pass first give other bytes now and then (where a sum lands on a half: factors such as 1.2, 2.4).

INTER_LINEAR, and INTER_AREA with an enlarged axis (case 5)
-----------------------------------------------------------
Positions of output index i:
    linear:  p = f32((i + 0.5) * scale - 0.5), in f64, rounded to f32 once;  k = floor(p);  f = f32(p - k)
    area:    k = floor(i * scale), in f64;  f = f32((i + 1) - (k + 1) * (f64(out) / f64(in)));  f <= 0 becomes 0, else
             f = f - floor(f)
Columns: k < 0 becomes k = 0, f = 0;  k >= in - 1 becomes k = in - 1, f = 0.
Rows:    f is kept, and the row indices k and k + 1 are each clamped to 0 .. in - 1. (With both rows the same, the two
         products are still rounded down separately.)
Weights: rint(2048 * (1 - f)) and rint(2048 * f), 1 - f rounded to f32, the products exact. Each is rounded by itself.
Horizontal first, in exact integers: t = a0 s[k] + a1 s[k+1]. Then, in integers,
    (((b0 * (t0 >> 4)) >> 16) + ((b1 * (t1 >> 4)) >> 16) + 2) >> 2
which is never outside 0 .. 255. (OpenCV does this with 16-bit high products; nothing saturates.)
Size 1 along an axis needs nothing more: in = 1 gives k = 0, f = 0 for columns, twice row 0 for rows.

INTER_CUBIC
-----------
Positions as for linear (no antialiasing). Taps k-1 .. k+2, each index clamped to 0 .. in - 1, in both directions; f is
kept in both directions. a = -0.75, everything in f32, in just this order (x = f + 1, g = 1 - f):
    c0 = ((a*x - 5a)*x + 8a)*x - 4a
    c1 = ((a+2)*f - (a+3))*f*f + 1          [ ((..)*f)*f + 1 ]
    c2 = ((a+2)*g - (a+3))*g*g + 1
    c3 = ((1 - c0) - c1) - c2
Weights: rint(2048 * c); they need not sum to 2048 and are not adjusted.
Horizontal first, exact integers: t_j = sum of the four products. Vertical, with the row seen as width * channels values:
    the first floor(width * channels / 8) * 8 values: B_j = f32(w_j) * 2^-22 (exact); T_j = f32(t_j);
        v = T0*B0 + (T1*B1 + (T2*B2 + T3*B3)), each product and sum rounded to f32, no FMA; saturate(rint(v))
    the other width * channels mod 8 values: saturate((sum of w_j t_j + 2^21) >> 22), exact integers
Here `width` is the output's.
"""

import numpy as np

F32 = np.float32


def _scale(n_in, n_out):
    """step in the input per output sample; not n_in / n_out, which can differ in the last bit"""
    return 1.0 / (n_out / n_in)


def _is_whole(scale):
    return abs(scale - round(scale)) < np.finfo(np.float64).eps


def _to_u8(x):
    return np.clip(np.rint(x), 0, 255).astype(np.uint8)


def _linear_positions(n_in, n_out, area):
    scale = _scale(n_in, n_out)
    inverse = n_out / n_in
    i = np.arange(n_out, dtype=np.float64)
    if area:
        k = np.floor(i * scale).astype(np.int64)
        f = ((i + 1) - (k + 1) * inverse).astype(F32)
        f = np.where(f <= 0, F32(0), f - np.floor(f)).astype(F32)
    else:
        p = ((i + 0.5) * scale - 0.5).astype(F32)
        k = np.floor(p).astype(np.int64)
        f = (p - k.astype(F32)).astype(F32)
    return k, f


def _fixed(c):
    return np.rint(c * F32(2048)).astype(np.int64)


def resize_linear(src, width, height, area=False):
    h, w, _ = src.shape
    k, f = _linear_positions(w, width, area)
    low, high = k < 0, k >= w - 1
    f = np.where(low | high, F32(0), f).astype(F32)
    k = np.clip(k, 0, w - 1)
    a0, a1 = _fixed(F32(1) - f), _fixed(f)
    s = src.astype(np.int64)
    t = s[:, k] * a0[None, :, None] + s[:, np.minimum(k + 1, w - 1)] * a1[None, :, None]
    k, f = _linear_positions(h, height, area)
    b0, b1 = (_fixed(F32(1) - f)[:, None, None], _fixed(f)[:, None, None])
    t0, t1 = t[np.clip(k, 0, h - 1)], t[np.clip(k + 1, 0, h - 1)]
    v = (((b0 * (t0 >> 4)) >> 16) + ((b1 * (t1 >> 4)) >> 16) + 2) >> 2
    return np.clip(v, 0, 255).astype(np.uint8)


def _cubic_coefficients(f):
    a = F32(-0.75)
    one = F32(1)
    x = f + one
    c0 = ((a * x - F32(5) * a) * x + F32(8) * a) * x - F32(4) * a
    c1 = ((a + F32(2)) * f - (a + F32(3))) * f * f + one
    g = one - f
    c2 = ((a + F32(2)) * g - (a + F32(3))) * g * g + one
    c3 = one - c0 - c1 - c2
    return np.stack([c0, c1, c2, c3], -1)


def resize_cubic(src, width, height):
    h, w, cn = src.shape
    k, f = _linear_positions(w, width, False)
    a = _fixed(_cubic_coefficients(f))
    s = src.astype(np.int64)
    t = sum(s[:, np.clip(k + j - 1, 0, w - 1)] * a[None, :, j, None] for j in range(4))
    k, f = _linear_positions(h, height, False)
    b = _fixed(_cubic_coefficients(f))
    taps = [t[np.clip(k + j - 1, 0, h - 1)].reshape(height, width * cn) for j in range(4)]
    exact = sum(taps[j] * b[:, j, None] for j in range(4))
    exact = (exact + (1 << 21)) >> 22
    bf = (b.astype(F32) * F32(2.0 ** -22))[:, :, None]
    tf = [x.astype(F32) for x in taps]
    v = tf[3] * bf[:, 3]
    v = tf[2] * bf[:, 2] + v
    v = tf[1] * bf[:, 1] + v
    v = tf[0] * bf[:, 0] + v
    n = width * cn // 8 * 8
    out = np.concatenate([np.rint(v[:, :n]).astype(np.int64), exact[:, n:]], 1)
    return np.clip(out, 0, 255).astype(np.uint8).reshape(height, width, cn)


def _area_table(n_in, n_out):
    scale = _scale(n_in, n_out)
    rows = []
    for i in range(n_out):
        begin = i * scale
        end = begin + scale
        cell = min(scale, n_in - begin)
        first = int(np.ceil(begin))
        last = min(int(np.floor(end)), n_in - 1)
        first = min(first, last)
        taps = []
        if first - begin > 1e-3:
            taps.append((first - 1, F32((first - begin) / cell)))
        for j in range(first, last):
            taps.append((j, F32(1.0 / cell)))
        if end - last > 1e-3:
            taps.append((last, F32(min(min(end - last, 1.0), cell) / cell)))
        rows.append(taps)
    return rows


def _weighted(table, product):
    """the sum over the taps in order, every product and every sum rounded to float32 (absent taps add 0)"""
    depth = max(len(t) for t in table)
    total = None
    index = np.zeros((depth, len(table)), np.int64)
    weight = np.zeros((depth, len(table)), F32)
    for i, taps in enumerate(table):
        for j, (n, c) in enumerate(taps):
            index[j, i], weight[j, i] = n, c
    for j in range(depth):
        term = product(index[j], weight[j])
        total = term if total is None else (total + term).astype(F32)
    return total


def resize_area(src, width, height):
    h, w, cn = src.shape
    sx, sy = _scale(w, width), _scale(h, height)
    if not (sx >= 1 and sy >= 1):
        return resize_linear(src, width, height, area=True)
    if _is_whole(sx) and _is_whole(sy):
        nx, ny = int(round(sx)), int(round(sy))
        s = src.astype(np.int64)[:height * ny, :width * nx]
        total = s.reshape(height, ny, width, nx, cn).sum((1, 3))
        if nx == 2 and ny == 2 and cn in (1, 3, 4):
            return ((total + 2) >> 2).astype(np.uint8)
        return _to_u8(total.astype(F32) * F32(F32(1) / F32(nx * ny)))
    s = src.astype(F32)
    t = _weighted(_area_table(w, width), lambda i, c: s[:, i] * c[None, :, None])
    v = _weighted(_area_table(h, height), lambda i, c: t[i] * c[:, None, None])
    return _to_u8(v)


def resize(src, width, height, convention):
    """src: uint8, (h, w) or (h, w, channels); convention: opencv-linear, opencv-cubic or opencv-area"""
    shape = src.shape
    src = src.reshape(shape[0], shape[1], -1)
    h, w, _ = src.shape
    if (w, h) == (width, height):
        out = src.copy()
    elif convention == "opencv-linear":
        if _scale(w, width) == 2 and _scale(h, height) == 2:
            out = resize_area(src, width, height)
        else:
            out = resize_linear(src, width, height)
    elif convention == "opencv-cubic":
        out = resize_cubic(src, width, height)
    else:
        out = resize_area(src, width, height)
    return out.reshape((height, width) + shape[2:])


def _check(count):
    import os

    os.environ["OPENCV_IPP"] = "disabled"
    import cv2

    if hasattr(cv2, "ipp"):
        cv2.ipp.setUseIPP(False)
    cv2.setNumThreads(1)
    conventions = {
        "opencv-linear": cv2.INTER_LINEAR,
        "opencv-cubic": cv2.INTER_CUBIC,
        "opencv-area": cv2.INTER_AREA,
    }
    rng = np.random.default_rng(20160101)
    for n in range(count):
        w, h, width, height = (int(v) for v in rng.integers(1, 100, 4))
        if n % 3 == 1:
            w, h = width * int(rng.integers(1, 6)), height * int(rng.integers(1, 6))
        elif n % 3 == 2:
            width, height = int(rng.integers(1, w + 1)), int(rng.integers(1, h + 1))
        channels = (1, 2, 3, 4)[n % 4]
        picture = rng.integers(0, 256, (h, w, channels)).astype(np.uint8)
        for name, flag in conventions.items():
            theirs = cv2.resize(picture, (width, height), interpolation=flag)
            ours = resize(picture, width, height, name)
            assert np.array_equal(theirs.reshape(ours.shape), ours), (name, picture.shape, width, height)
    # every pair of sizes up to 64 along one axis, and the whole factors that binary fractions hide
    pairs = [(a, b) for a in range(1, 65) for b in range(1, 65)]
    pairs += [(a * b, b) for a in (49, 98, 103, 107) for b in range(1, 5)]
    for a, b in pairs:
        picture = rng.integers(0, 256, (4, a)).astype(np.uint8)
        for name, flag in conventions.items():
            for source, size in ((picture, (b, 4)), (picture, (b, 2)), (np.ascontiguousarray(picture.T), (4, b))):
                theirs = cv2.resize(source, size, interpolation=flag)
                assert np.array_equal(theirs, resize(source, *size, name)), (name, a, size)
    print(f"OpenCV {cv2.__version__}: equal in {3 * count + 9 * len(pairs)} resizes")


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description="compare with the installed OpenCV")
    parser.add_argument("--check", type=int, default=2000, metavar="COUNT", help="number of random sizes")
    _check(parser.parse_args().check)
