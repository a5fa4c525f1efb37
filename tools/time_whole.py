#!/usr/bin/env python3
"""Times whole commands of srcnn beside other programs on the same picture, in turn, and prints medians and their ratio.

    tools/time_whole.py photo.jpg --srcnn target/release/srcnn [--old other/srcnn] [--runs 7] [--only formats]

photo.jpg should be large and a photograph. Compared are: enlarging JPEG to JPEG by srcnn-915 and srcnn-955 with a script of OpenCV and ONNX
Runtime (the same networks, converted by `srcnn model convert`) and with the network alone (`srcnn bench`); bicubic with
`vips resize`; reading and writing each format with Pillow; a folder of small pictures with the network alone; the smallest
picture; peak memory. Needs Pillow, OpenCV, numpy, onnxruntime, and vips. Times are wall times of whole processes, those of
Pillow are of its calls alone; with --cpu, processor time of one thread. What a program lacks is left out.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SCRIPT = """
import sys, cv2, numpy as np, onnxruntime as ort
picture = cv2.imread(sys.argv[1]); height, width = picture.shape[:2]
large = cv2.cvtColor(cv2.resize(picture, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC), cv2.COLOR_BGR2YCrCb)
y = (16 + 219 / 255 * large[None, None, :, :, 0].astype(np.float32)) / 255
session = ort.InferenceSession(sys.argv[3])
y = session.run(None, {session.get_inputs()[0].name: y})[0][0, 0]
y = np.clip((y * 255 - 16) * 255 / 219, 0, 255).round().astype(np.uint8)
edge = [(a - b) // 2 for a, b in zip(large.shape, y.shape)]
large[edge[0]:edge[0] + y.shape[0], edge[1]:edge[1] + y.shape[1], 0] = y
cv2.imwrite(sys.argv[2], cv2.cvtColor(large, cv2.COLOR_YCrCb2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444])
"""


def whole(command, env=None):
    """A function that runs a command; gives wall seconds, processor seconds and peak KiB."""

    def run():
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            sys.exit(f"{' '.join(command)}: {error.decode()}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    return run


def call(function):
    """A function that calls another; gives wall and processor seconds."""

    def run():
        start, processor = time.perf_counter(), time.process_time()
        function()
        return time.perf_counter() - start, time.process_time() - processor, 0

    return run


def in_turn(runs, *functions):
    """Medians of each function's results, run in turn."""
    results = [[] for _ in functions]
    for _ in range(runs):
        for function, list_ in zip(functions, results):
            list_.append(function())
    return [[statistics.median(column) for column in zip(*list_)] for list_ in results]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo")
    parser.add_argument("--srcnn", default="target/release/srcnn")
    parser.add_argument("--old", help="another build, to compare with")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", choices=["networks", "bicubic", "formats", "folder", "start"], action="append")
    args = parser.parse_args()
    folder = tempfile.mkdtemp()
    try:
        for name, part in PARTS.items():
            if not args.only or name in args.only:
                part(args, folder)
    finally:
        shutil.rmtree(folder)


def line(name, ours, other, what, unit="s", scale=1.0):
    print(f"{name:<44} {ours * scale:9.3f} {unit}  {what}: {other * scale:9.3f} {unit}, {other / ours:6.2f} times ours", flush=True)


def old(args, command):
    return [whole([args.old, *command])] if args.old else []


def alone(args, size, model, runs):
    command = [args.srcnn, "bench", "--model", model, "--size", size, "--reps", str(runs), "--format", "json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["milliseconds"]["median"] / 1e3


def networks(args, folder):
    from PIL import Image

    width, height = Image.open(args.photo).size
    script, out = os.path.join(folder, "script.py"), os.path.join(folder, "out.jpg")
    with open(script, "w") as file:
        file.write(SCRIPT)
    for model in ["srcnn-915", "srcnn-955"]:
        onnx = os.path.join(folder, model + ".onnx")
        subprocess.run([args.srcnn, "-q", "model", "convert", model + "-x2", onnx], check=True)
        command = ["-q", "upscale", args.photo, "-o", out, "-m", model, "-s", "2", "--force"]
        peer = [sys.executable, script, args.photo, out, onnx]
        ours, theirs, *before = in_turn(args.runs, whole([args.srcnn, *command]), whole(peer), *old(args, command))
        line(f"JPEG to JPEG x2, {model}", ours[0], theirs[0], "OpenCV and ONNX Runtime")
        print(f"{'':<44} peak {ours[2] / 1024:.0f} MiB, theirs {theirs[2] / 1024:.0f} MiB")
        network = alone(args, f"{2 * width}x{2 * height}", model + "-x2", args.runs)
        print(f"{'':<44} {ours[0] / network:.2f} times the network alone ({network:.3f} s)")
        for before in before:
            line("", ours[0], before[0], "before")


def bicubic(args, folder):
    out = os.path.join(folder, "out.jpg")
    command = ["-q", "upscale", args.photo, "-o", out, "-m", "bicubic", "-s", "2", "--force"]
    vips = ["vips", "resize", args.photo, out + "[Q=95]", "2", "--kernel", "cubic"]
    ours, theirs, *before = in_turn(args.runs, whole([args.srcnn, *command]), whole(vips), *old(args, command))
    line("JPEG to JPEG x2, bicubic", ours[0], theirs[0], "vips")
    for before in before:
        line("", ours[0], before[0], "before")


def formats(args, folder):
    """Processor time of one thread, ms a megapixel; ours less that of reading or writing PPM."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    picture = Image.open(args.photo).convert("RGB")
    ppm = os.path.join(folder, "photo.ppm")
    picture.save(ppm)
    scale = 1e3 / (picture.width * picture.height / 1e6)
    kinds = [
        ("PPM", "ppm", {}, []), ("BMP", "bmp", {}, []), ("PNG", "png", {}, []), ("TIFF, LZW", "tif", {"compression": "tiff_lzw"}, None),
        ("TIFF, deflate", "tif", {"compression": "tiff_adobe_deflate"}, []), ("JPEG, 95", "jpg", {"quality": 95, "subsampling": 0}, []),
        ("WebP, lossless", "webp", {"lossless": True}, []), ("WebP, 90", "webp", {"quality": 90}, ["--lossy", "--quality", "90"]),
        ("AVIF", "avif", {}, None), ("GIF", "gif", {}, []),
    ]

    def ours(source, target, options, binary):
        env = {**os.environ, "RAYON_NUM_THREADS": "1"}
        command = [binary, "-q", "upscale", source, "-o", target, "--min-size", "1x1", "--force", "--threads", "1", *options]
        return whole(command, env)

    for name, extension, save, options in kinds:
        source, target = os.path.join(folder, "in." + extension), os.path.join(folder, "out." + extension)
        try:
            # Palettes are what Pillow writes of colors as GIF.
            (picture.quantize(256) if extension == "gif" else picture).save(source, **save)
        except (OSError, ValueError, KeyError) as error:
            print(f"{name}: Pillow does not write it: {error}")
            continue
        binaries = [args.srcnn] + ([args.old] if args.old else [])
        reads = [ours(source, os.path.join(folder, "read.ppm"), [], binary) for binary in binaries]
        copies = [ours(ppm, os.path.join(folder, "copy.ppm"), [], binary) for binary in binaries]
        results = in_turn(args.runs, call(lambda: Image.open(source).convert("RGB").load()), *reads, *copies)
        pillow, reads, copies = results[0], results[1:1 + len(reads)], results[1 + len(reads):]
        # Half of a copy of PPM is its writing.
        read = [max(r[1] - c[1] / 2, 1e-6) for r, c in zip(reads, copies)]
        line(f"{name}: read, one thread", read[0], pillow[1], "Pillow", "ms/MP", scale)
        for before in read[1:]:
            line("", read[0], before, "before", "ms/MP", scale)
        if options is None:
            continue
        writes = [ours(ppm, target, options, binary) for binary in binaries]
        quiet = call(lambda: picture.save(os.path.join(folder, "pillow." + extension), **save))
        results = in_turn(args.runs, quiet, *writes)
        write = [max(r[1] - c[1] / 2, 1e-6) for r, c in zip(results[1:], copies)]
        line(f"{name}: written, one thread", write[0], results[0][1], "Pillow", "ms/MP", scale)
        for before in write[1:]:
            line("", write[0], before, "before", "ms/MP", scale)


def folder_of_small(args, folder):
    from PIL import Image

    small, out = os.path.join(folder, "small"), os.path.join(folder, "large")
    os.mkdir(small)
    picture = Image.open(args.photo).convert("RGB")
    for i in range(200):
        x, y = (i * 37) % (picture.width - 481), (i * 53) % (picture.height - 321)
        picture.crop((x, y, x + 481, y + 321)).save(os.path.join(small, f"{i:03}.jpg"), quality=92)
    command = [args.srcnn, "bench", "--whole", small, "--model", "srcnn-915", "--reps", str(max(args.runs // 2, 1)), "--format", "json"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(f"200 JPEGs of 481x321 to JPEG x2, srcnn-915: {result['milliseconds']['median'] / 1e3:.2f} s, "
          f"{result['ratio']:.2f} times the network alone")
    for model in ["srcnn-915", "bicubic"]:
        programs = [args.srcnn] + ([args.old] if args.old else [])
        commands = [whole([p, "-q", "upscale", small, "-o", out + str(i), "-m", model, "-s", "2", "--force"]) for i, p in enumerate(programs)]

        def fresh(command, i):
            def run():
                shutil.rmtree(out + str(i), ignore_errors=True)
                return command()
            return run

        ours, *before = in_turn(max(args.runs // 2, 1), *[fresh(c, i) for i, c in enumerate(commands)])
        print(f"200 JPEGs of 481x321 to JPEG x2, {model}: {ours[0]:.2f} s, peak {ours[2] / 1024:.0f} MiB")
        for before in before:
            line("", ours[0], before[0], "before")


def start(args, folder):
    from PIL import Image

    small, out = os.path.join(folder, "tiny.png"), os.path.join(folder, "tiny-large.png")
    Image.open(args.photo).convert("RGB").crop((0, 0, 64, 64)).save(small)
    command = ["-q", "upscale", small, "-o", out, "-s", "2", "--force"]
    ours, *before = in_turn(5 * args.runs, whole([args.srcnn, *command]), *old(args, command))
    print(f"{'PNG of 64x64, x2, process':<44} {ours[0] * 1e3:9.1f} ms, of the processor {ours[1] * 1e3:.1f} ms")
    for before in before:
        line("", ours[0], before[0], "before", "ms", 1e3)


PARTS = {"networks": networks, "bicubic": bicubic, "formats": formats, "folder": folder_of_small, "start": start}

if __name__ == "__main__":
    main()
