"""Writes training.json: passes of small chains, forward and back, and the first steps of training; and channels.json: the
first steps of a network of three channels, which at first do not count alike.

Made with torch 2.15.0 (CPU, float64, autograd); the last digits may vary with the CPU. Numbers that go in are float32
exactly; results are rounded to float32. Parameters are, layer after layer, kernels (output, input, row, column),
biases, slopes of PReLU; planes are channel, row, column. `gradients` are those of the sum of output times `gradient`.
A run takes the batches of samples in turn, from the same parameters: losses and lengths of gradients are those before
each step, `average` is torch's AveragedModel. Nothing lies so near a kink of ReLU, PReLU or |e| that rounding takes
it across.
"""

import itertools
import pathlib

import numpy as np
import torch
from fixture_files import out_folder, write_json
from torch.nn import functional

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "crates" / "srcnn-train" / "tests" / "fixtures"
KINK = 1e-5


def conv(taps, filters, padding, activation="none"):
    return {"taps": taps, "filters": filters, "padding": padding, "activation": activation}


CHAINS = {
    # name: (input channels, (columns, rows), layers, whether the input is added to the output)
    "valid": (1, (9, 8), (conv(5, 3, "valid", "relu"), conv(3, 1, "valid")), False),
    "zero": (1, (6, 5), (conv(3, 4, "zero", "relu"), conv(3, 1, "zero")), True),
    "replicate": (3, (5, 4), (conv(3, 3, "replicate", "prelu"), conv(5, 3, "replicate")), True),
    "mixed": (
        1,
        (8, 7),
        (conv(5, 2, "valid", "relu"), conv(3, 3, "zero", "prelu"), conv(3, 1, "replicate")),
        True,
    ),
    "shuffled": (1, (5, 4), (conv(3, 3, "zero", "prelu"), conv(3, 4, "zero"), {"factor": 2}), False),
    "shuffled-inside": (
        1,
        (4, 3),
        (conv(3, 8, "replicate", "relu"), {"factor": 2}, conv(3, 1, "replicate", "relu")),
        False,
    ),
    "shuffled-rgb": (3, (3, 4), (conv(1, 2, "valid", "prelu"), conv(3, 27, "zero"), {"factor": 3}), False),
}

# the network that learns
KERNELS, FILTERS, PADDING = (5, 1, 3), (4, 3), ("valid", "zero", "replicate")
CROP, BORDER, SAMPLES = 10, 2, 5
BATCHES = ((0, 1, 2), (3, 4, 0), (1, 2, 3), (4, 0, 1))
# steps of the whole run, of which the batches are the first
STEPS = 6
MOMENTUM, AVERAGE = 0.9, 0.75
ADAM_RATE = 1e-3
# a mean has about a tenth of the gradient; all go a way that rounding to float32 is short beside
SGD_RATES = {"mean": (8e-2, 4e-2, 2e-2), "half-sum": (8e-3, 4e-3, 2e-3)}
# longer than some gradients of its runs and shorter than others
CLIP = 4.0
# of the network of three channels: what they count in the first half of the run
COUNTED = (0.5, 0.0, 2.0)
LOSSES = {
    "mse": lambda error: error**2,
    "l1": lambda error: error.abs(),
    "charbonnier": lambda error: torch.sqrt(error**2 + 1e-6),
}


def single(values):
    """rounded to float32"""
    return np.asarray(values).astype(np.float32).astype(np.float64)


def listed(values):
    """a flat list of the shortest decimals that give the float32 values back"""
    values = values.detach().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
    return [float(str(v)) for v in values.astype(np.float32).ravel()]


def draw(rng, inputs, layers):
    """one list of tensors a convolution: kernels, biases and, for PReLU, slopes"""
    stages = []
    for layer in layers:
        if "factor" in layer:
            inputs //= layer["factor"] ** 2
            continue
        taps, filters = layer["taps"], layer["filters"]
        stage = [
            rng.normal(0, 1 / np.sqrt(inputs * taps * taps), (filters, inputs, taps, taps)),
            rng.normal(0, 0.1, filters),
        ]
        if layer["activation"] == "prelu":
            stage.append(rng.uniform(-0.2, 0.5, filters))
        stages.append([torch.tensor(single(values), requires_grad=True) for values in stage])
        inputs = filters
    return stages


def run(layers, stages, x, skip, kinks):
    """x: (1, channels, rows, columns); what goes into ReLU and PReLU is added to kinks"""
    stages, given = iter(stages), x
    for layer in layers:
        if "factor" in layer:
            x = functional.pixel_shuffle(x, layer["factor"])
            continue
        kernels, biases, *slopes = next(stages)
        half = layer["taps"] // 2
        if layer["padding"] == "replicate":
            x = functional.pad(x, (half,) * 4, mode="replicate")
        x = functional.conv2d(x, kernels, biases, padding=half if layer["padding"] == "zero" else 0)
        if layer["activation"] != "none":
            kinks.append(x.detach().numpy().ravel())
            x = functional.prelu(x, *slopes) if slopes else functional.relu(x)
    if skip:
        lost = (given.shape[2] - x.shape[2]) // 2
        x = x + given[:, :, lost : given.shape[2] - lost, lost : given.shape[3] - lost]
    return x


def clear(kinks):
    """whether all values keep away from zero, and lie on both sides of it"""
    values = np.concatenate(kinks)
    return np.abs(values).min() > KINK and values.min() < 0 < values.max()


def chain(seed, inputs, size, layers, skip):
    """one record, None if it comes near a kink"""
    rng = np.random.default_rng(seed)
    stages = draw(rng, inputs, layers)
    picture = torch.tensor(single(rng.random((1, inputs, size[1], size[0]))))
    kinks = []
    output = run(layers, stages, picture, skip, kinks)
    gradient = torch.tensor(single(rng.normal(0, 1, output.shape)))
    if not clear(kinks):
        return None
    (output * gradient).sum().backward()
    flat = [tensor for stage in stages for tensor in stage]
    return {
        "inputs": inputs,
        "layers": layers,
        "skip": skip,
        "size": size,
        "parameters": sum((listed(tensor) for tensor in flat), []),
        "input": listed(picture),
        "gradient": listed(gradient),
        "output": listed(output),
        "gradients": sum((listed(tensor.grad) for tensor in flat), []),
    }


def sample(rng, channels=1):
    """input, truth (of both signs, so that gradients turn) and weights (some zero, as those of masked pixels)"""
    inner = (CROP - 2 * BORDER,) * 2
    weights = rng.uniform(0.5, 2, inner) * (rng.random(inner) < 0.8)
    planes = rng.random((channels, CROP, CROP)), rng.normal(0, 0.5, (channels, *inner)), weights[None]
    return [torch.tensor(single(plane))[None] for plane in planes]


def learn(layers, start, samples, optimiser, loss, reduction, clip, kinks, early=None):
    """early: what each channel counts in the first half of the run"""
    model = torch.nn.ParameterList(tensor.detach().clone() for stage in start for tensor in stage)
    stages = [list(model[2 * n : 2 * n + 2]) for n in range(len(start))]
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE)
    )
    rates = [ADAM_RATE] if optimiser == "adam" else list(SGD_RATES[reduction])
    if early and optimiser == "sgd" and reduction == "mean":
        # a mean of more samples has less of each one's gradient
        rates = [rate * len(early) for rate in rates]
    if optimiser == "adam":
        stepper = torch.optim.Adam(model.parameters(), lr=ADAM_RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(stepper, T_max=STEPS)
    else:
        groups = [{"params": stage, "lr": rate} for stage, rate in zip(stages, rates)]
        stepper = torch.optim.SGD(groups, momentum=MOMENTUM)
        schedule = torch.optim.lr_scheduler.ConstantLR(stepper, factor=1)
    losses, lengths = [], []
    for step, batch in enumerate(BATCHES):
        batch = [samples[n] for n in batch]
        channels = torch.ones(batch[0][1].shape[1])
        if early and step < STEPS / 2:
            channels = torch.tensor(early)
        total = 0
        for picture, truth, weights in batch:
            error = run(layers, stages, picture, False, kinks) - truth
            if loss == "l1":
                kinks.append(error[weights > 0].detach().numpy())
            total = total + (LOSSES[loss](error) * weights * channels[None, :, None, None]).sum()
        if reduction == "mean":
            total = total / channels.sum() / sum((weights > 0).sum() for _, _, weights in batch)
        else:
            total = total / 2 / len(batch)
        stepper.zero_grad()
        total.backward()
        lengths.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip or torch.inf).item())
        stepper.step()
        schedule.step()
        average.update_parameters(model)
        losses.append(total.item())
    if clip and not min(lengths) < clip < max(lengths):
        return None
    return {
        "optimiser": optimiser,
        "loss": loss,
        "reduction": reduction,
        "rates": rates,
        "clip": clip,
        "losses": listed(losses),
        "lengths": listed(lengths),
        "learnt": sum((listed(tensor) for tensor in model), []),
        "average": sum((listed(tensor) for tensor in average.module), []),
    }


def trajectories(seed, early=None):
    """head, samples and runs; None if one comes near a kink, or is clipped at all steps or none"""
    rng = np.random.default_rng(seed)
    channels = len(early or (1,))
    filters, activations = (*FILTERS, channels), ("relu", "relu", "none")
    layers = [conv(*layer) for layer in zip(KERNELS, filters, PADDING, activations)]
    start = draw(rng, channels, layers)
    samples = [sample(rng, channels) for _ in range(SAMPLES)]
    losses = ("mse",) if early else LOSSES
    runs = [(*how, 0) for how in itertools.product(("adam", "sgd"), losses, ("mean", "half-sum"))]
    if not early:
        runs += [("adam", "mse", "half-sum", CLIP), ("sgd", "mse", "half-sum", CLIP)]
    kinks = []
    runs = [learn(layers, start, samples, *how, kinks, early) for how in runs]
    if not all(runs) or not clear(kinks):
        return None
    head = {
        "kernels": KERNELS,
        "filters": FILTERS,
        "padding": PADDING,
        "crop": CROP,
        "steps": STEPS,
        "momentum": MOMENTUM,
        "ema": AVERAGE,
        "batches": BATCHES,
        "start": sum((listed(tensor) for stage in start for tensor in stage), []),
    }
    if early:
        head["early_channels"] = early
    names = ("input", "truth", "weights")
    return head, [{name: listed(plane) for name, plane in zip(names, planes)} for planes in samples], runs


def first(attempt):
    """what the first seed gives that gives something"""
    return next(result for result in map(attempt, itertools.count(1)) if result)


def main():
    out = out_folder(__doc__, FIXTURES)
    chains = [{"name": name, **first(lambda seed: chain(seed, *what))} for name, what in CHAINS.items()]
    head, samples, runs = first(trajectories)
    versions = {"torch": torch.__version__.split("+")[0]}
    write_json(out / "training.json", {**versions, **head}, chains=chains, samples=samples, runs=runs)
    head, samples, coloured = first(lambda seed: trajectories(seed, COUNTED))
    write_json(out / "channels.json", {**versions, **head}, samples=samples, runs=coloured)
    print(f"training: {len(chains)} chains, {len(runs)} and {len(coloured)} runs")


if __name__ == "__main__":
    main()
