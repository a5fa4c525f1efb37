"""Writes graphs/*.safetensors: small graphs of operations, their weights, what goes in and what PyTorch 2.15.0 makes of it in float64.

The metadata has the graph as JSON, as `srcnn::model::graph::Graph` is written; tensors are `kernels.N` and `biases.N` of node N, `input`
(channel, row, column) and `output`. Single operations, and small forms of published networks: FSRCNN, ESPCN, VDSR, SRVGG, EDSR, RRDB,
upconv_7, cunet.
"""

import json

import numpy as np
import torch
from fixture_files import out_folder, write_safetensors
from torch.nn import functional as F


class Graph:
    """Nodes, their weights, and the values that PyTorch computes for them as they are added."""

    def __init__(self, seed, channels, width=13, height=10):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.channels = [], {}, channels
        self.values = [torch.from_numpy(self.draw((channels, height, width), 0, 1)[None].astype(np.float64))]

    def draw(self, shape, low=-1, high=1):
        return self.random.uniform(low, high, shape).astype(np.float32)

    def node(self, operation, inputs, result):
        self.nodes.append({"operation": operation, "inputs": inputs})
        self.values.append(result)
        return len(self.nodes)

    def weight(self, kind, values):
        self.weights[f"{kind}.{len(self.nodes)}"] = values
        return torch.from_numpy(values.astype(np.float64))

    def shape(self, at):
        return self.values[at].shape[1]

    def conv(self, at, outputs, kernel=3, padding=None, fill="zero", stride=1, dilation=1, groups=1, gain=1.0):
        inputs = self.shape(at)
        rows, columns = (kernel, kernel) if isinstance(kernel, int) else kernel
        top, left, bottom, right = padding if padding is not None else (rows // 2, columns // 2) * 2
        reach = gain * np.sqrt(3 * groups / (inputs * rows * columns))
        kernels = self.weight("kernels", self.draw((outputs, inputs // groups, rows, columns), -reach, reach))
        biases = self.weight("biases", self.draw(outputs, -0.1, 0.1))
        mode = {"zero": "constant", "replicate": "replicate", "reflect": "reflect"}[fill]
        padded = F.pad(self.values[at], (left, right, top, bottom), mode)
        result = F.conv2d(padded, kernels, biases, stride, 0, dilation, groups)
        operation = dict(inputs=inputs, outputs=outputs, kernel=[rows, columns], stride=stride, dilation=dilation, groups=groups,
                         padding=dict(top=top, left=left, bottom=bottom, right=right), fill=fill)
        return self.node({"convolution": operation}, [at], result)

    def transposed(self, at, outputs, kernel, stride, padding=0, extra=0, groups=1):
        inputs = self.shape(at)
        reach = np.sqrt(3 * groups * stride**2 / (inputs * kernel**2))
        # Ours have the outputs of a group first.
        ours = self.draw((outputs, inputs // groups, kernel, kernel), -reach, reach)
        kernels = self.weight("kernels", ours)
        biases = self.weight("biases", self.draw(outputs, -0.1, 0.1))
        theirs = kernels.reshape(groups, outputs // groups, inputs // groups, kernel, kernel).transpose(1, 2)
        theirs = theirs.reshape(inputs, outputs // groups, kernel, kernel)
        result = F.conv_transpose2d(self.values[at], theirs, biases, stride, padding, extra, groups)
        cut = dict(top=padding, left=padding, bottom=padding - extra, right=padding - extra)
        operation = dict(inputs=inputs, outputs=outputs, kernel=[kernel] * 2, stride=stride, groups=groups, cut=cut)
        return self.node({"transposed": operation}, [at], result)

    def function(self, at, kind, **numbers):
        value = self.values[at]
        if kind == "prelu":
            numbers = {"channels": self.shape(at)}
            result = F.prelu(value, self.weight("kernels", self.draw(self.shape(at), 0, 0.5)))
        else:
            result = {
                "relu": F.relu,
                "leaky": lambda v: F.leaky_relu(v, float(np.float32(numbers["slope"]))),
                "clip": lambda v: v.clamp(float(np.float32(numbers["low"])), float(np.float32(numbers["high"]))),
                "tanh": torch.tanh,
                "sigmoid": torch.sigmoid,
                "silu": F.silu,
            }[kind](value)
        return self.node({"function": {kind: numbers} if numbers else kind}, [at], result)

    def affine(self, at, factors=None):
        channels = self.shape(at)
        factors = np.full(channels, factors, np.float32) if factors is not None else self.draw(channels)
        factors = self.weight("kernels", factors)
        summands = self.weight("biases", self.draw(channels) if factors.unique().numel() > 1 else np.zeros(channels, np.float32))
        result = self.values[at] * factors[:, None, None] + summands[:, None, None]
        return self.node({"affine": {"channels": channels}}, [at], result)

    def add(self, *at):
        return self.node("add", list(at), sum(self.values[i] for i in at))

    def multiply(self, *at):
        result = self.values[at[0]]
        for i in at[1:]:
            result = result * self.values[i]
        return self.node("multiply", list(at), result)

    def concatenate(self, *at):
        return self.node("concatenate", list(at), torch.cat([self.values[i] for i in at], 1))

    def slice(self, at, first, count):
        return self.node({"slice": dict(first=first, count=count)}, [at], self.values[at][:, first : first + count])

    def shuffle(self, at, factor):
        return self.node({"shuffle": {"factor": factor}}, [at], F.pixel_shuffle(self.values[at], factor))

    def unshuffle(self, at, factor):
        return self.node({"unshuffle": {"factor": factor}}, [at], F.pixel_unshuffle(self.values[at], factor))

    def enlarge(self, at, factor, by):
        mode = {"nearest": "nearest", "opencv-linear": "bilinear", "opencv-cubic": "bicubic"}[by]
        corners = {} if by == "nearest" else {"align_corners": False}
        result = F.interpolate(self.values[at], scale_factor=factor, mode=mode, **corners)
        by = by if by == "nearest" else {"by": by}
        return self.node({"enlarge": dict(factor=factor, by=by)}, [at], result)

    def mean(self, at):
        return self.node("mean", [at], self.values[at].mean((2, 3), keepdim=True))

    def crop(self, at, sides):
        value = self.values[at]
        result = value[:, :, sides : value.shape[2] - sides, sides : value.shape[3] - sides]
        return self.node({"crop": dict(top=sides, left=sides, bottom=sides, right=sides)}, [at], result)


def operations():
    """Single operations, each between convolutions that make other shapes of it."""
    graph = Graph(1, 3)
    graph.conv(graph.conv(0, 8, (3, 5), (1, 2, 1, 2), "reflect"), 2, 5, (2, 2, 2, 2), "replicate")
    yield "convolutions", graph
    graph = Graph(2, 4, 12, 8)
    at = graph.conv(0, 6, 3, (2, 2, 2, 2), dilation=2, groups=2)
    at = graph.conv(at, 9, 3, (1, 1, 1, 1), stride=2, groups=3)
    graph.transposed(at, 2, 4, 2, 1)
    yield "strided", graph
    graph = Graph(3, 2)
    at = graph.conv(0, 3, 4, (2, 1, 1, 2))
    graph.conv(at, 2, 1)
    yield "even", graph
    graph = Graph(4, 3, 7, 6)
    graph.transposed(graph.transposed(0, 4, 9, 2, 4, 1), 1, 3, 1, 1)
    yield "transposed", graph
    graph = Graph(5, 4, 6, 5)
    graph.transposed(graph.transposed(0, 6, 2, 2, groups=2), 3, 5, 3, 1, groups=3)
    yield "transposed-groups", graph
    graph = Graph(6, 2)
    wide = graph.conv(0, 5)
    functions = ["relu", "tanh", "sigmoid", "silu", "prelu"]
    found = [graph.function(wide, kind) for kind in functions]
    found += [graph.function(wide, "leaky", slope=0.1), graph.function(wide, "clip", low=-0.25, high=0.5)]
    graph.conv(graph.concatenate(*found), 3, 1)
    yield "functions", graph
    graph = Graph(7, 3)
    wide = graph.conv(0, 6)
    parts = [graph.slice(wide, 0, 3), graph.slice(wide, 2, 3)]
    product = graph.multiply(parts[0], parts[1], 0)
    graph.add(graph.affine(product), 0, graph.affine(parts[0], -1))
    yield "parts", graph
    graph = Graph(8, 2, 12, 6)
    at = graph.conv(graph.unshuffle(0, 2), 8)
    at = graph.conv(graph.shuffle(at, 2), 9)
    graph.shuffle(at, 3)
    yield "shuffles", graph
    graph = Graph(9, 2)
    found = [graph.enlarge(0, 2, by) for by in ("nearest", "opencv-linear", "opencv-cubic")]
    graph.enlarge(graph.conv(graph.concatenate(*found), 1), 2, "nearest")
    yield "enlargements", graph
    graph = Graph(10, 3)
    wide = graph.conv(0, 4)
    weight = graph.function(graph.conv(graph.function(graph.conv(graph.mean(wide), 2, 1), "relu"), 4, 1), "sigmoid")
    graph.crop(graph.multiply(wide, weight), 2)
    yield "attention", graph


def networks():
    """Small forms of published networks."""
    graph = Graph(20, 1)
    at = graph.function(graph.conv(0, 10, 5), "prelu")
    at = graph.function(graph.conv(at, 4, 1), "prelu")
    at = graph.function(graph.conv(at, 4), "prelu")
    at = graph.function(graph.conv(at, 10, 1), "prelu")
    graph.transposed(at, 1, 9, 3, 4, 2)
    yield "fsrcnn-x3", graph
    graph = Graph(21, 1)
    at = graph.function(graph.conv(0, 8, 5), "tanh")
    at = graph.function(graph.conv(at, 6), "tanh")
    graph.shuffle(graph.conv(at, 4), 2)
    yield "espcn-x2", graph
    graph = Graph(22, 1)
    at = graph.function(graph.conv(0, 6), "relu")
    at = graph.function(graph.conv(at, 6), "relu")
    graph.add(graph.conv(at, 1), 0)
    yield "vdsr", graph
    graph = Graph(23, 3)
    at = graph.function(graph.conv(0, 8), "prelu")
    at = graph.function(graph.conv(at, 8), "prelu")
    graph.add(graph.shuffle(graph.conv(at, 48), 4), graph.enlarge(0, 4, "nearest"))
    yield "srvgg-x4", graph
    graph = Graph(24, 3)
    head = graph.conv(graph.affine(0), 6)
    at = head
    for _ in range(2):
        at = graph.add(at, graph.affine(graph.conv(graph.function(graph.conv(at, 6), "relu"), 6), 0.1))
    at = graph.add(graph.conv(at, 6), head)
    at = graph.shuffle(graph.conv(at, 24), 2)
    graph.affine(graph.conv(at, 3))
    yield "edsr-x2", graph
    graph = Graph(25, 3)
    head = graph.conv(0, 8)
    at = head
    for _ in range(2):
        dense = [at]
        for _ in range(3):
            grown = graph.conv(dense[0] if len(dense) == 1 else graph.concatenate(*dense), 4)
            dense.append(graph.function(grown, "leaky", slope=0.2))
        at = graph.add(graph.affine(graph.conv(graph.concatenate(*dense), 8), 0.2), at)
    at = graph.add(graph.conv(at, 8), head)
    for _ in range(2):
        at = graph.function(graph.conv(graph.enlarge(at, 2, "nearest"), 8), "leaky", slope=0.2)
    graph.conv(graph.function(graph.conv(at, 8), "leaky", slope=0.2), 3)
    yield "rrdb-x4", graph
    graph = Graph(26, 3, 17, 18)
    at = 0
    for outputs in (4, 4, 6, 6, 8, 8):
        at = graph.function(graph.conv(at, outputs, 3, (0, 0, 0, 0)), "leaky", slope=0.1)
    graph.transposed(at, 3, 4, 2, 3)
    yield "upconv-x2", graph
    graph = Graph(27, 3, 28, 24)
    at = graph.function(graph.conv(0, 4, 3, (0, 0, 0, 0)), "leaky", slope=0.1)
    top = graph.function(graph.conv(at, 6, 3, (0, 0, 0, 0)), "leaky", slope=0.1)
    at = graph.function(graph.conv(top, 6, 2, (0, 0, 0, 0), stride=2), "leaky", slope=0.1)
    at = graph.function(graph.conv(at, 6, 3, (0, 0, 0, 0)), "leaky", slope=0.1)
    weight = graph.function(graph.conv(graph.mean(at), 6, 1), "sigmoid")
    at = graph.function(graph.transposed(graph.multiply(at, weight), 6, 2, 2), "leaky", slope=0.1)
    at = graph.add(graph.crop(top, 2), at)
    graph.conv(at, 3, 3, (0, 0, 0, 0))
    yield "unet", graph


def main():
    out = out_folder(__doc__) / "graphs"
    out.mkdir(parents=True, exist_ok=True)
    for name, graph in [*operations(), *networks()]:
        tensors = dict(graph.weights)
        tensors["input"] = graph.values[0][0].numpy().astype(np.float32)
        tensors["output"] = np.ascontiguousarray(graph.values[-1][0].numpy())
        stored = json.dumps({"channels": graph.channels, "nodes": graph.nodes})
        write_safetensors(out / f"{name}.safetensors", tensors, {"graph": stored})
        print(name, len(graph.nodes), "nodes,", tuple(tensors["input"].shape), "to", tuple(tensors["output"].shape))


if __name__ == "__main__":
    main()
