"""Animations of many frames, of large ones, or of large canvases."""

import struct
import zlib

from bombs import gif, png, webp
from bombs.bomb import EITHER, READ, REFUSED, Bomb

WORK = "--any-work"


def gif_frames(width: int, height: int, count: int, part: tuple[int, int], disposal: int = 1) -> bytes:
    """Parts of one color each, at places that change."""
    (w, h), frames = part, []
    for i in range(count):
        place = (i * 7 % (width - w + 1), i * 5 % (height - h + 1))
        frames.append(gif.control(disposal) + gif.image(*place, w, h, i % 2))
    return gif.screen(width, height) + b"".join(frames) + gif.END


def gif_outside() -> bytes:
    """Large frames beside a small screen."""
    frame = gif.control() + gif.image(9, 9, 12000, 12000)
    return gif.screen(8, 8) + frame * 12 + gif.END


def apng(width: int, height: int, count: int, part: tuple[int, int], disposal: int = 0) -> bytes:
    """A canvas, and parts of it that are flat."""
    flat = lambda w, h, grey: zlib.compress((b"\0" + bytes([grey]) * w) * h, 9)
    number, chunks = 1, []
    for i in range(1, count):
        (w, h), last = part, [(b"", 0)]
        place = (i * 7 % (width - w + 1), i * 5 % (height - h + 1))
        control = struct.pack(">IIIIIHHBB", number, w, h, *place, 1, 20, disposal, 0)
        chunks += [(b"fcTL", control), (b"fdAT", struct.pack(">I", number + 1) + flat(w, h, i % 256))]
        number += 2
    return png.file(
        png.header(width, height, color=png.GREY),
        (b"acTL", struct.pack(">II", count, 0)),
        (b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 20, 0, 0)),
        (b"IDAT", flat(width, height, 90)),
        *chunks,
        png.END,
    )


def webp_frames(width: int, height: int, count: int, part: tuple[int, int], clear: bool = False) -> bytes:
    frames = []
    for i in range(count):
        (w, h) = part
        place = (i * 6 % (width - w + 1) & ~1, i * 4 % (height - h + 1) & ~1)
        frames.append(webp.frame(*place, w, h, webp.flat(w, h, i % 256), clear=clear))
    return webp.file(webp.extended(width, height), webp.animation(), *frames)


BOMBS = [
    # Small frames that change something: some of 0.9 MB on a small screen, on a large one, one pixel each.
    Bomb("gif-small-frames.gif", lambda: gif_frames(640, 480, 30_000, (2, 2)), EITHER),
    Bomb("gif-small-frames-restored.gif", lambda: gif_frames(640, 480, 30_000, (2, 2), 3), EITHER),
    Bomb("gif-small-frames-large.gif", lambda: gif_frames(4000, 3000, 30_000, (2, 2)), REFUSED, WORK),
    Bomb("gif-pixels.gif", lambda: gif_frames(2, 2, 40_000, (1, 1)), EITHER),
    Bomb("gif-tall-frames.gif", lambda: gif_frames(300, 600, 20_000, (1, 600)), REFUSED, WORK),
    Bomb("gif-whole-frames.gif", lambda: gif_frames(1000, 1000, 200, (1000, 1000)), REFUSED, WORK),
    Bomb("gif-frames-outside.gif", gif_outside, EITHER),
    Bomb("gif-canvas-frames.gif", lambda: gif_frames(16_000, 16_000, 2, (1, 1)), REFUSED),
    Bomb("gif-two-frames.gif", lambda: gif_frames(1200, 1200, 2, (1, 1)), READ),
    Bomb("apng-frames.png", lambda: apng(2000, 1500, 1100, (16, 16)), REFUSED, WORK),
    Bomb("apng-whole-frames.png", lambda: apng(1500, 1000, 80, (1500, 1000)), REFUSED, WORK),
    Bomb("apng-restored.png", lambda: apng(500, 400, 1100, (16, 300), 2), REFUSED, WORK),
    Bomb("apng-pixels.png", lambda: apng(16, 16, 1300, (1, 1)), READ),
    Bomb("webp-header.webp", lambda: webp_frames(16_384, 16_384, 2, (16, 16)), REFUSED, "--max-memory"),
    Bomb("webp-canvas.webp", lambda: webp.file(webp.extended(1 << 24, 64), webp.animation()), REFUSED),
    Bomb("webp-header-frames.webp", lambda: webp_frames(9000, 9000, 2, (9000, 9000)), REFUSED),
    Bomb("webp-frames.webp", lambda: webp_frames(3000, 2000, 5000, (3000, 2000)), REFUSED, WORK),
    Bomb("webp-small-frames.webp", lambda: webp_frames(1200, 900, 20_000, (2, 2), True), REFUSED, WORK),
]
