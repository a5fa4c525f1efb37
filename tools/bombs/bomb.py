"""A file that asks for too much."""

from collections.abc import Callable
from typing import NamedTuple

# How the program may end with a file.
REFUSED, READ, EITHER = "refused", "read", "either"


class Bomb(NamedTuple):
    """How a file is made, and how it must end."""

    # With the extension.
    name: str
    make: Callable[[], bytes]
    outcome: str
    # Must stand in what the program says; nothing in particular if empty.
    word: str = ""
