#!/usr/bin/env python3
"""Times `srcnn bench` on an ONNX file in turn with ONNX Runtime and OpenVINO, and prints medians in milliseconds and their ratio.

    tools/time_onnx.py network.onnx --size 480x270 [--srcnn target/release/srcnn] [--threads 2] [--runs 5]

SIZE is that of the network's input; batch 1, f32, random samples. Needs numpy; onnxruntime and openvino are left out where they are
missing. Run it while nothing else runs.
"""

import argparse
import json
import statistics
import subprocess
import time

import numpy as np


def onnxruntime(path, x, threads):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {session.get_inputs()[0].name: x})


def openvino(path, x, threads):
    import openvino as ov

    core = ov.Core()
    model = core.read_model(path)
    model.reshape(list(x.shape))
    hints = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(model, "CPU", hints).create_infer_request()
    return lambda: request.infer([x])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--srcnn", default="target/release/srcnn")
    parser.add_argument("--channels", type=int, default=3, help="of the network's input")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    x = np.random.default_rng(1).random((1, args.channels, height, width), dtype=np.float32)
    peers = {}
    for make in (onnxruntime, openvino):
        try:
            peers[make.__name__] = make(args.network, x, args.threads)
        except ImportError:
            print(f"{make.__name__} is missing")
    command = [args.srcnn, "bench", "--model", args.network, "--size", args.size, "--threads", str(args.threads), "--reps", "1",
               "--format", "json"]
    times = {name: [] for name in ["srcnn", *peers]}
    for run in peers.values():
        run()
    for _ in range(args.runs):
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        times["srcnn"].append(found["milliseconds"]["median"])
        for name, run in peers.items():
            start = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - start))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:12} {value:8.1f} ms, {value / medians['srcnn']:.2f} of srcnn's")


if __name__ == "__main__":
    main()
