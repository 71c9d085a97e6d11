"""Questions that need what the service does not load: answered by processes that stay warm beside it.

    shares = ask(importance_of, rows, timeout_s=20)

The function is found by its name in a process of its own, where Optuna, torch, Ray or what a third party's
sampler imports may be loaded; what it returns, and a `NasError` that it raises, come back. Such a process
ends with the one that asks, however that ends, and has the settings (NAS_…, RAY_…) that this one has now.
"""

import atexit
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from nas.errors import Exit, NasError

P = ParamSpec("P")
T = TypeVar("T")

HELPERS = 2
"""At most so many at once: a long question does not hold up a short one."""
TIMEOUT_S = 30.0
SETTINGS = ("NAS_", "RAY_")
"""How the names of settings begin: a process that began with others is not asked."""


class NoAnswerError(NasError, RuntimeError):
    """A question that took too long, or whose process was ended from outside."""

    exit_code = Exit.FAILED


class Helper:
    """One process that answers one question after the other."""

    def __init__(self) -> None:
        self._settings = _settings()
        self._line, there = Pipe()
        with there:
            told = f"from nas.service.helper import answer; answer({there.fileno()})"
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", told],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[there.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,  # Ctrl-C in a terminal is for the service alone
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    @property
    def current(self) -> bool:
        """Whether the settings are still those it began with."""
        return self._settings == _settings()

    def ask(self, function: Callable[..., T], arguments: tuple[Any, ...], timeout_s: float) -> T:
        """What the function returns there; a process that does not answer in time is ended."""
        name = getattr(function, "__name__", str(function))
        try:
            self._line.send_bytes(pickle.dumps((function, arguments)))
            if not self._line.poll(timeout_s):
                self.close()
                raise NoAnswerError(f"{name}: no answer within {timeout_s:.3g} s; try again, or ask for less")
            returned, result = pickle.loads(self._line.recv_bytes())
        except (EOFError, OSError):
            self.close()
            code = self._process.returncode
            raise NoAnswerError(f"{name}: its process ended with code {code}; try again") from None
        except BaseException:
            self.close()  # else its answer would be taken for that of the next question
            raise
        if returned:
            return result  # type: ignore[no-any-return]
        raise result

    def close(self) -> None:
        """End it now."""
        self._line.close()
        self._process.kill()
        self._process.wait()


class Helpers:
    """As many helpers as are needed at once, at most `most`; those that have nothing to do stay."""

    def __init__(self, most: int = HELPERS) -> None:
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Helper] = []

    def ask(self, function: Callable[..., T], *arguments: Any, timeout_s: float = TIMEOUT_S) -> T:
        """What `function(*arguments)` returns in another process; waiting for one counts as well.

        Function, arguments and result must be picklable: the function is one of a module.

        Raises:
            NasError: what the function raised.
            NoAnswerError: no answer in time, or the process died.
            RuntimeError: any other error of the function, with its traceback.
        """
        until = time.monotonic() + timeout_s
        if not self._free.acquire(timeout=timeout_s):
            raise NoAnswerError(
                f"{function.__name__}: others' questions took all of {timeout_s:g} s; try again"
            )
        try:
            helper = self._taken()
            try:
                return helper.ask(function, arguments, max(0.0, until - time.monotonic()))
            finally:
                self._give_back(helper)
        finally:
            self._free.release()

    def close(self) -> None:
        """End all that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle, []
        for helper in idle:
            helper.close()

    def _taken(self) -> Helper:
        with self._lock:
            while self._idle:
                if (helper := self._idle.pop()).alive and helper.current:
                    return helper
                helper.close()
        return Helper()

    def _give_back(self, helper: Helper) -> None:
        if helper.alive:
            with self._lock:
                self._idle.append(helper)


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}


def answer(descriptor: int) -> None:
    """Answer what comes over the line until the one that asks is gone: all that a helper does."""
    with Connection(descriptor) as line, suppress(EOFError, OSError):
        while True:
            line.send_bytes(_answer(line.recv_bytes()))


def _answer(question: bytes) -> bytes:
    """`(True, result)` or `(False, error)`; errors that are not the user's come with their traceback."""
    try:
        function, arguments = pickle.loads(question)
        return pickle.dumps((True, function(*arguments)))
    except NasError as error:
        return pickle.dumps((False, error))
    except Exception:
        return pickle.dumps((False, RuntimeError(traceback.format_exc())))


_shared = Helpers()
ask = _shared.ask
"""The helpers of this process."""
atexit.register(_shared.close)
