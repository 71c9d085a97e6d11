"""The Ray cluster: whether it lets us in, and what a task finds on each node."""

import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nas.errors import NasError
from nas.service.doctor.check import Check, refused

if TYPE_CHECKING:
    from workers.slots.examine import Cluster, Node

LOW_GB = 2.0
LOW_SHM_GB = 0.05


def cluster_checks(address: str, artifacts: str | None) -> Iterator[Check]:
    """The token first: without it Ray says little of why it refuses."""
    yield _token()
    from workers.slots.examine import examine_cluster, program

    try:
        found = examine_cluster(address, artifacts)
    except NasError as error:
        fault = refused("Ray cluster", error)
        yield replace(fault, advice=fault.advice or f"on its head: ray status --address {address}")
        return
    yield _whole(address, found)
    for node in found.nodes:
        yield _node(node, program())


def _token() -> Check:
    mode = os.environ.get("RAY_AUTH_MODE")
    if mode is None:
        advice = "export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=… alike for every process of the cluster"
        return Check("Ray token", False, "RAY_AUTH_MODE is not set", advice)
    if mode != "token":
        return Check("Ray token", True, f"RAY_AUTH_MODE={mode}")
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")
    if os.environ.get("RAY_AUTH_TOKEN"):
        return Check("Ray token", True, "from RAY_AUTH_TOKEN")
    if path.is_file():
        return Check("Ray token", True, f"from {path}")
    return Check("Ray token", False, "there is none", "export RAY_AUTH_TOKEN=… as the cluster's head has it")


def _whole(address: str, found: "Cluster") -> Check:
    cpus, gpus = sum(node.cpus for node in found.nodes), sum(node.gpus for node in found.nodes)
    nodes = f"{len(found.nodes)} node{'' if len(found.nodes) == 1 else 's'}"
    lost = f", {found.lost} gone" if found.lost else ""
    said = f"{address}, Ray {found.ray}, {nodes}{lost}, {cpus:g} CPUs, {gpus:g} GPUs"
    advice = "" if cpus else f"none of them trains: on a worker's host type ray start --address={address}"
    return Check("Ray cluster", bool(cpus), said, advice)


def _node(node: "Node", here: str) -> Check:
    what, seen = f"node {node.name}", node.seen
    if seen is None:
        advice = "install the same nas there: pip install nas-design-spaces, or the same image"
        return Check(what, False, node.fault, advice)
    reads = ", does not see the artifacts" if seen.artifacts else ", reads the artifacts"
    if seen.artifacts is None:
        reads = ""
    room = f"{seen.disk_gb:.1f} GB disk and {seen.shm_gb:.2f} GB shared memory free"
    said = f"{node.cpus:g} CPUs, {node.gpus:g} GPUs, nas {seen.program}, Python {seen.python}{reads}, {room}"
    return Check(what, not (advice := _amiss(node, here)), said, advice)


def _amiss(node: "Node", here: str) -> str:
    """What is wrong with a node that answers, and what to type; empty if nothing is."""
    seen = node.seen
    assert seen is not None
    if seen.program != here:
        return f"here is nas {here}: install the same there, or use one image for all"
    if seen.python.split(".")[:2] != platform.python_version().split(".")[:2]:
        return f"here is Python {platform.python_version()}: use one image for all"
    if seen.artifacts and node.cpus:
        return "share the artifacts: mount the folder there too, or use a bucket: NAS_ARTIFACTS=s3://…"
    if seen.disk_gb < LOW_GB:
        return "free some space in its /tmp, or start Ray there with --temp-dir on another disk"
    if seen.shm_gb < LOW_SHM_GB:
        return "give it shared memory: shm_size in docker-compose.yml, or docker run --shm-size=1g"
    return ""
