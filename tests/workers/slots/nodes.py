"""A Ray cluster of several nodes on this machine, for tests: nodes are processes that come and go."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nas.records import Event

SETTINGS = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "300",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_kill_worker_timeout_milliseconds": "1000",
}
"""A node that is gone is missed after a second, by Ray's defaults after a minute; a slow one has its time.
A killed worker that does not end by itself, as a stopped one, is ended after a second too, not after five."""
SMALL: dict[str, Any] = {
    "include_dashboard": False,
    "include_log_monitor": False,
    "object_store_memory": 80_000_000,
}
"""No processes beside those that a node cannot do without: each takes half a second to start."""


class Nodes:
    """A head without CPUs, and nodes to which trials go."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self.address: str = cluster.address

    def add(self, cpus: int, **more: Any) -> Any:
        """A node joins."""
        return self._cluster.add_node(num_cpus=cpus, wait=False, **SMALL, **more)

    def kill(self, node: Any) -> None:
        """A node is gone, without a word."""
        self._cluster.remove_node(node, allow_graceful=False)

    def settle(self, cpus: int, limit_s: float = 60.0) -> None:
        """Wait until the head knows of so many CPUs: it notices the loss of a node some seconds late."""
        from workers.slots.nodes import nodes

        end = time.monotonic() + limit_s
        while sum(node["cpus"] for node in nodes(self.address) if node["alive"]) != cpus:
            assert time.monotonic() < end, f"not within {limit_s:g} s: {cpus} CPUs"
            time.sleep(0.2)

    @contextmanager
    def pretending(self, name: str, value: str) -> Iterator[None]:
        """The head says something else of itself to those who join."""
        from ray._raylet import GcsClient

        head = GcsClient(address=self.address)
        before = head.internal_kv_get(b"CLUSTER_METADATA", b"cluster")
        told = json.dumps({**json.loads(before), name: value}).encode()
        head.internal_kv_put(b"CLUSTER_METADATA", told, True, b"cluster")
        try:
            yield
        finally:
            head.internal_kv_put(b"CLUSTER_METADATA", before, True, b"cluster")

    def kill_head(self) -> None:
        """The head answers no more."""
        self._cluster.head_node.kill_gcs_server()


@contextmanager
def cluster_of(*cpus: int, monitor: bool = False, **more: Any) -> Iterator[Nodes]:
    """A cluster with nodes of so many CPUs; with its `monitor` the head tells what an autoscaler would do."""
    from workers.slots.connect import authenticate

    authenticate()
    mine = {"RAY_USAGE_STATS_ENABLED": "0", **SETTINGS}
    before = {name: os.environ.get(name) for name in mine}
    os.environ |= mine
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "no_monitor": not monitor, **SMALL}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = Nodes(cluster)
    try:
        for each in cpus:
            nodes.add(each, **more)
        yield nodes
    finally:
        with suppress(Exception):
            cluster.shutdown()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def until(slots: Any, condition: Callable[[], bool], what: str, limit_s: float = 60.0) -> list[Event]:
    """All events until something holds."""
    events: list[Event] = []
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        events += slots.events(0.1)
        slots.free()
    return events
