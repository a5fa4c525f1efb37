"""What the fixture scripts share: the output folder, PNG and JSON writing, checksums."""

import argparse
import json
import os
import pathlib
import zlib

import numpy as np
from PIL import Image

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "crates" / "srcnn-fixtures"


def out_folder(description, default=FIXTURES):
    """the folder named by --out, the fixtures folder of the tests unless told"""
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=default, help="folder to write the fixtures into")
    return parser.parse_args().out


def reference_data():
    """the folder with the benchmark pictures and weights, which are no part of the project; None without it"""
    folder = os.environ.get("SRCNN_REFERENCE_DATA")
    if not folder:
        print("SRCNN_REFERENCE_DATA is unset: the checks against reference data are left out")
        return None
    return pathlib.Path(folder)


def write_png(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(pixels)).save(path, optimize=True)


def read_png(path):
    """(h, w) or (h, w, channels), uint8"""
    with Image.open(path) as image:
        assert image.mode in ("L", "LA", "RGB", "RGBA"), image.mode
        return np.asarray(image)


def crc32(pixels):
    assert pixels.dtype == np.uint8
    return zlib.crc32(np.ascontiguousarray(pixels).tobytes())


def write_safetensors(path, named, metadata=None):
    from safetensors.numpy import save

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(named, metadata))


def write_json(path, head, **lists):
    """an object whose lists hold one line per entry, so that a change shows as a line"""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, rows in lists.items():
        lines = ",\n".join("  " + json.dumps(row) for row in rows)
        parts.append(f" {json.dumps(key)}: [\n{lines}\n ]")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
