"""The nodes of a Ray cluster, asked by a process of its own and kept for a while: no page waits for it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KEPT_S = 10.0
"""For so long an answer is good."""
LIMIT_S = 30.0
"""A process that has not answered by then does not."""
FIRST = "the cluster is being asked; look again in a few seconds"


@dataclass(frozen=True)
class NodeLine:
    """One node of the cluster."""

    address: str
    alive: bool
    cpus: float
    gpus: float
    gpus_used: float
    memory_bytes: int


@dataclass(frozen=True)
class Nodes:
    """What is known of them; `why_not` says why nothing is."""

    nodes: list[NodeLine]
    why_not: str


class RayNodes:
    """Answers at once with the latest that is known, and asks again where that is old."""

    def __init__(self, ask: "Callable[[str], Nodes] | None" = None) -> None:
        self._ask, self._lock = ask or ask_ray, threading.Lock()
        self._known: dict[str, tuple[float, Nodes]] = {}
        self._asking: set[str] = set()

    def of(self, address: str) -> Nodes:
        """The nodes of the cluster with that head."""
        with self._lock:
            at, found = self._known.get(address, (-KEPT_S, Nodes([], FIRST)))
            if time.monotonic() - at >= KEPT_S and address not in self._asking:
                self._asking.add(address)
                threading.Thread(target=self._renew, args=(address,), daemon=True).start()
            return found

    def _renew(self, address: str) -> None:
        try:
            found = self._ask(address)
        except Exception as error:  # whatever it is, the page says so and the next one asks again
            found = Nodes([], f"cannot ask the cluster: {error}")
        with self._lock:
            self._known[address] = (time.monotonic(), found)
            self._asking.discard(address)


def ask_ray(address: str) -> Nodes:
    """Ask the head in a process of its own, which ends with the answer."""
    command = [sys.executable, "-m", "workers.slots.nodes", address]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return Nodes([], f"the Ray head at {address} does not answer within {LIMIT_S:.0f} s")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return Nodes([], f"cannot ask the cluster: {said}")
    told: dict[str, Any] = json.loads(lines[-1])
    return Nodes([NodeLine(**node) for node in told.get("nodes", [])], told.get("fault", ""))


RAY_NODES = RayNodes()
"""Of this process."""
