"""Where trials run: slots by the name of their engine. Ray and torch are loaded only here, on demand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nas.cost.cost import COSTS
from nas.errors import NasError, UnknownNameError
from nas.records import Slots
from nas.service.values import bounded
from workers.slots.room import check_cpus, check_gpus

ENGINES = {
    "inline": "one slot, in this process",
    "ray": "a pool of Ray actors, one a slot, on this machine or a cluster",
    "simulated": "virtual workers on a virtual clock, for evaluators that look results up in a table",
}

VIRTUAL = 16
"""Virtual workers, if nobody says how many."""


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Which slots, and how many; None: as many as the machine or cluster has room for, 16 virtual workers."""

    engine: str = "ray"
    workers: int | None = None
    address: str | None = None
    cpus_per_trial: float | None = None
    """None: one, or on one machine its cores shared by the workers."""
    gpus_per_trial: float | None = None
    """None: one where there are any."""


def workers_of(text: str) -> int | None:
    """How many slots `--workers` asks for; None for `auto`."""
    if text == "auto":
        return None
    if not text.isdecimal() or len(text) > 10:
        raise NasError(f"--workers {text!r}: it is auto, or a whole number from 1; type e.g. --workers 4")
    return bounded(int(text), "--workers")


def check_engine(options: EngineOptions) -> None:
    """Refuse what cannot be had before anything is created."""
    if options.engine not in ENGINES:
        raise UnknownNameError("engine", options.engine, ENGINES)
    if options.workers is not None:
        bounded(options.workers, "--workers")
    if options.engine == "inline" and (options.workers or 1) > 1:
        raise NasError(f"--workers {options.workers}: the inline engine has one slot; type --engine ray")
    if options.engine != "ray":
        _refuse_cluster(options)
        return
    check_cpus(options.cpus_per_trial)
    check_gpus(options.gpus_per_trial)
    if (address := cluster(options.address)) is not None:
        from workers.slots.connect import check_address, knock

        check_address(address)
        knock(address)


def check_evaluator(options: EngineOptions, evaluator: str) -> None:
    """Refuse virtual workers for an evaluator that works, and says no seconds for their clock."""
    from workers.evaluators import given_metrics

    given = given_metrics(evaluator) if options.engine == "simulated" else None
    if given is None or "seconds" in given or set(given) <= set(COSTS):
        return
    raise NasError(
        f"--engine simulated: evaluator {evaluator!r} works, and says no seconds for a virtual clock; "
        "type --engine ray or --engine inline, or look results up with --evaluator table:PATH"
    )


def cluster(address: str | None) -> str | None:
    """The Ray cluster to use: `address`, else NAS_ADDRESS; None: a Ray of this machine's own."""
    return address or os.environ.get("NAS_ADDRESS") or None


def _refuse_cluster(options: EngineOptions) -> None:
    said = {
        "--address": options.address,
        "--cpus-per-trial": options.cpus_per_trial,
        "--gpus-per-trial": options.gpus_per_trial,
    }
    for option, value in said.items():
        if value is not None:
            raise NasError(f"{option} {value}: the {options.engine} engine has no cluster; type --engine ray")


def check_artifacts(options: EngineOptions, url: str) -> None:
    """Refuse an artifact root that cannot be used, before anything is created."""
    from workers.artifacts import check_artifacts as check

    check(url, shared=options.engine == "ray")


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

    address = cluster(options.address)
    return RaySlots(
        total=options.workers,
        address=address,
        cpus_per_trial=options.cpus_per_trial,
        gpus_per_trial=options.gpus_per_trial,
        artifacts=artifacts if address is not None else None,
    )
