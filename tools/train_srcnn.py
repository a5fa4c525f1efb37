#!/usr/bin/env python3
"""Train a luma SRCNN (Dong et al., arXiv 1501.00092) and write it as safetensors.

    train_srcnn.py --data data/t91 --data data/bsd200 --scale 2 --steps 28000 --out srcnn.safetensors
    train_srcnn.py ... --resume                     go on from OUT.checkpoint after a kill
    train_srcnn.py ... --start srcnn-915-x2.safetensors    begin with what this script wrote for another shape or scale
    train_srcnn.py --score data/set5 --scale 2 --out srcnn.safetensors       only measure OUT

Input and measure follow the "paper" protocol: MATLAB's studio-range luma, modcrop, MATLAB's bicubic
imresize down and up (antialiased, mirrored edges, not rounded in between); PSNR and SSIM on rounded
luma with SCALE pixels shaved off each side. Layers keep the picture's size: each replicates the edges
of its own input. ReLU follows layers 1 and 2. Every tenth picture of each folder is held out; the
averaged weights that score best on those are kept. Benchmark sets belong after --score only.

OUT holds layerN.weight (OIHW, correlation) and layerN.bias, float32: a plain network. It is trained in
a better conditioned form, which folds into the plain one exactly:
- it learns the residual to its input. One filter of layers 1 and 2 is given up to carry the centre
  pixel, lifted by LIFT so that no ReLU cuts it (bicubic overshoot is negative);
- layer 1 sees patches less their mean and whitened; layer 3's output is in units of the residual.
The loss is each crop's squared error over its picture's bicubic error: a smooth stand-in for the mean
PSNR, in which easy pictures count as much as hard ones.
"""
import argparse
import math
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # spinning threads starve on a shared machine
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from skimage.metrics import structural_similarity

LIFT = 1.0  # added to the centre pixel on its way through the ReLUs


def read_luma(path):
    """MATLAB's rgb2ycbcr on uint8: Y as uint8 in studio range. A grey file is used as it is."""
    picture = Image.open(path)
    if picture.mode == "L":
        return np.asarray(picture)
    rgb = np.asarray(picture.convert("RGB"), np.float64)
    return np.floor(16 + rgb @ (65.481, 128.553, 24.966) / 255 + 0.5).astype(np.uint8)


def imresize(a, factor):
    """MATLAB's imresize(a, factor, 'bicubic') on floating point."""
    for axis in (0, 1):
        n = a.shape[axis]
        shrink = min(factor, 1.0)
        u = np.arange(1, math.ceil(n * factor) + 1) / factor + 0.5 * (1 - 1 / factor)
        taps = np.floor(u - 2 / shrink)[:, None] + np.arange(math.ceil(4 / shrink) + 2)
        x = np.abs((u[:, None] - taps) * shrink)
        w = np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1,
                     np.where(x <= 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))
        w /= w.sum(1, keepdims=True)
        mirror = np.r_[0:n, n - 1:-1:-1][(taps.astype(int) - 1) % (2 * n)]
        dense = np.zeros((len(u), n))
        np.add.at(dense, (np.arange(len(u))[:, None], mirror), w)
        a = dense @ a if axis == 0 else a @ dense.T
    return a


def make_pair(y, scale):
    """uint8 luma to (network input, ground truth): float32 in units of 255, and uint8."""
    y = y[:y.shape[0] // scale * scale, :y.shape[1] // scale * scale]
    return imresize(imresize(y / 255.0, 1 / scale), scale).astype(np.float32), y


def to_uint8(x):
    return np.clip(np.floor(255 * np.asarray(x, np.float64) + 0.5), 0, 255)


def psnr(a, b):
    return 10 * math.log10(255**2 / max(np.mean((a - b) ** 2), 1e-12))


def ssim(a, b):
    return structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5,
                                 use_sample_covariance=False)


def score(upscale, pairs, scale, measure):
    """Mean over the pairs of measure(upscaled, truth), both rounded and shaved."""
    cut = np.s_[scale:-scale, scale:-scale]
    return float(np.mean([measure(to_uint8(upscale(x))[cut], y[cut].astype(np.float64))
                          for x, y in pairs]))


def conv(x, w, b):
    """Correlation of (N, C, H, W) with replicated edges. The narrow cases are written as matrix
    products, which on a CPU run many times faster than conv2d with one channel."""
    (o, c, f, _), (n, _, height, width) = w.shape, x.shape
    p = f // 2
    if c == 1:  # patches, then product
        x = F.pad(x, (p, p, p, p), mode="replicate")[:, 0].unfold(1, f, 1).unfold(2, f, 1)
        return F.linear(x.reshape(n, height, width, f * f), w.view(o, -1), b).permute(0, 3, 1, 2)
    if f == 1:
        return F.linear(x.permute(0, 2, 3, 1), w.view(o, c), b).permute(0, 3, 1, 2)
    if o == 1:  # product with every tap, then shift and add
        x = F.linear(x.permute(0, 2, 3, 1), w[0].flip(1, 2).reshape(c, f * f).T).permute(0, 3, 1, 2)
        x = F.pad(x, (p, p, p, p), mode="replicate").flatten(2)
        x = F.fold(x, (height + 4 * p, width + 4 * p), f)
        return x[:, :, 2 * p:2 * p + height, 2 * p:2 * p + width] + b
    return F.conv2d(F.pad(x, (p, p, p, p), mode="replicate"), w, b)


def run_plain(weights, x):
    """The plain network on (N, 1, H, W)."""
    for i in (1, 2, 3):
        x = conv(x, weights[f"layer{i}.weight"], weights[f"layer{i}.bias"])
        x = F.relu(x) if i < 3 else x
    return x


def upscaler(weights):
    return lambda x: run_plain(weights, torch.from_numpy(x)[None, None])[0, 0].numpy()


class Residual(torch.nn.Module):
    """The form that is trained. `plain` folds it into ordinary weights."""

    def __init__(self, kernels, filters, mean, whiten, unit):
        super().__init__()
        (f1, f2, f3), n1, n2 = kernels, filters[0] - 1, filters[1] - 1
        self.w1 = torch.nn.Parameter(torch.randn(n1, f1 * f1) / f1)
        self.w2 = torch.nn.Parameter(torch.randn(n2, n1, f2, f2) * math.sqrt(2 / (n1 * f2 * f2)))
        self.w3 = torch.nn.Parameter(torch.randn(1, n2, f3, f3) * 0.1 / math.sqrt(n2 * f3 * f3))
        self.b1, self.b2, self.b3 = (torch.nn.Parameter(torch.zeros(n)) for n in (n1, n2, 1))
        for name, value in (("mean", mean), ("whiten", whiten), ("unit", unit)):
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32))

    def folded(self):
        """Ordinary weights of the residual branch."""
        w1 = self.w1 @ self.whiten
        f1 = math.isqrt(w1.shape[1])
        return {"layer1.weight": w1.view(-1, 1, f1, f1), "layer1.bias": self.b1 - self.mean * w1.sum(1),
                "layer2.weight": self.w2, "layer2.bias": self.b2,
                "layer3.weight": self.w3 * self.unit, "layer3.bias": self.b3 * self.unit}

    @torch.no_grad()
    def start(self, plain):
        """Takes over what `plain` wrote for a network that is no larger. Kernels are padded with zeros; filters that are
        missing are copies, which share the weights that read them."""
        w = [plain[f"layer{i}.weight"] for i in (1, 2, 3)]
        w = [w[0][:-1], w[1][:-1, :-1], w[2][:, :-1]]
        b = [plain["layer1.bias"][:-1], plain["layer2.bias"][:-1], plain["layer3.bias"] + LIFT]
        for i, mine in enumerate(("layer1.weight", "layer2.weight", "layer3.weight")):
            w[i] = F.pad(w[i], ((self.folded()[mine].shape[-1] - w[i].shape[-1]) // 2,) * 4)
        for i, filters in ((0, self.w1.shape[0]), (1, self.w2.shape[0])):
            have = w[i].shape[0]
            source = torch.arange(filters) % have
            w[i + 1] = w[i + 1][:, source] / torch.bincount(source)[source][None, :, None, None]
            noise = 0.03 * w[i].std() * torch.randn(filters, *w[i].shape[1:])  # or copies would stay copies
            w[i] = w[i][source] + noise * (torch.arange(filters) >= have)[:, None, None, None]
            b[i] = b[i][source]
        w1 = w[0].flatten(1)
        self.w1.copy_(torch.linalg.solve(self.whiten.double(), w1.double(), left=False))
        for mine, value in ((self.b1, b[0] + self.mean * w1.sum(1)), (self.w2, w[1]), (self.b2, b[1]),
                            (self.w3, w[2] / self.unit), (self.b3, b[2] / self.unit)):
            mine.copy_(value)

    def forward(self, x):
        return x + run_plain(self.folded(), x)

    @torch.no_grad()
    def plain(self):
        """Ordinary weights of the whole network: the carrying filter comes last in each layer."""
        w = self.folded()
        for i, lift in ((1, LIFT), (2, 0.0), (3, -LIFT)):
            k = w[f"layer{i}.weight"]
            o, n, c = int(i < 3), int(i > 1), k.shape[-1] // 2
            k = F.pad(k, (0, 0, 0, 0, 0, n, 0, o)).contiguous()
            k[-1, -1, c, c] = 1.0
            b = F.pad(w[f"layer{i}.bias"], (0, o))
            b[-1] += lift
            w[f"layer{i}.weight"], w[f"layer{i}.bias"] = k, b
        return w


def pictures(folder):
    return sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in (".png", ".jpg", ".bmp"))


def load(folders, scale, zooms, crop):
    """(training, held out): for training one list a picture of (input, truth, 1 / bicubic's error),
    an entry for each zoom that is no smaller than a crop."""
    train, held = [], []
    for folder in folders:
        for i, path in enumerate(pictures(folder)):
            y = read_luma(path)
            if i % 10 == 9:
                held.append(make_pair(y, scale))
                continue
            train.append([])
            for zoom in zooms:
                small = to_uint8(imresize(y / 255.0, zoom)).astype(np.uint8) if zoom != 1 else y
                x, truth = make_pair(small, scale)
                if min(x.shape) >= crop:
                    train[-1].append((x, truth, 1 / (np.mean((truth / 255.0 - x) ** 2) + 2e-5)))
    return [entries for entries in train if entries], held


def statistics(train, f, rng):
    """Patch mean, whitening matrix of f x f patches and the residual's standard deviation."""
    patches, residuals = [], []
    for zooms in train:
        x, y, _ = zooms[rng.integers(len(zooms))]
        rows, columns = (rng.integers(n - f + 1, size=200) for n in x.shape)
        patches += [x[i:i + f, j:j + f].ravel() for i, j in zip(rows, columns)]
        residuals.append((y / 255.0 - x).std())
    patches = np.array(patches, np.float64)
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    return patches.mean(), vectors @ np.diag((values + 1e-4) ** -0.5) @ vectors.T, np.mean(residuals)


def batch(train, rng, count, size, margin):
    """Crops and, for each pixel, its weight in the loss. Pixels within `margin` of a crop's edge see
    pixels that replication made up; they count only where that edge is the picture's own."""
    planes = np.zeros((3, count, 1, size, size), np.float32)
    for k in range(count):
        zooms = train[rng.integers(len(train))]
        x, y, weight = zooms[rng.integers(len(zooms))]
        crop, inner = [], []
        for n in x.shape:
            a = int(np.clip(rng.integers(-margin, n - size + margin + 1), 0, n - size))
            crop.append(slice(a, a + size))
            inner.append(slice(margin if a > 0 else 0, size - margin if a + size < n else size))
        mine = np.zeros((3, size, size), np.float32)
        mine[0], mine[1] = x[tuple(crop)], y[tuple(crop)] / np.float32(255)
        mine[2][tuple(inner)] = weight
        mine = np.rot90(mine, rng.integers(4), (1, 2))
        planes[:, k, 0] = mine[:, :, ::-1] if rng.integers(2) else mine
    return torch.from_numpy(planes)


def save(write, what, path):
    """Write beside the file, then rename: a kill leaves the old file whole."""
    write(what, f"{path}.tmp")
    os.replace(f"{path}.tmp", path)


def train(args):
    torch.manual_seed(args.seed)
    data, held = load(args.data, args.scale, args.zooms, args.crop)
    setup = statistics(data, args.kernels[0], np.random.default_rng(args.seed))
    net = Residual(args.kernels, args.filters, *setup)
    if args.start:
        net.start(load_file(args.start))
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999))
    adam = torch.optim.Adam(net.parameters(), lr=args.rate)
    margin = sum(k // 2 for k in args.kernels)
    checkpoint, first, best = Path(f"{args.out}.checkpoint"), 0, -math.inf
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint)
        first, best = state["step"], state["best"]
        for part, name in ((net, "net"), (mean, "mean"), (adam, "adam")):
            part.load_state_dict(state[name])
    print(f"{len(data)} pictures to train on; {len(held)} held out, bicubic "
          f"{score(np.asarray, held, args.scale, psnr):.4f} dB; from step {first}", flush=True)
    start = time.time()
    for step in range(first, args.steps):
        warm_up, cosine = min(1, (step + 1) / 500), 0.5 + 0.5 * math.cos(math.pi * step / args.steps)
        adam.param_groups[0]["lr"] = args.rate * warm_up * cosine
        rng = np.random.default_rng((args.seed, step))  # so that resuming needs no generator's state
        x, y, w = batch(data, rng, args.batch, args.crop, margin)
        loss = (w * (net(x) - y) ** 2).sum() / (w > 0).sum()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        mean.update_parameters(net)
        done = step + 1
        if done % args.every == 0 or done == args.steps:
            weights = mean.module.plain()
            now = score(upscaler(weights), held, args.scale, psnr)
            print(f"step {done}  held out {now:.4f} dB  {time.time() - start:.0f} s", flush=True)
            if now > best:
                best = now
                save(save_file, weights, args.out)
            save(torch.save, {"step": done, "best": best, "net": net.state_dict(),
                              "mean": mean.state_dict(), "adam": adam.state_dict()}, checkpoint)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", action="append", default=[], help="folder of pictures; repeatable")
    p.add_argument("--score", help="measure OUT on this folder instead of training")
    p.add_argument("--out", required=True, help="the weights file")
    p.add_argument("--resume", action="store_true")
    p.add_argument("--start", help="weights to start with, of a network no larger")
    p.add_argument("--kernels", type=int, nargs=3, default=[9, 1, 5])
    p.add_argument("--filters", type=int, nargs=2, default=[64, 32])
    p.add_argument("--zooms", type=float, nargs="+", default=[1.0, 0.9, 0.8, 0.7, 0.6])
    p.add_argument("--rate", type=float, default=2e-3, help="Adam's highest rate")
    for name, value, text in (("scale", 2, "upscaling factor"), ("steps", 28000, "batches in all"),
                              ("batch", 12, "crops a batch"), ("crop", 48, "their side in pixels"),
                              ("every", 2000, "steps between held-out scores and checkpoints"),
                              ("seed", 1, "of everything random"), ("threads", 2, "for torch")):
        p.add_argument(f"--{name}", type=int, default=value, help=text)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    if not args.score:
        return train(args)
    pairs = [make_pair(read_luma(path), args.scale) for path in pictures(args.score)]
    for name, upscale in (("network", upscaler(load_file(args.out))), ("bicubic", np.asarray)):
        print(f"{name}  PSNR {score(upscale, pairs, args.scale, psnr):.4f}"
              f"  SSIM {score(upscale, pairs, args.scale, ssim):.4f}")


if __name__ == "__main__":
    main()
