"""What a pool of actors needs around Ray: a connection and its end, a token, sizes, words for deaths."""

import os
import secrets
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import ClusterError
from nas.records import Cause

KNOCK_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Connection:
    """Ray, connected; `close` ends what was begun here."""

    ray: Any
    mine: bool = False
    """Whether it was connected here."""
    session: str | None = None
    """The folder of a local cluster that was started here: its logs and sockets."""

    def close(self) -> None:
        """Disconnect; a cluster that was started here ends, and its folder goes."""
        if self.mine:
            self.ray.shutdown()
        if self.session is not None:
            shutil.rmtree(self.session, ignore_errors=True)
            latest = Path(self.session).with_name("session_latest")
            with suppress(OSError):
                if latest.readlink() == Path(self.session):
                    latest.unlink()


@contextmanager
def own_sigterm() -> Iterator[None]:
    """Keep this process's handler of SIGTERM, which Ray replaces by one that ends the process.

    Where there is none, Ray's stays: it ends Ray's processes too. Only the main thread has handlers.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if callable(before) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def authenticate() -> None:
    """Give a local Ray a token of this process's own, unless the user has said what to do.

    Left unset, Ray writes one into the home directory, which a later `ray start` then demands of
    workers that do not have it.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return
    if "ray" in sys.modules:  # it has read its settings already: its servers would ask for what it lacks
        os.environ["RAY_AUTH_MODE"] = "disabled"
    else:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def knock(address: str | None) -> None:
    """Raise `OSError` if nobody listens at HOST:PORT: Ray itself would go on trying for minutes."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_TIMEOUT_S).close()


def capacity(
    resources: dict[str, float], total: int | None, cpus_per_slot: float | None, gpus_per_slot: float
) -> tuple[int, float]:
    """Number of slots and CPUs of each; raises `ClusterError` if the cluster has too little."""
    cpus, gpus = resources.get("CPU", 0.0), resources.get("GPU", 0.0)
    if cpus_per_slot is None:
        # Ray counts in ten-thousandths of a CPU.
        cpus_per_slot = 1.0 if total is None else max(0.0001, min(1.0, int(1e4 * cpus / total) / 1e4))
    by_cpu = int(cpus / cpus_per_slot + 1e-6)
    most = min(by_cpu, int(gpus / gpus_per_slot + 1e-6)) if gpus_per_slot else by_cpu
    if most < (total or 1):
        wanted = f"{total or 1} slots of {cpus_per_slot:g} CPUs and {gpus_per_slot:g} GPUs"
        raise ClusterError(f"{wanted} do not fit {cpus:g} CPUs and {gpus:g} GPUs: at most {most} slots do")
    return total or most, cpus_per_slot


def death_cause(error: BaseException) -> Cause:
    """Why an actor is gone: killed by Ray's memory monitor, or simply lost."""
    return Cause.OUT_OF_MEMORY if "running low on memory" in str(error) else Cause.PREEMPTED


def death_message(worker: str, error: BaseException) -> str:
    """One line about a lost actor."""
    detail = " ".join(str(error).split("Worker exit detail:")[-1].split())[:300]
    return f"worker {worker} died: {type(error).__name__}: {detail}"
