"""A dashboard in a process of its own, as the benchmarks look at it: time, bytes, memory, processor."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Measured:
    """How long requests took."""

    first_ms: float
    """What is kept for the next one is found out here."""
    ms: float
    """Median of the others."""
    own_ms: float
    """What each took of the service's processor: another's work beside it does not add to that."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Served:
    """A service that answers."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(urlsplit(self.url).port or 80)

    def get(self, path: str, *, packed: bool = False) -> tuple[int, float, int]:
        """Status, milliseconds until the last byte, bytes; `packed`: as browsers ask for it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        start = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"} if packed else {})
        answer = connection.getresponse()
        size = len(answer.read())
        ms = 1e3 * (time.perf_counter() - start)
        connection.close()
        return answer.status, ms, size

    def measure(self, path: str, times: int) -> "Measured":
        """So many requests after a first one."""
        first_ms = self.get(path)[1]
        before = self.cpu_s()
        found = [self.get(path) for _ in range(times)]
        own_ms = 1e3 * (self.cpu_s() - before) / times
        if bad := [status for status, _, _ in found if status != 200]:
            raise RuntimeError(f"GET {path} answers {bad[0]}")
        return Measured(first_ms, median(ms for _, ms, _ in found), own_ms, found[-1][2])

    def rss_mib(self) -> float:
        """Resident memory."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def cpu_s(self) -> float:
        """Seconds of processor so far, its children's not counted."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def serving(store: str) -> Iterator[Served]:
    """`nas serve` on a free port."""
    command = [sys.executable, "-m", "nas.cli", "serve", "--port", "0", "--store", store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline().split()
            yield Served(said[1], process.pid)
        finally:
            process.terminate()


@contextmanager
def serving_optuna(storage: str) -> Iterator[Served]:
    """`optuna-dashboard` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = Path(sys.executable).with_name("optuna-dashboard")
    command = [str(name), storage, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            served = Served(f"http://127.0.0.1:{port}", process.pid)
            _await(served)
            yield served
        finally:
            process.terminate()


def _await(served: Served) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            served.get("/api/studies")
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def listening(served: Served, path: str, count: int) -> Iterator[Sequence[socket.socket]]:
    """So many pages that listen to events."""
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAccept: text/event-stream\r\n\r\n"
    lines: list[socket.socket] = []
    try:
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", served.port))
            line.sendall(asked.encode())
            if not line.recv(1024).startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"GET {path}: listener {len(lines) + 1} is refused")
            line.setblocking(False)
            lines.append(line)
        yield lines
    finally:
        for line in lines:
            line.close()


def heard(lines: Sequence[socket.socket]) -> int:
    """Bytes that have come since the last look."""
    total = 0
    for line in lines:
        try:
            while data := line.recv(1 << 16):
                total += len(data)
        except BlockingIOError:
            pass
    return total
