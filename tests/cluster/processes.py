"""Programs on hosts: started, watched, stopped, killed; and the one way to wait for anything."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

WAIT_S = 60.0


def until(test: Callable[[], object], what: str, limit_s: float = WAIT_S, pause_s: float = 0.05) -> None:
    """Wait until something is so."""
    end = time.monotonic() + limit_s
    while not test():
        assert time.monotonic() < end, f"waited {limit_s:g} s in vain for {what}"
        time.sleep(pause_s)


class Process:
    """A program on a host, its output in a file; `pid` as this machine sees it."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str], log: Path, host: str) -> None:
        self.log, self.host, self.words = log, host, list(words)
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                words, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def pid(self) -> int:
        """Of the program itself, the child of what enters the host."""
        until(lambda: self._children() or self.popen.poll() is not None, "a program to start")
        children = self._children()
        assert children, f"{self.words} has ended: {self.out()}"
        return children[0]

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.popen.poll()

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.code is None

    def out(self) -> str:
        """What it has printed so far, stdout and stderr together."""
        return self.log.read_text(errors="replace")

    def send(self, number: int) -> None:
        """Signal it (SIGKILL, SIGSTOP, SIGCONT, SIGTERM, …); one that has ended hears nothing."""
        if self.code is None:
            with suppress(ProcessLookupError, AssertionError):
                os.kill(self.pid, number)

    def stop(self) -> None:
        """SIGSTOP: it does not know that time passes."""
        self.send(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT; what enters the host has stopped with its child."""
        self.send(signal.SIGCONT)
        self.popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self.popen.send_signal(signal.SIGCONT)
        self.popen.wait(timeout=WAIT_S)

    def wait(self, limit_s: float = WAIT_S) -> int:
        """Its exit code, once it has ended."""
        try:
            return self.popen.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.words} still runs after {limit_s:g} s:\n{self.out()}") from None

    def wait_for(self, test: Callable[[], object], what: str, limit_s: float = WAIT_S) -> None:
        """Until something is so; fails at once if it has ended, since it will not be so then."""

        def so() -> bool:
            assert self.code is None or test(), f"no {what}, it has ended ({self.code}):\n{self.out()}"
            return bool(test())

        until(so, what, limit_s)

    def _children(self) -> list[int]:
        with suppress(OSError):
            return [int(pid) for pid in children_file(self.popen.pid).read_text().split()]
        return []


def children_file(pid: int) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")
