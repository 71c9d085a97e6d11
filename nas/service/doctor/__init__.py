"""Is everything in place? Every check says what it found and, if bad, what to type."""

from nas.service.doctor.artifacts import artifact_checks
from nas.service.doctor.check import Check
from nas.service.doctor.cluster import cluster_checks
from nas.service.doctor.machine import machine_checks
from nas.service.doctor.store import store_checks
from nas.service.engines import cluster

__all__ = ["Check", "examine"]


def examine(
    store: str | None = None, address: str | None = None, artifacts: str | None = None
) -> list[Check]:
    """All checks, cheapest first. None of them imports torch, and only those of a cluster start Ray."""
    address = cluster(address)
    checks = [*machine_checks(), *store_checks(store)]
    root, found = artifact_checks(store, artifacts, shared=address is not None)
    checks.append(found)
    if address is not None:
        checks += cluster_checks(address, root)
    return checks
