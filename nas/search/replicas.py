"""Networks with several trials each: which repeats a study still lacks, and what samplers see of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from nas.records import TrialState
from nas.search.history import Past
from nas.search.samplers import Proposal
from nas.store.rows import TrialRow

GONE = (TrialState.CANCELLED, TrialState.INFEASIBLE)
"""Trials in these states ask for no repeats."""


class Replicas:
    """The networks of a study that has `repeat` trials for each."""

    def __init__(self, repeat: int) -> None:
        self.repeat = repeat
        self._open: dict[str, tuple[Proposal, set[int]]] = {}

    def note(self, row: TrialRow) -> None:
        """Take a new or changed trial into account."""
        if self.repeat == 1:
            return
        name = repr(sorted(row.point.items()))
        proposal = Proposal(row.draw, row.point, row.attributes)
        numbers = self._open.setdefault(name, (proposal, set()))[1]
        numbers.add(row.number)
        if row.state in GONE:
            numbers.update(range(-self.repeat, 0))  # complete as it is

    def lacking(self) -> list[Proposal]:
        """The networks with fewer trials than they should have, the earliest first."""
        found = [(min(n), proposal) for proposal, n in self._open.values() if 0 < len(n) < self.repeat]
        return [proposal for _, proposal in sorted(found, key=lambda pair: pair[0])]

    def means(self, history: Sequence[Past]) -> list[Past]:
        """Each network once, under its first number, with the mean of what its repeats have told."""
        if self.repeat == 1:
            return list(history)
        groups: dict[str, list[Past]] = {}
        for past in history:
            groups.setdefault(repr(sorted(past.labels.items())), []).append(past)
        return [_mean(group) for group in groups.values()]


def _mean(group: Sequence[Past]) -> Past:
    """Complete repeats before pruned ones before running ones: those of the foremost kind are averaged."""
    order = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    state = min((past.state for past in group), key=order.index)
    alike = [past for past in group if past.state is state]
    return replace(
        alike[0],
        number=group[0].number,
        values=_means(past.values for past in alike),
        excess=_means(past.excess for past in alike),
        epochs=max(past.epochs for past in alike),
        attributes=group[0].attributes,
    )


def _means(rows: Iterable[Sequence[float]]) -> tuple[float, ...]:
    return tuple(fmean(column) for column in zip(*rows, strict=False))
