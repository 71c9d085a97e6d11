"""A point that somebody wants to be tried: priced at once, and told why where it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.errors import InfeasibleError
from nas.service.plain import counted
from nas.service.starting import refused
from nas.space.schema import frozen_value
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Claim, StudyRow


@dataclass(frozen=True)
class EnqueueResult:
    """What became of a point."""

    state: str
    """`queued`, `duplicate`, `infeasible` or `budget`."""
    number: int | None
    """The trial that waits now, the one that is the same network, or that of a point that breaks a rule; None
    where the budget is spent."""
    reason: str
    """Why it does not wait; or when it will be tried."""
    cost: dict[str, int]
    """Empty for what is infeasible."""


def enqueue(store: Store, name: str, point: Mapping[str, Any]) -> EnqueueResult:
    """Let a study try this point before any that its sampler proposes.

    It takes as many of the budget as the study gives trials to a network. A point that breaks a rule becomes
    an infeasible trial, since somebody asked for it; that does not count.

    Raises:
        StudyNotFoundError: no study of that name.
        PointError: it is no point of the study's space.
    """
    from nas.search.refuse import DUPLICATE, Pricer
    from nas.search.samplers import Proposal

    row = store.study(name)
    space = Space.from_document(row.spec.space)
    whole = space.validate({label: frozen_value(value) for label, value in point.items()})
    pricer = Pricer(space, row.spec)
    try:
        candidates = pricer.repeats(Proposal(-1, whole))
    except InfeasibleError as error:
        return EnqueueResult("infeasible", refused(store, row, pricer, whole, str(error)), str(error), {})
    first = store.enqueue(row.id, candidates)[0]
    cost = dict(candidates[0].cost)
    if isinstance(first, Claim):
        return EnqueueResult("queued", first.number, _when(store, row), cost)
    if first.reason == DUPLICATE:
        return EnqueueResult(DUPLICATE, first.number, f"the same network as trial {first.number}", cost)
    budget = counted(row.budget, "trial")
    spent = f"the budget of {budget} is spent; nas resume {name} --trials +1 makes room"
    return EnqueueResult("budget", None, spent, cost)


def _when(store: Store, row: StudyRow) -> str:
    if any(driver.live for driver in store.drivers(row.id)):
        return "it is next"
    return f"nothing drives the study now; nas resume {row.name} tries it first"
