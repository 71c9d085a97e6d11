"""How commands that take long end: by Ctrl-C or SIGTERM too, and where asked with a log in JSON."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from nas.errors import StoppedError

if TYPE_CHECKING:
    from nas.cli.logs import JsonLog


@contextmanager
def logged(wanted: bool) -> Iterator["JsonLog | None"]:
    """The log of events, if it is wanted; Ctrl-C and SIGTERM end what no driver has begun to watch over."""
    if not wanted:
        with stoppable():
            yield None
        return
    from nas.cli.logs import json_log

    with json_log() as log, stoppable():
        yield log


@contextmanager
def noted(wanted: bool, say: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """Who hears what is being done: `say`, or where that is wanted the log of events, which tells the end."""
    if not wanted:
        yield say
        return
    with logged(wanted) as log:
        assert log is not None
        yield lambda text: log.write("info", "note", message=text)
        log.write("info", "ended", ending="finished", detail="")


@contextmanager
def stoppable() -> Iterator[None]:
    """What is interrupted ends with one line and an exit code of its own."""
    try:
        with interruptible():
            yield
    except KeyboardInterrupt:
        raise StoppedError("stopped before it had begun: type the same command again") from None


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM interrupts as Ctrl-C does. Only the main thread has handlers."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _interrupt) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
