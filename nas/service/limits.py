"""What a search is for, and its hard limits: of costs, which become rules of its space, and of metrics.

Limits that no network can keep are told before anything runs, with what the space can reach.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nas.cost.cost import COSTS, Cost
from nas.errors import InfeasibleError, NasError, UnknownNameError
from nas.records import Limit, Objective
from nas.service.values import limits as bounds, objectives
from nas.space.moves import mutate, neighbour
from nas.space.space import Space

if TYPE_CHECKING:
    from nas.service.specify import SearchOptions

DRAWS = 2000
"""Random points that are priced before limits count as kept by none of them."""
DESCENTS, STEPS = 3, 300
"""Walks downhill for each limit after that, and the priced moves of each."""

SHARES = ("error", "accuracy", "top5_error")
"""Metrics of a training that lie between 0 and 1."""


@dataclass(frozen=True)
class Aims:
    """What a search is for, and what it must keep to."""

    objectives: tuple[Objective, ...]
    costs: tuple[Limit, ...]
    """Limits of costs."""
    limits: tuple[Limit, ...]
    """Limits of measured metrics."""

    @property
    def needed(self) -> tuple[Objective, ...]:
        """The objectives, and the metrics of limits as if they were some: all that trials must give."""
        from workers.tables.table import Bounded

        metrics = {each.metric for each in self.objectives}
        others = (
            Bounded(limit.metric, asked=_typed(limit)) for limit in self.limits if limit.metric not in metrics
        )
        return (*self.objectives, *dict.fromkeys(others))


def aims_of(options: "SearchOptions") -> Aims:
    """Objectives and limits as they were typed.

    Raises:
        NasError: limits contradict each other, or no evaluation gives such a metric.
    """
    from workers.evaluators import usual_objective

    found = objectives(options.objective, usual_objective(options.evaluator))
    limits = _limits(bounds(options.most, "--max"), bounds(options.least, "--min"))
    costs = tuple(limit for limit in limits if limit.metric in COSTS)
    aims = Aims(found, costs, tuple(limit for limit in limits if limit.metric not in COSTS))
    _check_metrics(options, aims)
    _refuse_flat_curves(options.stopper, found[0])
    return aims


def _limits(upper: Mapping[str, float], lower: Mapping[str, float]) -> list[Limit]:
    """All limits, from above and from below."""
    for name in upper.keys() & lower.keys():
        if lower[name] > upper[name]:
            raise NasError(
                f"--min {name}={lower[name]:g} is above --max {name}={upper[name]:g}: nothing lies between; "
                "swap them, or leave one out"
            )
    found = [Limit(name, bound) for name, bound in upper.items()]
    return [*found, *(Limit(name, bound, upper=False) for name, bound in lower.items())]


def _check_metrics(options: "SearchOptions", aims: Aims) -> None:
    """Raise for metrics that are no costs and that the evaluator never gives, and for impossible shares."""
    from workers.evaluators import given_metrics

    given = given_metrics(options.evaluator)
    if given is None:
        return
    for name in [each.metric for each in aims.needed]:
        if name not in given and name not in COSTS:
            where = f"{_option(options, name)}: evaluator {options.evaluator!r}: "
            raise UnknownNameError("metric", name, {*given, *COSTS}, where)
    for limit in aims.limits if options.evaluator == "train" else ():
        if limit.metric in SHARES and not 0 <= limit.bound <= 1:
            raise _no_share(limit)


def _no_share(limit: Limit) -> NasError:
    """A bound outside 0 to 1 is kept by all networks or by none; 90 was meant as per cent."""
    effect = "every network keeps it" if limit.excess(0.5) <= 0 else "no network can keep it"
    meant = Limit(limit.metric, limit.bound / 100, upper=limit.upper)
    advice = f"; type {_typed(meant)}" if 0 <= meant.bound <= 1 else ""
    return NasError(f"{_typed(limit)}: {limit.metric} is a share from 0 to 1, so {effect}{advice}")


def _option(options: "SearchOptions", metric: str) -> str:
    """How a metric was typed: `--max macs=1M`."""
    for option, pairs in (("--max", options.most), ("--min", options.least)):
        for pair in pairs:
            if pair.partition("=")[0].strip() == metric:
                return f"{option} {pair}"
    return f"--objective {options.objective}"


def _refuse_flat_curves(stopper: str, first: Objective) -> None:
    """Stoppers compare curves of the first objective; a cost has none."""
    from nas.search.stoppers import STOPPERS

    if first.metric in COSTS and STOPPERS[stopper]().watches:
        raise NasError(
            f"stopper {stopper!r} compares curves of the first objective, and {first.metric} is the same "
            "after every epoch: put a metric of the training first, or leave out --stopper"
        )


def limited(space: Space, costs: Sequence[Limit]) -> Space:
    """The space with the limits of costs among its rules, so that their price refuses points.

    Raises:
        NasError: no network was found that keeps them.
    """
    if not costs:
        return space
    _refuse_hopeless(space, costs)
    rules = [f"{limit.metric} {'<=' if limit.upper else '>='} {_number(limit.bound)}" for limit in costs]
    raw = {**space.raw, "constraints": [*space.raw.get("constraints", ()), *rules]}
    return Space(raw, space.where, data=space.data, profile=space.profile, settings=space.settings)


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else repr(float(bound))


# What a space can reach


class _Reached:
    """The costs of the networks that were looked at."""

    def __init__(self, space: Space, costs: Sequence[Limit]) -> None:
        self.space, self.costs = space, costs
        self.seen: list[tuple[Mapping[str, Any], Cost]] = []

    def price(self, point: Mapping[str, Any]) -> Cost | None:
        """None if the space itself refuses the point."""
        try:
            cost = self.space.architecture(point).cost
        except InfeasibleError:
            return None
        self.seen.append((point, cost))
        return cost

    def violation(self, cost: Cost) -> float:
        """All that a network lies beyond the limits."""
        return sum(max(0.0, _excess(cost, limit)) for limit in self.costs)

    def span(self, metric: str) -> str:
        """`macs from 1.2e+06 to 3.4e+07`: of what was looked at."""
        values = [int(getattr(cost, metric)) for _, cost in self.seen]
        return f"{metric} from {_short(min(values))} to {_short(max(values))}"


def _short(value: int) -> str:
    return f"{value:,}" if value < 10**15 else f"about 10^{len(str(value)) - 1}"


def _refuse_hopeless(space: Space, costs: Sequence[Limit]) -> None:
    rng = np.random.default_rng(0)
    reached = _Reached(space, costs)
    for _ in range(DRAWS):
        cost = reached.price(space.draw(rng))
        if cost is not None and reached.violation(cost) <= 0:
            return
    if not reached.seen:  # no point can be, limits or not: the search says so
        return
    goals: list[Callable[[Cost], float]] = [reached.violation]
    goals += [_towards(limit) for limit in costs]
    for goal in goals:
        for _ in range(DESCENTS):
            if _descend(reached, goal, rng):
                return
    raise NasError(_told(reached))


def _towards(limit: Limit) -> Callable[[Cost], float]:
    return lambda cost: _excess(cost, limit)


def _excess(cost: Cost, limit: Limit) -> float:
    return limit.excess(float(min(getattr(cost, limit.metric), 2**1023)))  # paths may have more digits


def _descend(reached: _Reached, goal: Callable[[Cost], float], rng: np.random.Generator) -> bool:
    """Go downhill from one of the best points seen; whether all limits are kept on the way."""
    ranked = sorted(reached.seen, key=lambda pair: goal(pair[1]))
    point, cost = ranked[int(rng.integers(min(len(ranked), DESCENTS)))]
    for step in range(STEPS):
        near = (neighbour if step % 2 else mutate)(reached.space, point, rng)
        found = reached.price(near)
        if found is not None and reached.violation(found) <= 0:
            return True
        if found is not None and goal(found) <= goal(cost):
            point, cost = near, found
    return False


def _told(reached: _Reached) -> str:
    """Which limits no network was found to keep, and what was found."""
    wrong = [limit for limit in reached.costs if not any(_kept_by(limit, reached))]
    what = "limit " if len(wrong or reached.costs) == 1 else "limits "
    what += " and ".join(_typed(limit) for limit in wrong or reached.costs)
    together = "" if wrong else " together"
    names = dict.fromkeys(limit.metric for limit in wrong or reached.costs)
    found = ", ".join(reached.span(name) for name in names)
    return (
        f"{what}: no network of space {reached.space.name} was found that keeps "
        f"{'it' if len(wrong) == 1 else 'them'}{together}; of {len(reached.seen):,} priced, random ones and "
        f"descents from the nearest, they reach {found}. Loosen the limit, or the space's own rules"
    )


def _kept_by(limit: Limit, reached: _Reached) -> Iterator[bool]:
    return (_excess(cost, limit) <= 0 for _, cost in reached.seen)


def _typed(limit: Limit) -> str:
    return f"--{'max' if limit.upper else 'min'} {limit.metric}={_number(limit.bound)}"
