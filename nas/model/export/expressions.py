"""Expressions over the parameters of an exported class."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Ref:
    """A parameter, or a variable of a loop."""

    name: str


@dataclass(frozen=True)
class Op:
    """Two operands and what is between them: `*`, `//`, `+`, `-`, `!=`, `==`, `or`, `and`."""

    sign: str
    left: Any
    right: Any


BINDING = {"or": 1, "and": 2, "!=": 3, "==": 3, ">": 3, "+": 4, "-": 4, "*": 5, "//": 5}


def text(value: Any, above: int = 0) -> str:
    """The value or expression as Python."""
    if isinstance(value, Ref):
        return value.name
    if not isinstance(value, Op):
        return repr(value)
    mine = BINDING[value.sign]
    said = f"{text(value.left, mine)} {value.sign} {text(value.right, mine + 1)}"
    return f"({said})" if mine < above else said


def refs(value: Any) -> Iterator[str]:
    """The names in an expression."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Op):
        yield from refs(value.left)
        yield from refs(value.right)


def with_values(known: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Puts values or expressions in the place of names."""

    def put(value: Any) -> Any:
        if isinstance(value, Ref):
            return known.get(value.name, value)
        if isinstance(value, Op):
            return folded(replace(value, left=put(value.left), right=put(value.right)))
        return value

    return put


FOLDED: dict[str, Callable[[Any, Any], Any]] = {
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "!=": lambda a, b: a != b,
    "==": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    "or": lambda a, b: a or b,
    "and": lambda a, b: a and b,
}


def folded(op: Op) -> Any:
    """The number that an operation on numbers comes to."""
    if isinstance(op.left, Ref | Op) or isinstance(op.right, Ref | Op):
        return op
    return FOLDED[op.sign](op.left, op.right)
