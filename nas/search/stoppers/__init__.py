"""Stoppers: each a file of this folder, entered with `@STOPPERS.register(name, about)`.

A stopper is a pure decision over stored curves of the first objective; lower is always better
(curves of an objective to be maximised come with their sign turned).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from nas.registry import Registry

Curve = Mapping[int, float]
"""Epoch -> value of the first objective, lower is better."""


class Stopper(Protocol):
    """Says whether a trial is hopeless; what it ends stays ended."""

    watches: bool
    """Whether it needs curves at all: the driver reads none for one that never stops."""

    def hopeless(self, curve: Curve, others: Sequence[Curve]) -> bool:
        """Whether the trial with this curve should end now, given those of trials that ended."""
        ...


STOPPERS: Registry[Callable[[], Stopper]] = Registry("stopper", "nas.search.stoppers", group="nas.stoppers")
