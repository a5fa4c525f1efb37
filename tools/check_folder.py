#!/usr/bin/env python3
"""Runs each file of a folder through srcnn, with limits, and prints where the outcome differs from Pillow's.

    tools/check_folder.py FOLDER... [--srcnn target/release/srcnn] [--seconds 20] [--gigabytes 6] [--peak 2.2] [--tolerance 2] [--all]

Every file is decoded to a PNG of its size (`upscale --min-size 1x1`), whatever its name says, and compared with Pillow's picture of it,
turned upright, at 8 bits. What is printed, one line a file, in the order of weight:

    crash      it was ended by a signal, or its exit code is neither 0 nor 1
    limit      it took longer, or more memory at its peak, than is allowed
    differs    both read it: size, or samples beyond the tolerance (mean and largest difference)
    refused    only Pillow reads it; with srcnn's reason
    read       only srcnn reads it; with Pillow's reason (with --all)
    neither    with both reasons (with --all)

Exit code 1 if there is a crash or a limit. Needs Pillow and numpy; nothing is fetched.
"""

import argparse
import collections
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ORDER = ["crash", "limit", "differs", "refused", "read", "neither", "same"]


def by_srcnn(args, path, out):
    """Exit code (negative for a signal, None past the time), reason, seconds, peak bytes."""

    def limited():
        size = int(args.gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = [args.srcnn, "-q", "upscale", path, "-o", out, "--min-size", "1x1", "--format", "png", "--force", "--frames", "first"]
    start = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, preexec_fn=limited)
        code = None
        while (seconds := time.monotonic() - start) < args.seconds and code is None:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(min(0.02, 0.001 + seconds / 10))
        if code is None:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0 if code is None else code
        said.seek(0)
        reason = said.read().decode("utf-8", "replace").strip().splitlines()
    return code, reason[-1] if reason else "", seconds, usage.ru_maxrss * 1024


def by_pillow(path):
    """The first picture, upright, with 8 bits a sample; or the reason why there is none."""
    try:
        with Image.open(path) as image:
            image.load()
            return eight_bits(ImageOps.exif_transpose(image))
    except Exception as error:  # Whatever it is, it is what Pillow says of the file.
        return f"{type(error).__name__}: {error}"


def eight_bits(image):
    """Samples as RGBA, shape (rows, columns, 4)."""
    if image.mode.startswith("I"):
        samples = np.asarray(image, np.int64)
        # Pillow has grey of 16 bits only.
        grey = np.clip((samples + 128) // 257, 0, 255).astype(np.uint8)
        return np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    if image.mode == "F":
        grey = np.clip(np.rint(np.asarray(image, float) * 255), 0, 255).astype(np.uint8)
        return np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    return np.asarray(image.convert("RGBA"))


def difference(ours, theirs, tolerance):
    """What is different; none if nothing is."""
    if ours.shape != theirs.shape:
        return f"{ours.shape[1]}x{ours.shape[0]}, Pillow {theirs.shape[1]}x{theirs.shape[0]}"
    # Colors behind no alpha at all are nobody's.
    shown = (ours[..., 3:] > 0) | (theirs[..., 3:] > 0)
    error = np.abs(ours.astype(int) - theirs.astype(int)) * shown
    if error.max(initial=0) <= tolerance:
        return None
    return f"mean {error.mean():.2f}, largest {error.max()}, in {(error.max(axis=2) > tolerance).mean():.1%} of the pixels"


def outcome(args, path, out):
    code, reason, seconds, peak = by_srcnn(args, path, out)
    used = f"{seconds:.1f} s, {peak / 2**30:.2f} GiB"
    if code is None or peak > args.peak * 2**30:
        return "limit", f"{used} {reason}"
    if code not in (0, 1):
        return "crash", f"exit {code} {reason}"
    theirs = by_pillow(path)
    if code:
        return ("neither", f"{reason} | {theirs}") if isinstance(theirs, str) else ("refused", reason)
    if isinstance(theirs, str):
        return "read", theirs
    # Read by Pillow, since it is no part of what is checked.
    different = difference(by_pillow(out), theirs, args.tolerance)
    return ("differs", different) if different else ("same", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--srcnn", default="target/release/srcnn")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--gigabytes", type=float, default=6, help="address space")
    parser.add_argument("--peak", type=float, default=2.2, help="GiB of memory")
    parser.add_argument("--tolerance", type=int, default=2, help="levels of 255")
    parser.add_argument("--all", action="store_true", help="also what only srcnn reads, or neither")
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    # Pillow has no limit of its own then.
    resource.setrlimit(resource.RLIMIT_AS, (int(args.gigabytes * 2**30), resource.RLIM_INFINITY))
    files = [f for folder in args.folders for f in sorted(folder.rglob("*")) if f.is_file()]
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.png")
        for i, path in enumerate(files):
            kind, text = outcome(args, path, out)
            found[kind].append((path, text))
            out.unlink(missing_ok=True)
            if sys.stderr.isatty():
                print(f"\r{i + 1} of {len(files)}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for kind in ORDER[: -1 if args.all else -3]:
        for path, text in found[kind]:
            print(f"{kind:8} {path}: {text}")
    print(", ".join(f"{len(found[kind])} {kind}" for kind in ORDER if found[kind]))
    sys.exit(1 if found["crash"] or found["limit"] else 0)


if __name__ == "__main__":
    main()
