#!/usr/bin/env python3
"""Holds the program to bounds of memory and time on files that ask for too much.

The modules of tools/bombs make the files. Each goes through `srcnn upscale` alone, with default limits; then all go through it
together, among good pictures, by one job and by two. It fails where a file takes more than the bounds, ends otherwise than by
exit code 0 or 1, leaves something behind, is not read or refused as it must be, or keeps a good picture from being done.

    tools/check_bombs.py [--srcnn target/release/srcnn] [--only WORD] [--keep FOLDER]
"""

import argparse
import importlib
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import bombs  # noqa: E402
from bombs import png  # noqa: E402
from bombs.bomb import READ, REFUSED, Bomb  # noqa: E402

# Bounds for each file: peak memory in bytes, and seconds.
MEMORY = int(2.2 * (1 << 30))
SECONDS = 20
# Address space that the program gets, in bytes: what it may reserve is more than what it may use.
ADDRESS_SPACE = 6_000_000 << 10
# Good pictures among the bombs of a batch.
GOOD = 8


class Ended(NamedTuple):
    """How a run ended."""

    # By the convention of `subprocess`: negative for a signal.
    code: int
    seconds: float
    peak: int
    said: str


def run(command: list[str], seconds: float) -> Ended:
    """Runs a command within the address space; ends it after some seconds."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with tempfile.TemporaryFile() as said:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=limited)
        timer = threading.Timer(seconds, lambda: os.kill(process.pid, signal.SIGKILL))
        timer.start()
        # Not `process.wait`, which does not tell what was used.
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = time.monotonic() - begin
        said.seek(0)
        text = said.read().decode(errors="replace").strip()
    return Ended(process.returncode, taken, usage.ru_maxrss << 10, text)


def all_bombs() -> list[Bomb]:
    """The bombs of all modules, whose names are all different."""
    modules = [importlib.import_module(f"bombs.{module.name}") for module in pkgutil.iter_modules(bombs.__path__)]
    found = [bomb for module in modules for bomb in getattr(module, "BOMBS", [])]
    names = [bomb.name for bomb in found]
    assert len(set(names)) == len(names), f"names that stand for two files: {sorted(names)}"
    return found


def faults(bomb: Bomb, ended: Ended, left: list[str]) -> list[str]:
    """What is wrong with how a file ended."""
    found = []
    if ended.code not in (0, 1):
        found.append(f"exit code {ended.code}")
    if ended.seconds > SECONDS:
        found.append(f"over {SECONDS} s")
    if ended.peak > MEMORY:
        found.append(f"over {MEMORY >> 20} MiB")
    if ended.code == 0 and bomb.outcome == REFUSED:
        found.append("must be refused")
    if ended.code == 1 and bomb.outcome == READ:
        found.append("must be read")
    if bomb.word not in ended.said:
        found.append(f"does not say {bomb.word!r}")
    if len(left) != (1 if ended.code == 0 else 0):
        found.append(f"leaves {left}")
    return found


def check_each(srcnn: str, files: dict[str, Bomb], folder: Path, outputs: Path) -> list[str]:
    """Each file alone. Gives what is wrong."""
    wrong = []
    print(f"{'file':<34} {'bytes':>10} {'code':>4} {'seconds':>8} {'MiB':>6}  said")
    for name, bomb in files.items():
        source, out = folder / name, outputs / f"{name}-out"
        out.mkdir()
        ended = run([srcnn, "upscale", str(source), "-o", str(out / "out.png")], 2 * SECONDS)
        found = faults(bomb, ended, sorted(path.name for path in out.iterdir()))
        said = ended.said.replace(f"{folder}/", "").replace("\n", " | ")
        print(
            f"{name:<34} {source.stat().st_size:>10} {ended.code:>4} {ended.seconds:>8.2f} {ended.peak >> 20:>6}  {said[:160]}",
            flush=True,
        )
        for fault in found:
            print(f"    {fault}")
        wrong += [f"{name}: {fault}" for fault in found]
    return wrong


def check_batch(srcnn: str, files: dict[str, Bomb], folder: Path, outputs: Path, jobs: int) -> list[str]:
    """All files together, among good pictures. Gives what is wrong."""
    good = [f"good-{i}.png" for i in range(GOOD)]
    out = outputs / f"jobs-{jobs}"
    command = [srcnn, "upscale", str(folder), "-o", str(out), "--jobs", str(jobs)]
    ended = run(command, SECONDS * (len(files) + 1))
    print(f"a batch of {len(files)} among {GOOD} good ones, --jobs {jobs}: ", end="")
    print(f"code {ended.code}, {ended.seconds:.1f} s, {ended.peak >> 20} MiB", flush=True)
    there = [path.name for path in out.iterdir()] if out.is_dir() else []
    found = []
    if ended.code not in (0, 1):
        found.append(f"exit code {ended.code}")
    if ended.peak > MEMORY:
        found.append(f"over {MEMORY >> 20} MiB")
    missing = [name for name in good if not any(path.startswith(Path(name).stem) for path in there)]
    if missing:
        found.append(f"does not do {missing}")
    # A journal stays, by which the next run knows what is done.
    parts = [name for name in there if ".part" in name]
    if parts:
        found.append(f"leaves {parts}")
    for fault in found:
        print(f"    {fault}")
    if found:
        print("\n".join(ended.said.splitlines()[-12:]))
    return [f"batch of {jobs} jobs: {fault}" for fault in found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--srcnn", default="target/release/srcnn", help="the program")
    parser.add_argument("--only", default="", metavar="WORD", help="only files whose names have this in them")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make the files there, and leave them")
    options = parser.parse_args()
    chosen = [bomb for bomb in all_bombs() if options.only in bomb.name]
    with tempfile.TemporaryDirectory(prefix="srcnn-bombs-") as temporary:
        folder, outputs = options.keep or Path(temporary, "in"), Path(temporary, "out")
        folder.mkdir(parents=True, exist_ok=True)
        outputs.mkdir()
        for bomb in chosen:
            (folder / bomb.name).write_bytes(bomb.make())
        files = {bomb.name: bomb for bomb in chosen}
        wrong = check_each(options.srcnn, files, folder, outputs)
        # Some before all bombs, some behind, by their names.
        for i in range(GOOD):
            (folder / f"good-{i}.png").write_bytes(png.picture(24 + i, 16))
        for jobs in (1, 2):
            wrong += check_batch(options.srcnn, files, folder, outputs, jobs)
    print("\n".join(["", *wrong]) if wrong else f"all {len(chosen)} within {MEMORY >> 20} MiB and {SECONDS} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
