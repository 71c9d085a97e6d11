"""Drivers as processes of this machine: detached, so that they outlive who starts them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from nas.search.presence import alive, birth, here

TAIL_BYTES = 200_000
"""Of a log, as much is read."""
TEND_S = 30.0


def launch(
    words: Sequence[str], environment: Mapping[str, str], log: int, tend: Callable[[], None]
) -> tuple[int, str]:
    """Start `nas WORDS` in a session of its own, its log to the descriptor; its id and its birth.

    It neither hears Ctrl-C in our terminal nor ends with us. `tend` is called now and then while both live.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "nas.cli", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the result, which is in the store
        stderr=log,
        start_new_session=True,
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    # Somebody has to wait for it, or it stays there as a zombie, which looks alive, for as long as we are.
    threading.Thread(
        target=_attended, args=(process, tend), name=f"driver {process.pid}", daemon=True
    ).start()
    return process.pid, birth(process.pid)


def _attended(process: "subprocess.Popen[bytes]", tend: Callable[[], None]) -> None:
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(TEND_S)
            return
        tend()


def lives(pid: int, born: str, host: str) -> bool:
    """Whether the process that was started is there still; one of another machine or boot never is."""
    if host != here():
        return False
    return birth(pid) == born if born else alive(pid)


def interrupt(pid: int) -> None:
    """As Ctrl-C does; one that is gone meanwhile hears nothing."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def tail(path: Path, lines: int, since: int = 0) -> str:
    """The last lines of a file, of what stands there from byte `since` on; of all if it was made shorter."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since if since <= end else 0, end - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
