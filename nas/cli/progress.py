"""How far a command is, on a terminal's standard error; nothing in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_S = 0.2


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Give what is told (done, total); the line is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    shown = time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > EVERY_S:
            shown = time.monotonic()
            print(f"\r{doing} {done:,} of {total:,}\x1b[K", end="", file=sys.stderr, flush=True)

    try:
        yield tick
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
