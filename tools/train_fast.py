#!/usr/bin/env python3
"""Train a small network that works at the small size: luma of the low resolution in, luma of the high resolution out.

    train_fast.py prepare --out data/photos PHOTO...           shrink photographs until they are sharp
    train_fast.py train --data data/t91 --data data/bsd200 --data data/photos --scale 2 --steps 100000 --out fast-x2.safetensors
    train_fast.py train ... --resume                           go on from OUT.checkpoint after a kill, as if nothing had been
    train_fast.py train ... --scale 3 --start fast-x2.safetensors    begin with a network of another scale or a smaller one
    train_fast.py evaluate --data data/set5 --scale 2 fast-x2.safetensors
    train_fast.py curve metrics.csv curve.png                  draw what train wrote as OUT.metrics.csv

With --jpeg QUALITY... the network restores what JPEG left of a picture: its input has SCALE^2 channels, the pixels
of each SCALE x SCALE square, and the picture itself takes the place of the bicubic enlargement.

The network is a chain of 3x3 correlations on the small picture: 1 to C channels, C to C several times, C to
SCALE^2, each but the last followed by PReLU. Each layer replicates the edges of its own input. The last layer's
channels are the SCALE x SCALE pixels of each small pixel (pixel shuffle), and the bicubic enlargement of the
input is added to them. OUT holds layerN.weight (OIHW), layerN.bias and layerN.prelu (a slope a channel),
float32: nothing else is needed to run it.

Input and measure follow the "paper" protocol, by the functions of train_srcnn.py beside this script.

What is learnt is a better conditioned form of the same network, which folds into the plain weights exactly:
- layer 1 sees patches less their mean and whitened; the last layer's output is in units of the residual;
- the kernels between begin as the identity and something small. With --hidden N each kernel is the product of a
  3x3 layer with N filters and a 1x1 layer, plus the identity, multiplied out at each step, and learns by Adam.
Without --hidden, kernels learn by Muon (Jordan et al., 2024: each step is the nearest orthogonal matrix to the
averaged gradient, by Newton and Schulz's iteration), which learns as much in fewer steps; the rest by Adam.
Layers 2 and up compute in bfloat16 (float32 with --float32-steps, for the last steps); weights, layer 1, the
loss and every score are float32. The loss is each crop's error over its picture's bicubic error: absolute
errors first, squared errors for the last --squared part. Pixels near a crop's edge, which see the zeros beyond
it, do not count. The weights that are kept are averages over the last steps; every tenth picture of each
folder is held out, and the averaged weights that score best on those are written.
"""
import argparse
import csv
import io
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

from train_srcnn import imresize, pictures, psnr, read_luma, save, score, ssim, to_uint8


def prepare(args):
    """Shrink photographs by a box filter to between 600 and 1200 pixels, where JPEG's and the lens's softness is gone."""
    Path(args.out).mkdir(parents=True, exist_ok=True)
    for name in args.photos:
        picture = Image.open(name)
        picture = picture if picture.mode == "L" else picture.convert("RGB")
        factor = 1 if max(picture.size) < 1000 else 2 if max(picture.size) < 2000 else 4
        picture.reduce(factor).save(Path(args.out) / (Path(name).stem + ".png"))


def degrade(y, scale):
    """uint8 luma to (small picture, its bicubic enlargement, ground truth): float32, float32, uint8."""
    y = y[:y.shape[0] // scale * scale, :y.shape[1] // scale * scale]
    small = imresize(y / 255.0, 1 / scale)
    return small.astype(np.float32), imresize(small, scale).astype(np.float32), y


def compress(y, quality):
    """uint8 luma to (the picture after JPEG, the same, ground truth), cut to even sides: float32, float32, uint8."""
    y = y[:y.shape[0] // 2 * 2, :y.shape[1] // 2 * 2]
    file = io.BytesIO()
    Image.fromarray(y).save(file, "JPEG", quality=quality)
    damaged = np.asarray(Image.open(file), np.float32) / 255
    return damaged, damaged, y


# The plain network: a dictionary of layerN.weight, layerN.bias, layerN.prelu.

def depth(weights):
    return sum(name.endswith(".weight") for name in weights)


@torch.no_grad()
def enlarge(weights, small, base, scale):
    """The plain network on a picture: float32 arrays in, float32 array out."""
    x, last = torch.from_numpy(small)[None, None], depth(weights)
    x = F.pixel_unshuffle(x, math.isqrt(weights["layer1.weight"].shape[1]))
    for i in range(1, last + 1):
        x = F.pad(x, (1, 1, 1, 1), mode="replicate").contiguous(memory_format=torch.channels_last)
        x = F.conv2d(x, weights[f"layer{i}.weight"], weights[f"layer{i}.bias"])
        if i < last:
            x = F.prelu(x, weights[f"layer{i}.prelu"])
    return base + F.pixel_shuffle(x, scale)[0, 0].numpy()


def mean_score(upscale, pairs, shave, measure=psnr):
    if shave:
        return score(upscale, pairs, shave, measure)
    return float(np.mean([measure(to_uint8(upscale(x)), y.astype(np.float64)) for x, y in pairs]))


def network_score(weights, held, scale, shave, measure=psnr):
    pairs = [((small, base), y) for small, base, y in held]
    return mean_score(lambda pair: enlarge(weights, *pair, scale), pairs, shave, measure)


def base_score(held, shave, measure=psnr):
    """Of the bicubic enlargement, or of the picture that JPEG left."""
    return mean_score(np.asarray, [(base, y) for _, base, y in held], shave, measure)


# The form that is learnt.

class Learner(torch.nn.Module):
    def __init__(self, scale, inputs, channels, layers, hidden, mean, whiten, unit):
        super().__init__()
        self.scale, self.layers, self.hidden = scale, layers, hidden
        wide = [9 * inputs] + [9 * channels] * (layers - 1)  # numbers in the patch that each layer sees
        out = [channels] * (layers - 1) + [scale * scale]
        gain = [1.0] + [0.5] * (layers - 2) + [0.1]
        if hidden:
            self.expand = torch.nn.ParameterList(torch.randn(hidden, n) / math.sqrt(n) for n in wide)
            self.learnt = torch.nn.ParameterList(g * torch.randn(o, hidden) / math.sqrt(hidden) for o, g in zip(out, gain))
        else:
            self.learnt = torch.nn.ParameterList(g * torch.randn(o, n) / math.sqrt(n) for o, n, g in zip(out, wide, gain))
        self.bias = torch.nn.ParameterList(torch.zeros(o) for o in out)
        self.slope = torch.nn.ParameterList(torch.full((o,), 0.25) for o in out[:-1])
        identity = torch.zeros(channels, channels, 3, 3)
        identity[:, :, 1, 1] = torch.eye(channels)
        for i in range(layers):  # what is added to each learnt kernel
            start = identity.flatten(1).clone() if 0 < i < layers - 1 else torch.zeros(out[i], wide[i])
            self.register_buffer(f"fixed{i}", start)
        for name, value in (("mean", mean), ("whiten", whiten), ("unit", unit)):
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32))

    def kernel(self, i):
        learnt = self.learnt[i] @ self.expand[i] if self.hidden else self.learnt[i]
        return learnt + getattr(self, f"fixed{i}")

    def forward(self, patches, shape, dtype):
        """Residual in units of self.unit from whitened patches of layer 1, (N H W, 9 inputs)."""
        n, height, width = shape
        x = F.linear(patches, self.kernel(0), self.bias[0])
        x = x.view(n, height, width, -1).permute(0, 3, 1, 2)
        for i in range(1, self.layers):
            x = torch.where(x > 0, x, x * self.slope[i - 1].view(-1, 1, 1)).to(dtype)
            k = self.kernel(i).view(-1, x.shape[1], 3, 3).to(dtype, memory_format=torch.channels_last)
            x = F.conv2d(x, k, self.bias[i].to(dtype), padding=1)
        return F.pixel_shuffle(x.float(), self.scale)[:, 0]

    def patches(self, x):
        """Whitened 3x3 patches of (N, inputs, H, W), zeros (the mean) beyond the edges."""
        x = F.pad(x - self.mean, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1)
        return x.permute(0, 2, 3, 1, 4, 5).reshape(-1, len(self.whiten)) @ self.whiten.T

    @torch.no_grad()
    def plain(self):
        """Ordinary weights of the whole network."""
        weights = {}
        for i in range(self.layers):
            k, b = self.kernel(i), self.bias[i].clone()
            if i == 0:
                k = k @ self.whiten
                b -= self.mean * k.sum(1)
            if i == self.layers - 1:
                k, b = k * self.unit, b * self.unit
            weights[f"layer{i + 1}.weight"] = k.view(k.shape[0], -1, 3, 3).contiguous()
            weights[f"layer{i + 1}.bias"] = b
            if i < self.layers - 1:
                weights[f"layer{i + 1}.prelu"] = self.slope[i].detach().clone()
        return weights

    @torch.no_grad()
    def start(self, plain):
        """Takes over a network of no more channels and layers. What is learnt begins near zero and what it is added to
        becomes the given kernel. Channels that are missing are copies, which share the weights that read them; layers
        that are missing are put before the last and begin as the identity. The last layer of another scale is sampled from the given one at the nearest sub-pixels."""
        have, narrow = depth(plain), len(plain["layer1.bias"])
        source = torch.arange(len(self.bias[0])) % narrow
        share = 1 / torch.bincount(source)[source].view(1, -1, 1, 1)
        for i in range(self.layers):
            last = i == self.layers - 1
            if have - 1 <= i and not last:
                self.slope[i].fill_(1.0)
                self.learnt[i].mul_(0.1)
                continue
            name = f"layer{have if last else i + 1}"
            k, b = plain[f"{name}.weight"], plain[f"{name}.bias"].clone()
            k = k[:, source] * share if i > 0 else k
            k, b = (k, b) if last else (k[source], b[source])
            k = k.flatten(1)
            if i == 0:
                b += self.mean * k.sum(1)
                k = torch.linalg.solve(self.whiten.double(), k.double(), left=False).float()
            if last:
                k, b = k / self.unit, b / self.unit
                old = math.isqrt(len(b))
                pick = ((torch.arange(self.scale) + 0.5) * old / self.scale).long()
                pick = (old * pick[:, None] + pick).flatten()
                k, b = k[pick], b[pick]
            getattr(self, f"fixed{i}").copy_(k)
            self.learnt[i].mul_(0.1)
            self.bias[i].copy_(b)
            if not last:
                self.slope[i].copy_(plain[f"{name}.prelu"][source])


class Muon:
    """Momentum whose steps are made orthogonal. `kernels` are matrices; those of one shape are treated together."""

    def __init__(self, kernels, momentum=0.95):
        self.momentum, self.groups = momentum, {}
        for k in kernels:
            self.groups.setdefault(tuple(k.shape), []).append(k)
        self.averages = {shape: torch.zeros(len(group), *shape) for shape, group in self.groups.items()}

    @torch.no_grad()
    def step(self, rate):
        for shape, group in self.groups.items():
            gradient = torch.stack([k.grad for k in group])
            self.averages[shape].lerp_(gradient, 1 - self.momentum)
            x = gradient.lerp(self.averages[shape], self.momentum)
            x = x.mT if shape[0] > shape[1] else x
            x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-12)
            for _ in range(5):  # singular values go to about 1
                a = x @ x.mT
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
            x = x.mT if shape[0] > shape[1] else x
            for k, change in zip(group, x * math.sqrt(max(1, shape[0] / shape[1]))):
                k.sub_(change, alpha=rate)


# Pictures.

def entries_of(small, base, truth, args):
    """What training needs of one degraded picture; nothing if it is flat."""
    residual = truth / 255.0 - base
    height, width = (n // args.scale for n in residual.shape)
    energy = np.square(residual).reshape(height, args.scale, width, args.scale).mean((1, 3))
    total = np.pad(energy.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    step, c = max(1, args.crop // 8), args.crop
    rows, columns = (np.unique(np.r_[0:n - c:step, n - c]) for n in energy.shape)
    mean = sum(sign * total[np.ix_(rows + a, columns + b)]
               for a, b, sign in ((0, 0, 1), (c, 0, -1), (0, c, -1), (c, c, 1))) / c**2
    busy = np.argwhere(mean >= 0.2 * energy.mean())
    if len(busy):
        corners = np.stack((rows[busy[:, 0]], columns[busy[:, 1]]), 1).astype(np.int32)
        yield small, (255 * residual).astype(np.float16), 1 / (energy.mean() + 5e-5), corners


def load(args):
    """(training, held out): for training one list a picture of (small, residual in float16 units of 1/255,
    1 / the base's error, corners of crops that are not flat), an entry for each zoom, or for each zoom and
    half of the JPEG qualities."""
    if args.cache and Path(args.cache).exists():
        return torch.load(args.cache, weights_only=False)
    train, held = [], []
    for folder in args.data:
        for i, path in enumerate(pictures(folder)):
            y = read_luma(path)
            if i % 10 == 9:
                held.append(compress(y, (10, 20, 30, 40)[i // 10 % 4]) if args.jpeg else degrade(y, args.scale))
                continue
            train.append([])
            for k, zoom in enumerate(args.zooms):
                shrunk = to_uint8(imresize(y / 255.0, zoom)).astype(np.uint8) if zoom != 1 else y
                if min(shrunk.shape) // args.scale < args.crop:
                    continue
                versions = [compress(shrunk, q) for q in args.jpeg[(i + k) % 2::2]] or [degrade(shrunk, args.scale)]
                train[-1] += [entry for version in versions for entry in entries_of(*version, args)]
    train = [entries for entries in train if entries]
    if args.cache:
        save(torch.save, (train, held), args.cache)
    return train, held


def statistics(train, side, rng):
    """Mean of the pixels, whitening matrix of 3x3 patches of side x side pixels, standard deviation of the residual."""
    patches, residuals = [], []
    for entries in train:
        x, residual, _, _ = entries[rng.integers(len(entries))]
        rows, columns = (rng.integers(n - 3 * side + 1, size=200) for n in x.shape)
        patches += [x[i:i + 3 * side, j:j + 3 * side] for i, j in zip(rows, columns)]
        residuals.append(residual.astype(np.float32).std() / 255)
    patches = F.pixel_unshuffle(torch.from_numpy(np.array(patches))[:, None], side).flatten(1).double().numpy()
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    return patches.mean(), vectors @ np.diag((values + 1e-4) ** -0.5) @ vectors.T, np.mean(residuals)


def batch(train, rng, count, crop, scale, side):
    """Crops in one of eight orientations: small pictures, residuals, weights."""
    small = np.empty((count, crop * side, crop * side), np.float32)
    large = np.empty((count, crop * scale, crop * scale), np.float32)
    weights = np.empty((count, 1, 1), np.float32)
    for k in range(count):
        entries = train[rng.integers(len(train))]
        x, residual, weight, corners = entries[rng.integers(len(entries))]
        i, j = corners[rng.integers(len(corners))]
        x = x[i * side:(i + crop) * side, j * side:(j + crop) * side]
        residual = residual[i * scale:(i + crop) * scale, j * scale:(j + crop) * scale]
        turns, flip = rng.integers(4), rng.integers(2)
        small[k] = np.rot90(x, turns)[:, ::-1] if flip else np.rot90(x, turns)
        large[k] = np.rot90(residual, turns)[:, ::-1] if flip else np.rot90(residual, turns)
        weights[k] = weight
    small = F.pixel_unshuffle(torch.from_numpy(small)[:, None], side)
    return small, torch.from_numpy(large), torch.from_numpy(weights)


def train(args):
    torch.manual_seed(args.seed)
    data, held = load(args)
    side, shave = (args.scale, 0) if args.jpeg else (1, args.scale)
    learner = Learner(args.scale, side * side, args.channels, args.layers, args.hidden,
                      *statistics(data, side, np.random.default_rng(args.seed)))
    if args.start:
        learner.start(load_file(args.start))
    muon = Muon([] if args.hidden else list(learner.learnt))
    adam = torch.optim.Adam(learner.parameters() if args.hidden else [*learner.bias, *learner.slope], fused=True)
    mean, first, best, spent, history = learner.plain(), 0, -math.inf, 0.0, []
    checkpoint = Path(f"{args.out}.checkpoint")
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        first, best, spent, mean, history = (state[n] for n in ("step", "best", "seconds", "mean", "history"))
        learner.load_state_dict(state["learner"])
        adam.load_state_dict(state["adam"])
        muon.averages = state["muon"]
    print(f"{len(data)} pictures to train on; {len(held)} held out, as given "
          f"{base_score(held, shave):.4f} dB; from step {first}", flush=True)
    inner = slice(args.margin * args.scale, -args.margin * args.scale)

    def loss_of(patches, residual, weight, squared, dtype):
        error = learner(patches, (args.batch, args.crop, args.crop), dtype)[:, inner, inner]
        error = error - residual[:, inner, inner] / (255 * learner.unit)
        if squared:
            return (weight * learner.unit**2 * error.square()).mean()
        return (weight.sqrt() * learner.unit * error.abs()).mean()

    if args.compile:
        loss_of = torch.compile(loss_of)
    start, losses = time.process_time(), 0.0
    for step in range(first, args.steps):
        warm_up, cosine = min(1, (step + 1) / 500), 0.5 + 0.5 * math.cos(math.pi * step / args.steps)
        factor = warm_up * cosine
        adam.param_groups[0]["lr"] = args.rate * factor
        rng = np.random.default_rng((args.seed, step))  # so that resuming needs no generator's state
        small, residual, weight = batch(data, rng, args.batch, args.crop, args.scale, side)
        squared = step >= (1 - args.squared) * args.steps
        dtype = torch.float32 if step >= args.steps - args.float32_steps else torch.bfloat16
        loss = loss_of(learner.patches(small), residual, weight, squared, dtype)
        learner.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), args.clip)
        adam.step()
        muon.step(args.muon_rate * factor)
        losses += loss.item()
        done = step + 1
        if done % 10 == 0:
            decay = min(1 - 10 / args.average, done / (done + 100))
            for name, value in learner.plain().items():
                mean[name].lerp_(value, 1 - decay)
        if done % args.every == 0 or done == args.steps:
            now = network_score(mean, held, args.scale, shave)
            seconds = spent + time.process_time() - start
            history.append((done, round(seconds), losses / args.every, now))
            print(f"step {done}  loss {losses / args.every:.5f}  held out {now:.4f} dB  {seconds:.0f} s of a processor", flush=True)
            losses = 0.0
            if now > best:
                best = now
                save(save_file, mean, args.out)
            save(torch.save, {"step": done, "best": best, "seconds": seconds, "history": history, "mean": mean,
                              "learner": learner.state_dict(), "adam": adam.state_dict(),
                              "muon": muon.averages}, checkpoint)
            with open(f"{args.out}.metrics.csv", "w", newline="") as file:
                csv.writer(file).writerows([("step", "processor_seconds", "loss", "held_out_psnr"), *history])


def evaluate(args):
    weights, lumas = load_file(args.weights), [read_luma(path) for path in pictures(args.data)]
    products = sum(w.numel() for name, w in weights.items() if name.endswith(".weight"))
    print(f"{depth(weights)} layers, {products / args.scale**2:.0f} multiply-adds a pixel of the output")
    for quality in args.jpeg or [None]:
        trios = [compress(y, quality) if quality else degrade(y, args.scale) for y in lumas]
        shave = 0 if quality else args.scale
        for name, scores in (("network", [network_score(weights, trios, args.scale, shave, m) for m in (psnr, ssim)]),
                             (f"JPEG {quality}" if quality else "bicubic", [base_score(trios, shave, m) for m in (psnr, ssim)])):
            print(f"{name}  PSNR {scores[0]:.4f}  SSIM {scores[1]:.4f}")


def curve(args):
    import matplotlib.pyplot as plt
    with open(args.metrics) as file:
        rows = list(csv.DictReader(file))
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    axes.plot([int(r["step"]) for r in rows], [float(r["held_out_psnr"]) for r in rows], linewidth=1.2)
    axes.set(xlabel="steps", ylabel="PSNR of the held-out pictures, dB")
    axes.grid(alpha=0.3)
    figure.savefig(args.picture, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    modes = parser.add_subparsers(required=True)
    p = modes.add_parser("prepare", help="shrink photographs")
    p.add_argument("--out", required=True, help="folder")
    p.add_argument("photos", nargs="+")
    p.set_defaults(run=prepare)
    p = modes.add_parser("evaluate", help="PSNR and SSIM on a folder, protocol `paper`")
    p.add_argument("--data", required=True, help="folder of pictures")
    p.add_argument("--scale", type=int, default=2)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--jpeg", type=int, nargs="+", default=[], metavar="QUALITY", help="measure the restoring of JPEG instead")
    p.add_argument("weights")
    p.set_defaults(run=evaluate)
    p = modes.add_parser("curve", help="draw the held-out score over the steps")
    p.add_argument("metrics", help="csv file")
    p.add_argument("picture", help="png or svg file")
    p.set_defaults(run=curve)
    p = modes.add_parser("train", help="train a network")
    p.add_argument("--data", action="append", required=True, help="folder of pictures; repeatable")
    p.add_argument("--out", required=True, help="the weights file")
    p.add_argument("--resume", action="store_true")
    p.add_argument("--start", help="weights to start with")
    p.add_argument("--cache", help="file that keeps the degraded pictures for the next start with the same settings")
    p.add_argument("--compile", action="store_true", help="with torch.compile, which needs a C++ compiler")
    p.add_argument("--zooms", type=float, nargs="+", default=[1.0, 0.9, 0.8, 0.7, 0.6])
    p.add_argument("--jpeg", type=int, nargs="+", default=[], metavar="QUALITY",
                   help="learn to restore pictures that JPEG left, at these qualities, by a network at 1/SCALE of the size")
    p.add_argument("--rate", type=float, default=2e-3, help="Adam's highest rate; falls to 0 as a cosine")
    p.add_argument("--muon-rate", type=float, default=0.02, help="Muon's highest rate, likewise")
    p.add_argument("--clip", type=float, default=1.0, help="longest gradient")
    p.add_argument("--squared", type=float, default=1.0, help="the part of the steps, at the end, with squared errors")
    for name, value, text in (("scale", 2, "upscaling factor"), ("channels", 16, "of every layer but the last"),
                              ("layers", 7, "convolutions"), ("hidden", 0, "filters that a kernel is a product over; 0: plain kernels"),
                              ("steps", 100000, "batches in all"), ("batch", 8, "crops a batch"),
                              ("crop", 48, "their side in small pixels"), ("margin", 4, "small pixels that do not count"),
                              ("float32-steps", 0, "last steps without bfloat16"),
                              ("average", 1000, "steps that the averaged weights reach back"),
                              ("every", 2000, "steps between held-out scores and checkpoints"),
                              ("seed", 1, "of everything random"), ("threads", 1, "for torch")):
        p.add_argument(f"--{name}", type=int, default=value, help=text)
    p.set_defaults(run=train)
    args = parser.parse_args()
    if "threads" in args:
        torch.set_num_threads(args.threads)
    args.run(args)


if __name__ == "__main__":
    main()
