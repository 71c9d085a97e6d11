"""What a study's results say of its space: their distribution, good values of parameters, what decides.

The counting is `nas.search.analysis`; `nas.service.results` are the trials that it is asked about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nas.errors import NasError
from nas.search.analysis import Edf, Narrowed, edf, narrow
from nas.search.importance import METHOD
from nas.service.good_values import GoodOdds, GoodValues, good_values
from nas.service.results import Results, caution, independent, meeting, refuse_nothing, results
from nas.service.spread import Expected, Quantile, expected, quantiles
from nas.service.views.columns import Floats
from nas.service.views.importance import LEAST, Importance, importance
from nas.service.views.ks_tests import named
from nas.store import Store

STEPS = 2_000
"""The most steps of a distribution that are told; of more, so many evenly."""


@dataclass(frozen=True)
class Analysis:
    """What one study says of its space."""

    study: str
    space: str
    data: str
    metric: str
    minimize: bool
    where: list[str]
    """Conditions that its networks meet."""
    n: int
    """Networks with a finite value."""
    edf: Edf
    best: float | None
    """Of those that keep the study's limits."""
    quantiles: list[Quantile]
    expected: list[Expected]
    good_ranges: list[GoodValues]
    good_choices: list[GoodOdds]
    importance: Importance
    """Of all its networks, whatever the conditions; nothing where too few meet them."""
    independent: bool
    """Whether its networks were drawn without regard to results."""
    caution: str
    """Why its networks are no independent draws; empty if they are."""


@dataclass(frozen=True)
class Side:
    """One part of a study's networks."""

    name: str
    """`inside`, `outside` or `all`."""
    n: int
    best: float
    quantiles: list[Quantile]
    mean: float


@dataclass(frozen=True)
class WhatIf:
    """How the results would move if the space were narrowed."""

    study: str
    metric: str
    minimize: bool
    conditions: list[str]
    against: list[str]
    """What networks outside meet; empty: they are all others."""
    total: int
    """Networks of the study with a finite value."""
    narrowed: Narrowed
    share: float
    """Of the networks, that meet the conditions."""
    better: str
    """`inside`, `outside`, or nothing where they are not told apart."""
    odds: float
    """In which share of pairs a network of the better side is better; one inside, where they are not told
    apart."""
    odds_low: float
    """Of these odds, 95 %."""
    odds_high: float
    few: bool
    """Whether a side has too few networks to be told apart: then `odds_low` and `odds_high` say nothing."""
    sides: list[Side]
    """Inside, outside and all."""
    caution: str
    """Why its networks are no independent draws; empty if they are."""


def analyse(
    store: Store,
    name: str,
    *,
    metric: str | None = None,
    where: Sequence[str] = (),
    wait_s: float = 0.0,
    dashes: str = "--",
) -> Analysis:
    """A study by one metric, by default the first objective; importance is waited for up to `wait_s` seconds.

    `where` are conditions as `nas trials --where` takes them; all must hold.

    Raises:
        StudyNotFoundError: no study has this name.
        UnknownNameError: no trial has told such a metric.
        NasError: no network has a value, or none meets the conditions.
    """
    row = store.study(name)
    found = results(store, row, metric, where=where, option=f"{dashes}where")
    refuse_nothing(found, where)
    whole = edf(found.values)
    ranges, choices = good_values(store, found)
    return Analysis(
        study=name,
        space=row.spec.space_name,
        data=row.spec.data,
        metric=found.aim.metric,
        minimize=found.aim.minimize,
        where=list(where),
        n=len(found.values),
        edf=whole.thinned(STEPS),
        best=found.best,
        quantiles=quantiles(found.values, minimize=found.aim.minimize),
        expected=expected(whole, minimize=found.aim.minimize),
        good_ranges=ranges,
        good_choices=choices,
        importance=_importance(store, found, where, wait_s),
        independent=independent(row),
        caution=caution([row]),
    )


def _importance(store: Store, found: Results, where: Sequence[str], wait_s: float) -> Importance:
    """Of all networks; none where those that meet the conditions are too few to say the same of them."""
    metric, n = found.aim.metric, len(found.values)
    if not where or n >= LEAST:
        return importance(store, found.study.name, metric=metric, wait_s=wait_s)
    few = f"{n:,} complete trials that meet {' and '.join(where)} have {metric}: it takes {LEAST}"
    return Importance(metric, METHOD, 0, n, [], f"{few} to tell parameters apart", pending=False)


def what_if(
    store: Store,
    name: str,
    conditions: Sequence[str],
    *,
    against: Sequence[str] = (),
    metric: str | None = None,
    where: Sequence[str] = (),
    dashes: str = "--",
) -> WhatIf:
    """The networks of a study that meet all these conditions against those that do not; of the latter only
    those that meet `against`. `dashes` stand before the names of options in messages.

    Raises:
        NasError: as `analyse`, or there is nothing on one side.
    """
    row = store.study(name)
    found = results(store, row, metric, where=where, option=f"{dashes}where")
    refuse_nothing(found, where)
    met = meeting(store, row, found.numbers, conditions, f"{dashes}if")
    taken = met | meeting(store, row, found.numbers, against, f"{dashes}against")
    if against and met.any() and not (taken & ~met).any():
        typed = " ".join(f"{dashes}against {text!r}" for text in against)
        raise NasError(
            f"{typed}: no other network meets it: there is nothing to compare; see nas trials {name}"
        )
    values, met = found.values[taken], met[taken]
    try:
        narrowed = narrow(values, met.tolist())
    except NasError as error:
        typed = " ".join(f"{dashes}if {text!r}" for text in conditions)
        raise NasError(f"{typed}: {error}; see nas trials {name}") from None
    parts = {"inside": values[met], "outside": values[~met], "all": found.values}
    sides = [_side(side, each, minimize=found.aim.minimize) for side, each in parts.items()]
    return _told(found, narrowed, list(conditions), list(against), sides)


def _told(
    found: Results, narrowed: Narrowed, conditions: list[str], against: list[str], sides: list[Side]
) -> WhatIf:
    test = named("inside", "outside", narrowed.ks, minimize=found.aim.minimize)
    inside, outside, everything = (
        each.thinned(STEPS) for each in (narrowed.inside, narrowed.outside, narrowed.everything)
    )
    return WhatIf(
        study=found.study.name,
        metric=found.aim.metric,
        minimize=found.aim.minimize,
        conditions=conditions,
        against=against,
        total=len(found.values),
        narrowed=replace(narrowed, inside=inside, outside=outside, everything=everything),
        share=narrowed.kept / len(found.values),
        better=test.better,
        odds=test.odds,
        odds_low=test.odds_low,
        odds_high=test.odds_high,
        few=test.few,
        sides=sides,
        caution=caution([found.study]),
    )


def _side(name: str, values: Floats, *, minimize: bool) -> Side:
    best = values.min() if minimize else values.max()
    reached = quantiles(values, minimize=minimize)
    return Side(name, len(values), float(best), reached, float(values.mean()))
