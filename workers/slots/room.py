"""What a trial needs of a node, and how many such slots the nodes of a cluster can hold. Knows no Ray."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nas.errors import ClusterError, NasError

Resources = Mapping[str, float]
"""What a node has, by Ray's names."""

GRAIN = 10_000
"""Ray counts in ten-thousandths of a CPU or GPU."""
WASTE = 0.02
"""Of a GPU may be left over, so that 0.33 is a third."""


@dataclass(frozen=True)
class Need:
    """CPUs and GPUs that a trial holds while its slot is there."""

    cpus: float = 1.0
    gpus: float = 0.0

    def __str__(self) -> str:
        return amount(self.cpus, "CPU") + (f" and {amount(self.gpus, 'GPU')}" if self.gpus else "")

    def fits(self, node: Resources) -> int:
        """How many slots a node holds: none is spread over two nodes, nor a fraction over two GPUs."""
        by_cpu = _units(node.get("CPU", 0.0)) // _units(self.cpus)
        if not self.gpus:
            return by_cpu
        whole = int(node.get("GPU", 0.0))
        by_gpu = whole // int(self.gpus) if self.gpus >= 1 else whole * _sharers(self.gpus)
        return min(by_cpu, by_gpu)

    def room(self, nodes: Iterable[Resources]) -> int:
        """How many slots the nodes hold."""
        return sum(self.fits(node) for node in nodes)


def amount(number: float, what: str) -> str:
    """`1 CPU`, `2 CPUs`, `0.25 GPUs`."""
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def check_cpus(cpus: float | None) -> None:
    """Refuse CPUs that no trial can have."""
    if cpus is not None and not 1 / GRAIN <= cpus < math.inf:
        raise NasError(f"--cpus-per-trial {cpus:g}: it is a number above 0; type e.g. --cpus-per-trial 2")


def check_gpus(gpus: float | None) -> None:
    """Refuse GPUs that Ray would hand out with a rest that nobody can use."""
    if gpus is None or gpus == 0:
        return
    if not 1 / GRAIN <= gpus < math.inf:
        raise NasError(f"--gpus-per-trial {gpus:g}: it is 0 or more; type e.g. --gpus-per-trial 0.25")
    if gpus > 1 and gpus != int(gpus):
        raise NasError(
            f"--gpus-per-trial {gpus:g}: above 1 it is a whole number; "
            f"type --gpus-per-trial {int(gpus)} or {int(gpus) + 1}"
        )
    if gpus < 1 and 1 - _sharers(gpus) * gpus > WASTE:
        sharers = _sharers(gpus)
        below, above = _share(sharers + 1), _share(sharers)
        raise NasError(
            f"--gpus-per-trial {gpus:g}: {sharers} would share a GPU and leave {1 - sharers * gpus:g} of it "
            f"unused; type --gpus-per-trial {above:g} ({sharers} share one) or {below:g} ({sharers + 1})"
        )


def need_of(nodes: Iterable[Resources], total: int | None, cpus: float | None, gpus: float | None) -> Need:
    """What a trial gets where only some is said: a core, and a whole GPU where there are any.

    `total` slots that are to share a machine share its cores.
    """
    nodes = list(nodes)
    if cpus is None:
        cores = sum(node.get("CPU", 0.0) for node in nodes)
        cpus = 1.0 if total is None else max(1 / GRAIN, min(1.0, int(GRAIN * cores / total) / GRAIN))
    if gpus is None:
        gpus = float(any(node.get("GPU", 0.0) >= 1 for node in nodes))
    return Need(cpus, _share(_sharers(gpus)) if 0 < gpus < 1 else gpus)


def refuse_hopeless(need: Need, nodes: Iterable[Resources], where: str) -> None:
    """Raise `ClusterError` if there are nodes, none of which could hold a slot even if it were empty."""
    nodes = [node for node in nodes if node.get("CPU", 0.0) > 0]
    if not nodes or need.room(nodes):
        return
    largest = max(nodes, key=lambda node: (min(node.get("GPU", 0.0), need.gpus), node.get("CPU", 0.0)))
    cpus, gpus = largest["CPU"], largest.get("GPU", 0.0)
    less = [f"--cpus-per-trial {cpus:g}"] if need.cpus > cpus else []
    less += [f"--gpus-per-trial {gpus:g}"] if need.gpus > gpus else []
    raise ClusterError(
        f"a trial needs {need}, and no node of {where} has that: the largest has {amount(cpus, 'CPU')} and "
        f"{amount(gpus, 'GPU')}; type {' '.join(less)}, or start a larger node"
    )


def _units(number: float) -> int:
    return round(GRAIN * number)


def _sharers(fraction: float) -> int:
    """How many trials of a fraction share a GPU."""
    return max(1, int(1 / fraction + 1e-6)) if fraction else 1


def _share(sharers: int) -> float:
    """The fraction that so many can have, in Ray's grain."""
    return GRAIN // sharers / GRAIN
