"""Networks with several trials each: ranked by the mean of what their repeats have told, with its spread."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nas.records import TrialState
from nas.search.outcome import excess_of
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow


@dataclass(frozen=True)
class Network:
    """A network by its complete repeats."""

    trial: TrialRow
    """The first of them, with the means of all as its values and metrics."""
    numbers: list[int]
    """All of them."""
    values: list[float]
    """Of the first objective, one a repeat."""
    mean: float
    sd: float
    """Standard deviation over the repeats; 0 for a single one."""
    n: int


def networks(store: Store, row: StudyRow, count: int | None = None) -> list[Network]:
    """The networks with a complete repeat, the best mean first; those that miss a limit come last."""
    groups: dict[str, list[TrialRow]] = {}
    for trial in store.trials(row.id, states=[TrialState.COMPLETE]):
        groups.setdefault(repr(sorted(trial.point.items())), []).append(trial)
    sign = 1 if row.spec.objectives[0].minimize else -1

    def rank(network: Network) -> tuple[float, float, int]:
        return beyond(row, network.trial), sign * network.mean, network.trial.number

    return sorted(map(network_of, groups.values()), key=rank)[:count]


def complete(store: Store, row: StudyRow) -> list[TrialRow]:
    """The complete trials; of networks with repeats the first one each, with the means of all."""
    if row.spec.repeat == 1:
        return store.trials(row.id, states=[TrialState.COMPLETE])
    return [each.trial for each in networks(store, row)]


def beyond(row: StudyRow, trial: TrialRow) -> float:
    """All that a trial, or a network by its means, lies beyond the study's limits."""
    return sum(amount for amount in excess_of(trial.metrics, row.spec.limits) if amount > 0)


def best(store: Store, row: StudyRow, count: int = 1) -> list[TrialRow]:
    """The best trials that keep all limits; of networks with repeats the first one each, with its means."""
    if row.spec.repeat == 1:
        return store.best(row.id, count)
    return [each.trial for each in networks(store, row, count) if not beyond(row, each.trial)]


def behind(store: Store, row: StudyRow, trial: TrialRow | None) -> Network | None:
    """The network that a trial stands for; None where networks have one trial each."""
    if trial is None or row.spec.repeat == 1:
        return None
    return next(each for each in networks(store, row) if trial.number in each.numbers)


def network_of(group: list[TrialRow]) -> Network:
    """The network of some trials, its repeats, in order."""
    means = tuple(statistics.fmean(column) for column in zip(*(t.values for t in group), strict=True))
    ended_s = max(trial.ended_s or 0.0 for trial in group)
    first = replace(group[0], values=means, metrics=_mean_metrics(group), ended_s=ended_s)
    values = [trial.values[0] for trial in group]
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return Network(first, [trial.number for trial in group], values, means[0], sd, len(group))


def _mean_metrics(group: list[TrialRow]) -> Mapping[str, float]:
    return {
        name: statistics.fmean(trial.metrics[name] for trial in group)
        for name in group[0].metrics
        if all(name in trial.metrics for trial in group)
    }
