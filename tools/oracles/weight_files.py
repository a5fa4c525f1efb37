"""The layouts in which other programs keep SRCNN weights: readers and writers.

In memory: a list of (weight, bias) per layer; weight is (output, input, row, column), for correlation.

Keras 1, TensorFlow order (.h5): root attribute layer_names; a group per layer with the attribute weight_names (fixed
    length strings) and the datasets <layer>_W:0, <layer>_b:0. W is (row, column, input, output), correlation.
Keras 1, Theano order (.h5): the same groups, with an empty group for the input layer; the dataset names lack the :0. W
    is (output, input, row, column) and both spatial axes are FLIPPED (true convolution).
Keras 2 (.h5): root attributes layer_names, backend, keras_version (variable length strings); layers without weights
    have a group as well, with an empty weight_names; weight_names holds a path, <layer>/kernel:0, so that the dataset
    is at <layer>/<layer>/kernel:0. kernel is (row, column, input, output), correlation.
The authors' .mat (version 5, float64): weights_conv1 (f1 f1, n1), weights_conv2 (n1, f2 f2, n2), weights_conv3 (n2, f3 f3),
    biases_conv1..3 (n, 1), one input channel and one output channel. Position r + f c of the axis of length f f is row r,
    column c (column-major); correlation. weights_conv2 is (input, position, output).
"""

import io

import h5py
import numpy as np
import scipy.io


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def read_keras(path):
    """Keras 1 or 2; Theano order is known by dataset names that lack the :0"""
    layers = []
    with h5py.File(path, "r") as file:
        for layer in file.attrs["layer_names"]:
            group = file[_text(layer)]
            names = [_text(name) for name in group.attrs["weight_names"]]
            if not names:
                continue
            weight, bias = (group[name][()] for name in names)
            if names[0].endswith(":0"):
                weight = weight.transpose(3, 2, 0, 1)
            else:
                weight = weight[:, :, ::-1, ::-1]
            layers.append((weight, bias))
    return layers


def read_authors(path):
    file = scipy.io.loadmat(path)
    layers = []
    for n in (1, 2, 3):
        weight = file[f"weights_conv{n}"]
        if n == 1:
            weight = weight[None]  # (input, position, output)
        elif n == 3:
            weight = weight[:, :, None]
        inputs, area, outputs = weight.shape
        size = int(round(area**0.5))
        weight = weight.transpose(2, 0, 1).reshape(outputs, inputs, size, size)  # ..., column, row
        layers.append((weight.transpose(0, 1, 3, 2), file[f"biases_conv{n}"].ravel()))
    return layers


def _empty_group(file, name):
    file.create_group(name).attrs["weight_names"] = np.array([])


def write_keras1(path, layers, theano=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [f"convolution2d_{n}" for n in range(1, len(layers) + 1)]
    with h5py.File(path, "w", libver=("earliest", "latest")) as file:
        file.attrs["layer_names"] = np.array((["input_1"] if theano else []) + names, "S15")
        if theano:
            _empty_group(file, "input_1")
        for name, (weight, bias) in zip(names, layers):
            weight = weight[:, :, ::-1, ::-1] if theano else weight.transpose(2, 3, 1, 0)
            suffix = "" if theano else ":0"
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([f"{name}_W{suffix}", f"{name}_b{suffix}"], "S")
            group.create_dataset(f"{name}_W{suffix}", data=np.ascontiguousarray(weight))
            group.create_dataset(f"{name}_b{suffix}", data=bias)


def write_keras2(path, layers):
    path.parent.mkdir(parents=True, exist_ok=True)
    string = h5py.string_dtype()
    names = ["conv2d"] + [f"conv2d_{n}" for n in range(1, len(layers))]
    with h5py.File(path, "w", libver=("earliest", "latest")) as file:
        file.attrs.create("layer_names", ["input_1", *names, "tf.clip_by_value"], dtype=string)
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = "2.7.0"
        for name in ("input_1", "tf.clip_by_value", "top_level_model_weights"):
            _empty_group(file, name)
        for name, (weight, bias) in zip(names, layers):
            group = file.create_group(name)
            group.attrs.create("weight_names", [f"{name}/kernel:0", f"{name}/bias:0"], dtype=string)
            group.create_dataset(f"{name}/kernel:0", data=np.ascontiguousarray(weight.transpose(2, 3, 1, 0)))
            group.create_dataset(f"{name}/bias:0", data=bias)


def write_authors(path, layers, compress):
    path.parent.mkdir(parents=True, exist_ok=True)
    names = {}
    for n, (weight, bias) in enumerate(layers, 1):
        outputs, inputs, size, _ = weight.shape
        flat = weight.transpose(0, 1, 3, 2).reshape(outputs, inputs, size * size)  # position r + size * c
        flat = flat.transpose(1, 2, 0)
        names[f"weights_conv{n}"] = (flat[0] if n == 1 else flat[..., 0] if n == 3 else flat).astype(np.float64)
        names[f"biases_conv{n}"] = bias.astype(np.float64)[:, None]
    file = io.BytesIO()
    scipy.io.savemat(file, names, do_compression=compress)
    content = bytearray(file.getvalue())
    # the header's text holds the time of writing
    content[:116] = b"MATLAB 5.0 MAT-file, written by scipy 1.17.1 for the tests".ljust(116)
    path.write_bytes(content)
