"""Where trials run: slots by the name of their engine. Ray and torch are loaded only here, on demand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nas.errors import NasError, UnknownNameError
from nas.records import Slots
from nas.service.values import bounded

ENGINES = {
    "inline": "one slot, in this process",
    "ray": "a pool of Ray actors, one a slot, on this machine or a cluster",
    "simulated": "virtual workers on a virtual clock, for evaluators that look results up in a table",
}

VIRTUAL = 16
"""Virtual workers, if nobody says how many."""


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Which slots, and how many; None: all cores of the machine or cluster, 16 virtual workers."""

    engine: str = "ray"
    workers: int | None = None
    address: str | None = None
    cpus_per_slot: float | None = None
    gpus_per_slot: float = 0.0


def check_engine(options: EngineOptions) -> None:
    """Refuse what cannot be had before anything is created."""
    if options.engine not in ENGINES:
        raise UnknownNameError("engine", options.engine, ENGINES)
    if options.workers is not None:
        bounded(options.workers, "--workers")
    if options.engine == "inline" and (options.workers or 1) > 1:
        raise NasError(f"--workers {options.workers}: the inline engine has one slot; type --engine ray")
    if options.engine != "ray" and options.address is not None:
        raise NasError(
            f"--address {options.address}: the {options.engine} engine has no cluster; type --engine ray"
        )


@contextmanager
def open_slots(options: EngineOptions, artifacts: str) -> Iterator[Slots]:
    """Slots of an engine, closed at the end; on a cluster only of workers that can read `artifacts`."""
    check_engine(options)
    slots = _slots(options, artifacts)
    try:
        yield slots
    finally:
        slots.close()


def _slots(options: EngineOptions, artifacts: str) -> Slots:
    if options.engine == "inline":
        from workers.slots.inline import InlineSlots

        return InlineSlots()
    if options.engine == "simulated":
        from workers.slots.simulated import SimulatedSlots

        return SimulatedSlots(options.workers or VIRTUAL)
    from workers.slots.ray import RaySlots

    return RaySlots(
        total=options.workers,
        address=options.address,
        cpus_per_slot=options.cpus_per_slot,
        gpus_per_slot=options.gpus_per_slot,
        artifacts=artifacts if options.address is not None else None,
    )
