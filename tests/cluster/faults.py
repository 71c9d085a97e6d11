"""What goes wrong in clusters, done on purpose. A fault strikes, says for how long, and heals."""

import random
from collections.abc import Callable, Iterator

from tests.cluster.campaign import Campaign, Driver
from tests.cluster.postgres import FAST, IMMEDIATE, KILL
from tests.cluster.ray_nodes import RayNode


class NothingToHitError(Exception):
    """A fault found no target just now."""


Fault = Callable[[Campaign, random.Random], Iterator[float]]


def worker(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """SIGKILL of one or some actors."""
    nodes = [node for node in campaign.nodes if node.pids("ray::Actor")]
    if not (nodes and rng.choice(nodes).kill_actors(rng.randint(1, 3))):
        raise NothingToHitError
    yield 0.0


def node(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """SIGKILL of a Ray node: its raylet alone, or all there is of it."""
    found: RayNode = rng.choice(campaign.nodes)
    if not (found.kill_raylet() if rng.random() < 0.5 else found.kill_all()):
        raise NothingToHitError
    yield 0.0


def head(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """SIGKILL of Ray's head: another one takes its place, to which all others are strangers."""
    if campaign.nodes_up() == 0 or not campaign.head.kill_all():
        raise NothingToHitError
    yield 0.0


def driver(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """SIGKILL of a driver; `nas resume` follows."""
    _running(campaign, rng).process.kill()
    yield 0.0


def pause(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """SIGSTOP of a driver for longer than its lease."""
    process = _running(campaign, rng).process
    process.stop()
    yield campaign.lease_s + rng.uniform(1, 3)
    process.go_on()


def store(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """Restart of PostgreSQL: in order, at once, or after SIGKILL."""
    if not campaign.store.runs:
        raise NothingToHitError
    campaign.store.stop(rng.choice([FAST, IMMEDIATE, KILL]))
    yield rng.uniform(0, 2)
    campaign.store.start()


def cut(campaign: Campaign, rng: random.Random) -> Iterator[float]:
    """A worker's host off the network for longer than a lease."""
    host = rng.choice([host for host in campaign.worker_hosts if not host.is_cut] or [None])
    if host is None:
        raise NothingToHitError
    host.cut()
    yield campaign.lease_s + rng.uniform(1, 5)
    host.join()


FAULTS: dict[str, Fault] = {
    fault.__name__: fault for fault in (worker, node, head, driver, pause, store, cut)
}


def _running(campaign: Campaign, rng: random.Random) -> Driver:
    running = [driver for driver in campaign.drivers if driver.process.runs]
    if not running:
        raise NothingToHitError
    return rng.choice(running)
