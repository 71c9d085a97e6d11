"""A Ray cluster as `nas doctor` sees it: its nodes, and what a small task finds on each of them."""

import platform
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from nas.versions import fingerprint, ours
from workers.slots.connect import connect
from workers.slots.probe import Probe, write_probe

LIMIT_S = 60.0
"""A node that has not answered by then does not: a task's process starts within a few seconds."""


@dataclass(frozen=True)
class Seen:
    """What a task found on its node."""

    host: str
    python: str
    program: str
    """This program there, by `program()`."""
    artifacts: str | None
    """Why it does not read what the examiner wrote; empty if it does, None where that was not asked."""
    shm_gb: float
    disk_gb: float
    """Free room where Ray keeps its session."""


@dataclass(frozen=True)
class Node:
    """One node of the cluster."""

    name: str
    cpus: float
    gpus: float
    seen: Seen | None
    fault: str = ""
    """Why nothing was seen."""


@dataclass(frozen=True)
class Cluster:
    """What was found."""

    ray: str
    nodes: list[Node]
    lost: int
    """Nodes that have left, or were lost, since the head began."""


def program() -> str:
    """This program's version and what its sources add up to."""
    return f"{ours()} ({fingerprint()})"


def look(probe: Probe | None) -> Seen:
    """What is there; run on each node, which has to import this program for it."""
    return Seen(
        host=socket.gethostname(),
        python=platform.python_version(),
        program=program(),
        artifacts=probe.unseen() if probe else None,
        shm_gb=_free_gb("/dev/shm"),
        disk_gb=_free_gb("/tmp"),
    )


def _free_gb(path: str) -> float:
    with suppress(OSError):
        return shutil.disk_usage(path).free / 1e9
    return 0.0


def examine_cluster(address: str, artifacts: str | None) -> Cluster:
    """Run a task on every node; raises `ClusterError` if there is no cluster that this program can join."""
    connection = connect(address)
    probe = write_probe(artifacts) if artifacts else None
    try:
        ray = connection.ray
        known = ray.nodes()
        alive = [node for node in known if node["Alive"]]
        return Cluster(ray.__version__, _ask(ray, alive, probe), len(known) - len(alive))
    finally:
        if probe is not None:
            probe.remove()
        connection.close()


def _ask(ray: Any, nodes: list[dict[str, Any]], probe: Probe | None) -> list[Node]:
    """All nodes at once."""
    pinned = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    task = ray.remote(num_cpus=0, max_retries=0)(look)
    asked = [
        task.options(scheduling_strategy=pinned(node["NodeID"], soft=False)).remote(probe) for node in nodes
    ]
    done, _ = ray.wait(asked, num_returns=len(asked), timeout=LIMIT_S)
    return [
        _node(ray, node, answer if answer in done else None)
        for node, answer in zip(nodes, asked, strict=True)
    ]


def _node(ray: Any, node: dict[str, Any], answer: Any) -> Node:
    has = node["Resources"]
    name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
    plain = Node(name, has.get("CPU", 0.0), has.get("GPU", 0.0), None)
    if answer is None:
        return replace(plain, fault=f"a task has not answered within {LIMIT_S:.0f} s")
    try:
        return replace(plain, seen=ray.get(answer))
    except Exception as error:  # of Ray, or of an import there
        lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        return replace(plain, fault=f"a task cannot run there: {lines[-1].strip()[:300]}")
