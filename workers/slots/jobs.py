"""Drivers on a Ray cluster: each a process on the head's machine, watched over by a detached actor.

The actor has a name of its own, which Ray gives once, so a study has one driver whoever starts it; it
outlives the one that does, and is found again by its name. It takes no CPU of the cluster. Ray's own job
server would need `ray[default]`, Ray's dashboard and an open port without a password, none of which our image
or clusters have; this needs nothing but the cluster.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import ClusterError
from nas.search.presence import here
from workers.slots.connect import connect

NAMESPACE = "nas"
HEAD = "node:__internal_head__"
"""What only the head's node has, by Ray's name."""
GRAIN = 0.001
START_S, ANSWER_S = 30.0, 10.0
"""So long an actor may take to come up, and to answer."""
KEPT_S = 3600.0
"""So long the log of a driver that has ended is kept at hand."""
TAIL_BYTES = 200_000
SAME = "the same nas must be installed on all nodes"


@dataclass(frozen=True)
class JobView:
    """How a driver on a cluster is."""

    there: bool
    """Whether the cluster knows it; it forgets a driver an hour after its end."""
    alive: bool = False
    code: int | None = None
    """With which code it has ended."""
    pid: int = 0
    host: str = ""
    """Where this process id means something, see `nas.search.presence`."""
    log: str = ""
    """Its last lines."""


class Supervisor:
    """The detached actor: starts `nas WORDS`, keeps its log, and goes some time after it."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        descriptor, path = tempfile.mkstemp(prefix="nas-driver-", suffix=".log")
        self._log = Path(path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nas.cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the result, which is in the store
            stderr=descriptor,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
        )
        os.close(descriptor)
        threading.Thread(target=self._leave, daemon=True).start()

    def view(self, lines: int) -> JobView:
        """How the driver is, with the end of its log."""
        code = self._process.poll()
        log = self._tail(lines) if lines else ""
        return JobView(True, code is None, code, self._process.pid, here(), log)

    def stop(self) -> None:
        """Let its running trials end, as Ctrl-C does; a second time: now."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def _tail(self, lines: int) -> str:
        with self._log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
        return "\n".join(deque(text.splitlines(), maxlen=lines))

    def _leave(self) -> None:
        self._process.wait()
        time.sleep(KEPT_S)
        self._log.unlink(missing_ok=True)
        os._exit(0)  # Ray's own way out is for the actor's main thread


def submit(address: str, name: str, words: Sequence[str], environment: Mapping[str, str]) -> JobView:
    """Start the driver of this name, unless it is alive; how it is, then.

    Raises:
        ClusterError: the cluster cannot be joined, or the driver's actor does not come up there.
    """
    with _joined(address) as ray:
        if (there := _actor(ray, name)) is not None:
            if (now := _view(ray, there, 0)).alive:
                return now
            ray.kill(there)
            _await_gone(ray, name)
        kind = ray.remote(num_cpus=0, max_restarts=0, resources={HEAD: GRAIN})(Supervisor)
        actor = kind.options(name=name, namespace=NAMESPACE, lifetime="detached", get_if_exists=True).remote(
            list(words), dict(environment)
        )
        if not (now := _view(ray, actor, 0, START_S)).there:
            raise ClusterError(f"the cluster's head cannot start a driver: {now.log}; {SAME}")
        return now


def look(address: str, name: str, lines: int = 0) -> JobView:
    """How the driver of this name is; raises `ClusterError` if the cluster cannot be asked."""
    with _joined(address) as ray:
        actor = _actor(ray, name)
        return JobView(there=False) if actor is None else _view(ray, actor, lines)


def stop(address: str, name: str) -> None:
    """Ask the driver of this name to end, if it is there."""
    with _joined(address) as ray:
        if (actor := _actor(ray, name)) is not None:
            ray.get(actor.stop.remote(), timeout=ANSWER_S)


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    connection = connect(address)
    try:
        yield connection.ray
    finally:
        connection.close()


def _actor(ray: Any, name: str) -> Any | None:
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:  # how Ray says that there is none
        return None


def _view(ray: Any, actor: Any, lines: int, limit_s: float = ANSWER_S) -> JobView:
    try:
        found: JobView = ray.get(actor.view.remote(lines), timeout=limit_s)
    except ray.exceptions.GetTimeoutError:
        raise ClusterError(f"the cluster's head has not started a driver within {limit_s:g} s") from None
    except ray.exceptions.RayActorError as error:
        return JobView(there=False, log=_why(error))
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the cluster's head cannot tell of a driver: {_why(error)}") from None
    return found


def _why(error: BaseException) -> str:
    return " ".join(str(error).split())[-500:]


def _await_gone(ray: Any, name: str) -> None:
    """Until Ray gives the name again."""
    until = time.monotonic() + ANSWER_S
    while _actor(ray, name) is not None and time.monotonic() < until:
        time.sleep(0.05)
