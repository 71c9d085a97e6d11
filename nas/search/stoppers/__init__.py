"""Stoppers: each a file of this folder, entered with `@STOPPERS.register(name, about)`.

A stopper is a pure decision over stored curves of the first objective; lower is always better
(curves of an objective to be maximised come with their sign turned), and every value is finite.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nas.errors import StopperError
from nas.registry import Registry

Curve = Mapping[int, float]
"""Epoch -> value of the first objective, lower is better."""


@dataclass(frozen=True)
class Growing:
    """A trial that has just told an epoch, the last of its curve, for the first time."""

    number: int
    curve: Curve
    """Not empty."""
    epochs: int | None = None
    """How many its training has, the same for all trials of a study; None: nobody knows."""


class Stopper(Protocol):
    """Says whether a trial is hopeless; what it ends stays ended."""

    watches: bool
    """Whether it needs curves at all: the driver reads none for one that never stops."""

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """Whether the trial should end now.

        `others`: the curves of all other trials of the study, in any order: of those that run, here or at
        other drivers, as far as they are, of those that were stopped, and of those that ended.
        """
        ...


STOPPERS: Registry[Callable[[], Stopper]] = Registry("stopper", "nas.search.stoppers", group="nas.stoppers")


def check_stopper(name: str, epochs: object, told: Sequence[int] | None = None) -> None:
    """Refuse a stopper that could not decide anything sensible, before anything runs.

    `epochs`: the recipe's, a number or an expression. `told`: the epochs at which the evaluator tells
    metrics, where it says so.

    Raises:
        UnknownNameError: no stopper of that name.
        StopperError: the trials have no curves, or curves that cannot be compared.
    """
    if not STOPPERS[name]().watches:
        return
    if not isinstance(epochs, int):
        raise StopperError(
            f"stopper {name!r} compares trials after equally many epochs of {epochs!r}, which is searched: "
            "set --recipe epochs=N, or leave out --stopper"
        )
    if len([epoch for epoch in told or range(1, epochs + 1) if epoch <= epochs]) < 2:
        raise StopperError(
            f"stopper {name!r} needs curves of at least two epochs, and a trial of this study has one value: "
            "leave out --stopper"
        )
