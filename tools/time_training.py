#!/usr/bin/env python3
"""Time steps of learning, PyTorch's and ours in turn (`srcnn bench --train`), and print the ratios.

    time_training.py --ours target/release/srcnn --threads 1 --rounds 5

A step is forward, back and Adam on the mean squared error of 16 sub-images of 33x33; layers lose their borders.
PyTorch runs as it is and with channels last; the faster counts. Medians of all rounds. Run it while nothing else
runs. Needs torch.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
p.add_argument("--ours", required=True, help="the srcnn binary")
for name, value, text in (("threads", 2, "for both"), ("rounds", 5, "turns of each"), ("reps", 15, "steps a turn"),
                          ("batch", 16, "sub-images a step"), ("crop", 33, "their side")):
    p.add_argument(f"--{name}", type=int, default=value, help=text)
args = p.parse_args()
os.environ["OMP_NUM_THREADS"] = str(args.threads)

import torch  # after the number of threads is set

torch.set_num_threads(args.threads)
NETS = {"paper915": ((9, 1, 5), (64, 32)), "paper": ((9, 5, 5), (64, 32)), "keras": ((9, 3, 5), (128, 64))}


def stepper(kernels, filters, channels_last):
    """A function that does one step."""
    torch.manual_seed(1)
    ends = [1, *filters, 1]
    layers = []
    for i, kernel in enumerate(kernels):
        layers += [torch.nn.Conv2d(ends[i], ends[i + 1], kernel)] + ([torch.nn.ReLU()] if i + 1 < len(kernels) else [])
    net = torch.nn.Sequential(*layers)
    size = args.crop - sum(k - 1 for k in kernels)
    x, y = torch.rand(args.batch, 1, args.crop, args.crop), torch.rand(args.batch, 1, size, size)
    if channels_last:
        net, x, y = (v.to(memory_format=torch.channels_last) for v in (net, x, y))
    adam = torch.optim.Adam(net.parameters(), lr=1e-4)

    def step():
        adam.zero_grad()
        torch.nn.functional.mse_loss(net(x), y).backward()
        adam.step()

    return step


def milliseconds(step):
    step()
    times = []
    for _ in range(args.reps):
        begin = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def ours(net):
    command = [args.ours, "bench", "--train", "--net", net, "--threads", str(args.threads), "--reps", str(args.reps),
               "--batch", str(args.batch), "--crop", str(args.crop), "--format", "json"]
    out = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [out["milliseconds"]["median"]]


print(f"# {args.threads} threads, {args.batch} sub-images of {args.crop}x{args.crop}, PyTorch {torch.__version__}")
for net, shape in NETS.items():
    peers = {"PyTorch": stepper(*shape, False), "PyTorch, channels last": stepper(*shape, True)}
    times = {name: [] for name in [*peers, "srcnn"]}
    for _ in range(args.rounds):
        for name, step in peers.items():
            times[name] += milliseconds(step)
        times["srcnn"] += ours(net)
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(medians[name] for name in peers)
    listed = ", ".join(f"{name} {value:.2f} ms" for name, value in medians.items())
    print(f"{net}: {listed}; {best / medians['srcnn']:.2f} times as fast")
