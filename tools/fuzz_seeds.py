#!/usr/bin/env python3
"""Small files to begin fuzzing with, of the baselines that are built in: tools/fuzz_seeds.py FOLDER

Each is cut to its first four atoms: whole files are too large for a fuzzer.
"""

import json
import struct
import sys
from pathlib import Path

ATOMS = 4
MODELS = Path(__file__).parents[1] / "crates/srcnn-eval/models"


def cut(data):
    """A safetensors file with fewer atoms, the first axis of all tensors but the projection."""
    (length,) = struct.unpack("<Q", data[:8])
    header, values = json.loads(data[8 : 8 + length]), data[8 + length :]
    kept, body = {"__metadata__": header.pop("__metadata__")}, b""
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        atoms = tensor["shape"][0]
        rows = atoms if name == "projection" else ATOMS
        part = values[begin : begin + (end - begin) // atoms * rows]
        kept[name] = tensor | {"shape": [rows, *tensor["shape"][1:]], "data_offsets": [len(body), len(body) + len(part)]}
        body += part
    text = json.dumps(kept).encode()
    return struct.pack("<Q", len(text)) + text + body


for model in MODELS.glob("*-x2.safetensors"):
    Path(sys.argv[1], model.name).write_bytes(cut(model.read_bytes()))
