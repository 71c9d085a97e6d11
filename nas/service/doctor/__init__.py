"""Is everything in place? Every check says what it found and, if bad, what to type."""

from nas.service.doctor.artifacts import artifact_checks
from nas.service.doctor.check import Check
from nas.service.doctor.cluster import cluster_checks
from nas.service.doctor.environment import environment_checks
from nas.service.doctor.machine import machine_checks
from nas.service.doctor.store import readable, store_checks
from nas.service.engines import cluster

__all__ = ["Check", "examine"]


def examine(
    store: str | None = None, address: str | None = None, artifacts: str | None = None
) -> list[Check]:
    """All checks, cheapest first. None of them imports torch, and only those of a cluster start Ray."""
    address = cluster(address)
    checks = [*machine_checks(), *environment_checks(), *store_checks(store)]
    root = None
    if artifacts or readable(store):  # else the store's own mistake is told already
        root, found = artifact_checks(store, artifacts, shared=address is not None)
        checks.append(found)
    if address is not None:
        checks += cluster_checks(address, root)
    return checks
