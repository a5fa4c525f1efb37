"""Writes weights/*.ncnn.param and .bin: the small network of make_weights.py as pnnx 20261020 makes it for ncnn.

    grey-5-3-3-zero     weights in half; .safetensors holds them as numpy reads them; -valid, -replicate: in f32
    grey-5-3-3-apart    written by hand from ncnn's wiki: ReLU as layers of their own, kernels of one side, no key 15 or 16
    graph-shuffle       with a layer more
    refused-*           storage that is not read, and weights that are not there

ncnn 1.0.20261020 runs each that is read; ncnn.json holds its picture in and out.
"""

import pathlib
import subprocess
import sys
import tempfile

import ncnn
import numpy as np
import torch

import make_onnx
import network
from fixture_files import out_folder, write_json, write_safetensors


def converted(out, layers, padding):
    stem = f"grey-5-3-3-{padding}"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        traced = torch.jit.trace(make_onnx.module(layers, padding), torch.zeros(1, 1, 16, 16))
        traced.save(folder / "net.pt")
        command = [str(pathlib.Path(sys.executable).parent / "pnnx")]
        half = int(padding == "zero")
        command += ["net.pt", "inputshape=[1,1,16,16]", f"fp16={half}"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        for kind in ("param", "bin"):
            (out / f"{stem}.ncnn.{kind}").write_bytes((folder / f"net.ncnn.{kind}").read_bytes())


def half_layers(data, layers):
    read, at = [], 0
    for weight, bias in layers:
        assert data[at : at + 4] == b"\x47\x6b\x30\x01"
        values = np.frombuffer(data, "<f2", weight.size, at + 4).astype(np.float32).reshape(weight.shape)
        at += 4 + (weight.size * 2 + 3) // 4 * 4
        read.append((values, np.frombuffer(data, "<f4", bias.size, at)))
        at += 4 * bias.size
        assert np.array_equal(read[-1][1], bias) and np.abs(values - weight).max() < 1e-3
    assert at == len(data)
    return read


def by_hand(out, name, layers, tail="", word=b"\0\0\0\0"):
    lines = ["Input data 0 1 data"]
    at = "data"
    for n, (weight, _) in enumerate(layers, 1):
        outputs, _, size, _ = weight.shape
        lines.append(f"Convolution conv{n} 1 1 {at} c{n} 0={outputs} 1={size} 4={size // 2} 5=1 6={weight.size}")
        at = f"c{n}"
        if n < len(layers):
            lines.append(f"ReLU relu{n} 1 1 {at} r{n}")
            at = f"r{n}"
    lines += [tail.format(at)] if tail else []
    (out / f"{name}.ncnn.param").write_text(f"7767517\n{len(lines)} {len(lines)}\n" + "\n".join(lines) + "\n")
    parts = [word + weight.tobytes() + bias.tobytes() for weight, bias in layers]
    (out / f"{name}.ncnn.bin").write_bytes(b"".join(parts))


def main():
    out = out_folder(__doc__) / "weights"
    grey = network.random_layers(20150112, 1, ((5, 4), (3, 3), (3, 1)))
    for padding in ("zero", "valid", "replicate"):
        converted(out, grey, padding)
    half = half_layers((out / "grey-5-3-3-zero.ncnn.bin").read_bytes(), grey)
    write_safetensors(out / "grey-5-3-3-zero.safetensors", network.tensors(half))
    by_hand(out, "grey-5-3-3-apart", grey)
    by_hand(out, "refused-prelu", grey, "PReLU p 1 1 {} out 0=1")
    by_hand(out, "graph-shuffle", grey, "PixelShuffle p 1 1 {} out 0=1")
    by_hand(out, "refused-int8", grey, word=b"\x38\x4b\x0d\x00")

    picture = np.random.default_rng(8).random((11, 13)).astype(np.float32)
    runs = []
    for name, first, last in (("zero", "in0", "out0"), ("valid", "in0", "out0"), ("replicate", "in0", "out0"), ("apart", "data", "c3")):
        stem = f"grey-5-3-3-{name}.ncnn"
        with ncnn.Net() as net:
            net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
            net.opt.use_bf16_storage = False
            assert net.load_param(str(out / f"{stem}.param")) == 0 and net.load_model(str(out / f"{stem}.bin")) == 0
            with net.create_extractor() as extractor:
                extractor.input(first, ncnn.Mat(picture[None].copy()).clone())
                code, result = extractor.extract(last)
                assert code == 0
                result = np.array(result)[0]
        runs.append({"file": f"{stem}.param", "output": [[float(v) for v in row] for row in result]})
    write_json(out / "ncnn.json", {"input": [[float(v) for v in row] for row in picture]}, runs=runs)


if __name__ == "__main__":
    main()
