"""Derived values that solve an equation: polynomial in the unknown, or in the whole network's cost."""

import math
from collections.abc import Callable
from typing import Any

from nas.errors import InfeasibleError
from nas.space.functions import number
from nas.space.polynomial import real_roots
from nas.space.schema import SolveModel


def split_equation(text: str) -> tuple[str, str]:
    """The two sides of `lhs = rhs`; ValueError if there is not exactly one `=`."""
    marks = [
        i
        for i, c in enumerate(text)
        if c == "=" and text[i - 1 : i] not in ("=", "!", "<", ">") and text[i + 1 : i + 2] != "="
    ]
    if len(marks) != 1:
        raise ValueError(f"{text!r} is not an equation: write left = right, with one =")
    return text[: marks[0]], text[marks[0] + 1 :]


def solve_polynomial(name: str, model: SolveModel, equation: Callable[[Any], Any]) -> float | int:
    """The root of `equation(unknown) = 0` that `model` asks for.

    Raises:
        InfeasibleError: no root in the domain, or several and no `pick`.
    """
    low, high = model.domain
    roots = real_roots(equation)
    kept = sorted({value for value in (_rounded(root, model) for root in roots) if low <= value <= high})
    if not kept:
        found = ", ".join(f"{root:.6g}" for root in roots) or "none"
        raise InfeasibleError(f"{name} has no solution", f"real roots {found}; domain [{low:g}, {high:g}]")
    if len(kept) > 1 and model.pick is None:
        listed = ", ".join(f"{value:.6g}" for value in kept)
        raise InfeasibleError(f"{name} has several solutions", f"{listed}; say pick: min or pick: max")
    return kept[-1] if model.pick == "max" else kept[0]


def _rounded(value: float, model: SolveModel) -> float | int:
    number(value)
    if model.round is None:
        return value
    unit = model.multiple or 1
    scaled = value / unit
    if model.round == "down":
        return int(unit * math.floor(scaled + 1e-9))
    if model.round == "up":
        return int(unit * math.ceil(scaled - 1e-9))
    return int(unit * math.floor(scaled + 0.5))


def solve_cost(name: str, model: SolveModel, cost: Callable[[Any], int], target: float) -> float | int:
    """The value on the grid of `model` whose whole network's cost comes nearest to `target`.

    `cost` must not fall as the value grows; ties go to the smaller value.

    Raises:
        InfeasibleError: the target lies outside what the domain reaches.
    """
    step = model.step or model.multiple or 1
    low, high = 0, math.floor((model.domain[1] - model.domain[0]) / step + 1e-9)

    def value(index: int) -> float | int:
        raw = model.domain[0] + index * step
        return round(raw) if float(raw).is_integer() and float(step).is_integer() else round(raw, 12)

    least, most = cost(value(low)), cost(value(high))
    if not least <= target <= most:
        reach = f"{target:g} is not between {least:g} and {most:g}"
        raise InfeasibleError(f"{name} has no solution", f"{reach}, the costs at the ends of its domain")
    while high - low > 1:
        middle = (low + high) // 2
        if cost(value(middle)) < target:
            low = middle
        else:
            high = middle
    nearer = target - cost(value(low)) <= cost(value(high)) - target
    return value(low if nearer else high)
