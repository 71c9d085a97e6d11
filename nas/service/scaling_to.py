"""How far a family is to be scaled: for a cost, or to stand beside what was published."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Any

from nas.errors import NasError, UnknownNameError
from nas.service.iso import COSTS
from nas.service.plain import whole
from nas.service.published import confirmed
from nas.service.scaling import Base, Scaled, member, priced
from nas.service.values import limits
from nas.space.schema import SolveModel
from nas.space.solve import solve_cost

STEP = 0.01
"""Of the constant, where a cost is solved for it."""
FAR = (1, 2, 4, 8, 16, 32)
"""Values between which a cost is looked for, by more and more; below zero down to `-FAR[-2]`."""
FARTHEST, GENTLE = 2**14, 16
"""Beyond `FAR` a value is doubled as long as that makes the cost at most so many times larger."""

CostAt = Callable[[float], int | None]
"""The cost at a value of the constant; None where there is no such network."""


@dataclass(frozen=True)
class Beside:
    """A published network, and the family's own of the same macs."""

    name: str
    network: Scaled
    published: Mapping[str, float]
    confirmed: list[str]
    """Which of the published numbers come out here, exactly."""
    on_rule: Mapping[str, float]
    """For each value that it sets, the constant at which the family has it: the same for all on the rule."""
    nearest: Scaled | None
    """The member of the family whose macs come nearest; None if none does."""


def solve(base: Base, text: str, step: float = STEP) -> Scaled:
    """The member whose whole network comes nearest to a cost, such as `macs=4G`; ties to the smaller.

    Raises:
        NasError: no cost that grows with a network, or none of the family has it.
    """
    asked = limits([text], "--to")
    ((cost, target),) = asked.items()
    if cost not in COSTS:
        raise UnknownNameError("cost", cost, COSTS, f"--to {text}: ")
    if not 0 < step <= 1:
        raise NasError(f"--step {step:g}: it is a number above 0 and at most 1")
    return nearest(base, cost, target, f"--to {text}: ", step)


def nearest(base: Base, cost: str, target: float, where: str, step: float = STEP) -> Scaled:
    """The member whose cost is nearest to `target`; errors begin with `where`."""

    @cache
    def known(value: float) -> int | None:
        return member(base, value).cost.get(cost)

    def cost_at(value: float) -> int:
        if (found := known(value)) is None:
            refused = member(base, value).refused
            raise NasError(f"{where}no {base.by} of {base.space.name} reaches it: {refused}")
        return found

    start = next((value for value in (0, *FAR) if known(value) is not None), FAR[0])
    low, high = _around(known, start, target, rises=cost_at(start) <= target)
    least, most = cost_at(low), cost_at(high)
    if least == most != target:
        raise NasError(f"{where}{base.by} does not change it: {base.space.name} has {least:,} {cost}")
    if not least <= target <= most:
        low, high = _around(known, start, 0, rises=False)[0], _around(known, start, inf, rises=True)[1]
        raise NasError(
            f"{where}{base.space.name} has {whole(cost_at(low))} {cost} at {base.by} = {low:g} and "
            f"{whole(cost_at(high))} at {base.by} = {high:g}: ask for some between"
        )
    return member(base, solve_cost(base.by, _grid(known, low, high, step), cost_at, target))


def _grid(known: CostAt, low: float, high: float, step: float) -> SolveModel:
    """The values that are looked at: whole numbers alone, where others make no network."""
    whole = float(low).is_integer() and float(high).is_integer() and known(low + step) is None
    return SolveModel(solve="cost = target", domain=(float(low), float(high)), step=1.0 if whole else step)


def _around(known: CostAt, start: float, target: float, *, rises: bool) -> tuple[float, float]:
    """Two values of the constant with the target between their costs, as far as it is within reach."""
    near = start
    for far in _larger(known, start) if rises else _smaller(start):
        cost = known(far)
        if cost is None:
            break
        if (cost >= target) if rises else (cost <= target):
            return min(near, far), max(near, far)
        near = far
    return min(start, near), max(start, near)


def _larger(known: CostAt, start: float) -> Iterator[float]:
    yield from (far for far in FAR if far > start)
    far = FAR[-1]
    while far < FARTHEST and (known(far) or 0) <= GENTLE * (known(far / 2) or 0):
        far *= 2
        yield far


def _smaller(start: float) -> Iterator[float]:
    """Below zero, or where there is nothing, halves."""
    yield from (-far if not start else start / far / 2 for far in FAR[:-1])


def published(base: Base) -> list[str]:
    """The references of the space with published numbers that lie along the family."""
    along = {*base.names, base.by}
    return [
        name
        for name, reference in base.space.references.items()
        if reference.published and along & set(reference.set)
    ]


def beside(base: Base) -> list[Beside]:
    """These, each with the family's own of its macs."""
    changing = base.names
    return [_beside(base, name, changing) for name in published(base)]


def _beside(base: Base, name: str, changing: list[str]) -> Beside:
    reference = base.space.references[name]
    made = base.space.reference(name)
    own = {key: value for key, value in reference.set.items() if key in changing}
    row = priced(reference.set.get(base.by), own, made)
    try:
        found = nearest(base, "macs", made.cost.macs, f"reference {name}: ")
    except NasError:
        found = None
    numbers = {key: _crossing(base, key, value) for key, value in own.items()}
    on_rule = {key: value for key, value in numbers.items() if value is not None}
    return Beside(name, row, reference.published, confirmed(reference.published, made), on_rule, found)


def _crossing(base: Base, name: str, wanted: Any) -> float | None:
    """The constant at which the family's `name` grows to a value, to 0.01; None if it never does."""
    if type(wanted) not in (int, float):
        return None

    def below(value: float) -> bool:
        return bool(base.values({base.by: value}).get(name, wanted) < wanted)

    low, high = 0.0, float(FAR[-2])
    if not below(high) and not below(low):
        return 0.0 if base.values({base.by: 0}).get(name) == wanted else None
    if below(high):
        return None
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return round(high, 2)
