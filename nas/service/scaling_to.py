"""How far a family is to be scaled: for a cost, or to stand beside what was published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nas.errors import NasError, UnknownNameError
from nas.service.iso import COSTS
from nas.service.published import confirmed
from nas.service.scaling import Base, Scaled, member, priced
from nas.service.values import limits
from nas.space.schema import SolveModel
from nas.space.solve import solve_cost

STEP = 0.01
"""Of the constant, where a cost is solved for it."""
FAR = (1, 2, 4, 8, 16, 32)
"""Values between which a cost is looked for, by more and more; below zero down to `-FAR[-2]`."""


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

    def cost_at(value: Any) -> int:
        found = member(base, value)
        if found.refused:
            raise NasError(f"{where}no {base.by} of {base.space.name} reaches it: {found.refused}")
        return found.cost[cost]

    low, high = _around(cost_at, target)
    if not cost_at(low) <= target <= cost_at(high):
        raise NasError(
            f"{where}{base.space.name} has {cost_at(low):,} {cost} at {base.by} = {low} and "
            f"{cost_at(high):,} at {base.by} = {high}: ask for some between"
        )
    model = SolveModel(solve=f"{cost} = {target:g}", domain=(float(low), float(high)), step=step)
    return member(base, solve_cost(base.by, model, cost_at, target))


def _around(cost_at: Callable[[Any], int], target: float) -> tuple[int, int]:
    """Two values of the constant with the target between their costs, as far as it is within reach."""
    near, sign = 0, 1 if cost_at(0) <= target else -1
    for far in FAR if sign > 0 else FAR[:-1]:
        if sign * (cost_at(sign * far) - target) >= 0:
            return min(near, sign * far), max(near, sign * far)
        near = sign * far
    return min(0, near), max(0, near)


def beside(base: Base) -> list[Beside]:
    """The published networks of the space with published costs, each with the family's own of its macs."""
    space = base.space
    changing = base.names
    return [
        _beside(base, name, changing)
        for name, reference in space.references.items()
        if reference.published and (set(changing) & set(reference.set) or base.by in reference.set)
    ]


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
