"""Writes weights/*.keras, *.weights.h5 and *-keras3.h5: the small networks of make_weights.py by Keras 3.15.1.

    grey-5-3-3-sequential.keras, .weights.h5, -keras3.h5   paddings same, valid, same; ReLU as an argument and as a layer
    grey-5-3-3-functional.keras                            named layers, ZeroPadding2D before a valid convolution
    grey-5-3-3-subclass.keras, .weights.h5                 a model of one's own class, attributes of any name
    grey-5-3-3-half.keras, -bfloat16.keras                 of policies float16 and bfloat16; truth: as for make_pytorch.py
    two-networks.weights.h5                                a model of two, which Keras names `own` and `sequential`
    refused-*.keras                                        what no SRCNN is

The numbers are those of grey-5-3-3.safetensors. Run by the Python that KERAS_PYTHON names in make_all.sh, which needs
nothing else of requirements.txt (keras==3.15.1 with any backend, h5py==3.16.0).
"""

import argparse
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers as L

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "crates" / "srcnn-fixtures"


def layers_of(path):
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[start + begin : start + end], "<f4").reshape(entry["shape"])
    return [(tensors[f"layer{n}.weight"], tensors[f"layer{n}.bias"]) for n in range(1, len(tensors) // 2 + 1)]


def fill(model, layers):
    convolutions = [layer for layer in model.layers if isinstance(layer, L.Conv2D)]
    for layer, (weight, bias) in zip(convolutions, layers, strict=True):
        layer.set_weights([np.ascontiguousarray(weight.transpose(2, 3, 1, 0)), bias])
    return model


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.patches = L.Conv2D(4, 5, activation="relu")
        self.mapping = L.Conv2D(3, 3, activation="relu")
        self.joined = L.Conv2D(1, 3)

    def call(self, x):
        return self.joined(self.mapping(self.patches(x)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=FIXTURES, help="folder to write the fixtures into")
    out = parser.parse_args().out / "weights"
    grey = layers_of(out / "grey-5-3-3.safetensors")
    start = keras.Input((None, None, 1))

    sequential = keras.Sequential(
        [
            start,
            L.Conv2D(4, 5, activation="relu", padding="same"),
            L.Conv2D(3, 3, padding="valid"),
            L.ReLU(),
            L.Conv2D(1, 3, padding="same", name="last"),
        ]
    )
    fill(sequential, grey).compile("adam", "mse")
    sequential.save(out / "grey-5-3-3-sequential.keras")
    sequential.save_weights(out / "grey-5-3-3-sequential.weights.h5")
    sequential.save(out / "grey-5-3-3-keras3.h5")

    x = L.Conv2D(4, 5, name="z")(L.ZeroPadding2D(2)(start))
    x = L.Activation("relu")(x)
    x = L.Conv2D(3, 3, activation="relu", padding="same", name="a")(x)
    x = L.Conv2D(1, 3, padding="same", name="k")(x)
    fill(keras.Model(start, x), grey).save(out / "grey-5-3-3-functional.keras")

    own = Own()
    own(np.zeros((1, 20, 20, 1), np.float32))
    fill(own, grey)
    own.save(out / "grey-5-3-3-subclass.keras")
    own.save_weights(out / "grey-5-3-3-subclass.weights.h5")

    for name in ("half", "bfloat16"):
        policy = {"half": "float16"}.get(name, name)
        layers = layers_of(out / f"grey-5-3-3-{name}.safetensors")
        short = keras.Sequential(
            [
                start,
                L.Conv2D(4, 5, activation="relu", padding="same", dtype=policy),
                L.Conv2D(3, 3, activation="relu", padding="same", dtype=policy),
                L.Conv2D(1, 3, padding="same", dtype=policy),
            ]
        )
        fill(short, layers).save(out / f"grey-5-3-3-{name}.keras")

    class Pair(keras.Model):
        def __init__(self):
            super().__init__()
            self.student = Own()
            self.teacher = keras.Sequential([L.Conv2D(2, 5), L.Conv2D(1, 5)])

        def call(self, x):
            return self.student(x) + self.teacher(x)

    pair = Pair()
    pair(np.zeros((1, 20, 20, 1), np.float32))
    fill(pair.student, grey)
    pair.save_weights(out / "two-networks.weights.h5")

    x = L.Conv2D(4, 5, padding="same")(start)
    keras.Model(start, L.Add()([start, L.Conv2D(1, 3, padding="same")(x)])).save(out / "refused-residual.keras")
    keras.Model(start, L.Conv2DTranspose(1, 9, 2)(x)).save(out / "refused-transposed.keras")
    keras.Model(start, L.Conv2D(1, 3)(L.PReLU(shared_axes=[1, 2])(x))).save(out / "refused-prelu.keras")

    for path in [*out.glob("*.keras"), *out.glob("*.weights.h5"), out / "grey-5-3-3-keras3.h5"]:
        assert path.stat().st_size < 30_000, (path, path.stat().st_size)


if __name__ == "__main__":
    main()
