"""Writes procedures.json: small pictures through the two evaluation procedures, by OpenCV, torch and scikit-image.

The network is weights/trained-9-1-5.safetensors, the project's first one, kept here so that the figures stay. Under
`paper` edges are replicated at every layer; under `keras` the layers are valid, zero, valid: six pixels a side are lost.
"""

import os

os.environ.setdefault("OPENCV_IPP", "disabled")

import cv2
import network
import numpy as np
import safetensors.numpy
import torch
from fixture_files import FIXTURES, out_folder, read_png, write_json
from reference_checks import keras_triple, paper_input, paper_score

PICTURES = ("astronaut-61x47", "rocket-40x56", "chelsea-64x64")
SCALES = (2, 3, 4)
LOSS = 6


def keras(layers, picture, scale):
    """the whole degraded picture's figures; then, cropped, those of the degraded and of the restored one"""
    bgr = picture[..., ::-1].copy()
    h, w = bgr.shape[:2]
    degraded = cv2.resize(bgr, (w // scale, h // scale), interpolation=cv2.INTER_LINEAR)
    degraded = cv2.resize(degraded, (w, h), interpolation=cv2.INTER_LINEAR)
    whole = keras_triple(bgr, degraded)
    bgr, degraded = (p[: h - h % 3, 1 : w - w % 3] for p in (bgr, degraded))
    ycrcb = cv2.cvtColor(np.ascontiguousarray(degraded), cv2.COLOR_BGR2YCrCb)
    luma = (ycrcb[None, ..., 0] / 255.0).astype(np.float32)
    luma = network.run(layers, luma, ("valid", "zero", "valid"), torch.float32)[0] * np.float32(255)
    inner = (slice(LOSS, -LOSS), slice(LOSS, -LOSS))
    bgr, degraded, ycrcb = (p[inner].copy() for p in (bgr, degraded, ycrcb))
    ycrcb[..., 0] = np.clip(luma, 0, 255).astype(np.uint8)
    return whole, keras_triple(bgr, degraded), keras_triple(bgr, cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2BGR))


def paper(layers, path, scale):
    truth, enlarged = paper_input(path, scale)
    restored = network.run(layers, enlarged[None], ("replicate",) * 3, torch.float64)[0]
    return paper_score(truth, enlarged, scale), paper_score(truth, restored, scale)


def main():
    out = out_folder(__doc__)
    if hasattr(cv2, "ipp"):
        cv2.ipp.setUseIPP(False)
    cv2.setNumThreads(1)
    named = safetensors.numpy.load_file(FIXTURES / "weights" / "trained-9-1-5.safetensors")
    layers = [(named[f"layer{n}.weight"], named[f"layer{n}.bias"]) for n in (1, 2, 3)]
    rows = []
    for name in PICTURES:
        path = FIXTURES / "pictures" / f"{name}.png"
        for scale in SCALES:
            row = {"picture": f"pictures/{name}.png", "scale": scale}
            row["paper_input"], row["paper_output"] = paper(layers, path, scale)
            row["keras_whole"], row["keras_input"], row["keras_output"] = keras(layers, read_png(path), scale)
            rows.append(row)
    head = {"opencv-python-headless": cv2.__version__, "torch": torch.__version__.split("+")[0]}
    write_json(out / "procedures.json", head, cases=rows)


if __name__ == "__main__":
    main()
