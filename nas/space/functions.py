"""What an expression may call, and the guarded forms of operators that could run away."""

import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

MAX_LENGTH = 10_000
"""Longest list that an expression may make, and longest range."""

MAX_MAGNITUDE = 1e18
"""Largest number that a name may hold."""


NUMBERS: frozenset[Any] = frozenset([int, float])


class ExpressionError(ValueError):
    """An expression whose value is not allowed; the text says why."""


def number(value: Any) -> Any:
    """`value` if it is a finite number of sane size."""
    if not -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:
        raise ExpressionError(f"{_brief(value)} is not a number between -1e18 and 1e18")
    return value


def _brief(value: Any) -> str:
    """Two digits and a power for a whole number of more digits than anybody reads."""
    long = isinstance(value, int) and abs(value) >= 10**19
    return f"{Decimal(value):.1e}" if long else str(value)


def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent` with an exponent of at most 1000 and a result of sane size."""
    if exponent.__class__ is int and 0 <= exponent <= 32 and base.__class__ is int and -99 < base < 99:
        return base**exponent  # what nearly every power is
    if isinstance(exponent, int | float) and abs(exponent) > 1000:
        raise ExpressionError(f"exponent {exponent} is beyond 1000")
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > 4000:
        raise ExpressionError(f"{base}**{exponent} is too large")
    result = base**exponent
    if isinstance(result, complex):
        raise ExpressionError(f"{base}**{exponent} is not a real number")
    return result


def times(left: Any, right: Any) -> Any:
    """`left * right`; a list times a number repeats the list."""
    if left.__class__ in NUMBERS and right.__class__ in NUMBERS:
        return left * right  # what nearly every product is
    if isinstance(left, tuple | str) or isinstance(right, tuple | str):
        items, count = (left, right) if isinstance(left, tuple | str) else (right, left)
        if isinstance(count, int) and len(items) * count > MAX_LENGTH:
            raise ExpressionError(f"a list of {len(items) * count:,} is longer than {MAX_LENGTH:,}")
    return left * right


def modulo(left: Any, right: Any) -> Any:
    """`left % right` of numbers (of a string it would be formatting)."""
    if isinstance(left, str):
        raise ExpressionError(f"{left[:40]!r} % {right!r}: % is for numbers")
    return left % right


def rounded(value: float, digits: int = 0) -> Any:
    """`value` to `digits` decimals, at most 15; a whole number without them."""
    if not 0 <= digits <= 15:
        raise ExpressionError(f"round to {digits} decimals: 0 to 15 can be asked for")
    return round(value, digits) if digits else round(value)


def listed(items: Iterable[Any]) -> tuple[Any, ...]:
    """The items of a comprehension, at most `MAX_LENGTH`."""
    found = tuple(islice(items, MAX_LENGTH + 1))
    if len(found) > MAX_LENGTH:
        raise ExpressionError(f"a list longer than {MAX_LENGTH:,}")
    return found


def bounded_range(*limits: int) -> range:
    """`range(...)` of at most `MAX_LENGTH` steps."""
    result = range(*limits)
    if len(result) > MAX_LENGTH:
        raise ExpressionError(f"a range of {len(result):,} is longer than {MAX_LENGTH:,}")
    return result


def make_divisible(value: float, divisor: int) -> int:
    """The multiple of `divisor` nearest to `value`, never more than a tenth below it.

    As MobileNet and EfficientNet round their widths (arXiv:1801.04381).
    """
    if divisor < 1:
        raise ExpressionError(f"make_divisible by {divisor}")
    result = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


def _log(value: float) -> float:
    if value <= 0:
        raise ExpressionError(f"logarithm of {value}")
    return math.log(value)


def _log2(value: float) -> float:
    if value <= 0:
        raise ExpressionError(f"logarithm of {value}")
    return math.log2(value)


def _sqrt(value: float) -> float:
    if value < 0:
        raise ExpressionError(f"square root of {value}")
    return math.sqrt(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": rounded,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": _sqrt,
    "log": _log,
    "log2": _log2,
    "sum": sum,
    "len": len,
    "range": bounded_range,
    "int": int,
    "float": float,
    "make_divisible": make_divisible,
}
"""Everything that an expression may call, by name."""
