"""What source is written from: layers, uses of classes, and how they are put together.

A term stands for one module or a row of them. Its values are numbers; in the body of a class they may be
`Slot`s (not yet named) and, when the class is done, expressions over its parameters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

Value = Any
"""A plain value, a `Slot`, `Progress`, or an expression of `nas.model.export.expressions`."""


@dataclass(frozen=True)
class Slot:
    """The place of a value that may differ between the uses of a class."""

    index: int


@dataclass(frozen=True)
class Progress:
    """A value that rises by `step` from round to round of a `Repeat`, from `start`."""

    start: Value
    step: Value


@dataclass(frozen=True)
class Layer:
    """A module of torch, or one of the helpers: its class with its arguments by name."""

    name: str
    args: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class New:
    """A module of one of our classes."""

    name: str
    args: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Seq:
    """Terms one after the other; empty it is the identity."""

    children: "tuple[Term, ...]" = ()


@dataclass(frozen=True)
class Join:
    """Branches on one value: `sum`, `concat`, `gate` (times the one branch) or `gate_map` (likewise, the
    branch's vector spread over the map). `bare`: an expression, true where the value itself is a part too.
    """

    kind: str
    branches: tuple[Seq, ...]
    bare: Value = None


@dataclass(frozen=True)
class Named:
    """The value that passes gets a name."""

    name: str


@dataclass(frozen=True)
class Back:
    """Goes on from a named value."""

    name: str


@dataclass(frozen=True)
class Repeat:
    """The same term several times in a row: `count` less `less`."""

    body: "Term"
    count: Value
    less: int = 0


@dataclass(frozen=True)
class Maybe:
    """A term that is there where `condition` holds, else the identity."""

    body: "Term"
    condition: Value


Term = Layer | New | Seq | Join | Named | Back | Repeat | Maybe


def row(term: Term) -> tuple[Term, ...]:
    """The term as a row of terms."""
    return term.children if isinstance(term, Seq) else (term,)


def seq(terms: list[Term]) -> Term:
    """Terms in a row, nested rows spliced; one of them alone is itself."""
    flat = tuple(part for term in terms for part in row(term))
    return flat[0] if len(flat) == 1 else Seq(flat)


def inside(term: Term) -> Iterator[Term]:
    """The term and all terms in it, in order."""
    yield term
    for child in parts(term):
        yield from inside(child)


def parts(term: Term) -> tuple[Term, ...]:
    """The terms that a term is made of."""
    if isinstance(term, Seq):
        return term.children
    if isinstance(term, Join):
        return term.branches
    return (term.body,) if isinstance(term, Repeat | Maybe) else ()


def is_empty(term: Term) -> bool:
    """Whether it is the identity."""
    return isinstance(term, Seq) and not term.children


def is_module(term: Term) -> bool:
    """Whether a row can stand in an `nn.Sequential`: no branches meet in it, no value is named."""
    if isinstance(term, Join | Named | Back):
        return False
    return all(map(is_module, parts(term)))


def mapped(term: Term, change: Callable[[Value], Value]) -> Term:
    """The term with every value changed."""
    if isinstance(term, Layer | New):
        return replace(term, args=tuple((name, _value(value, change)) for name, value in term.args))
    if isinstance(term, Seq):
        return Seq(tuple(mapped(child, change) for child in term.children))
    if isinstance(term, Join):
        branches = tuple(Seq(row(mapped(branch, change))) for branch in term.branches)
        return Join(term.kind, branches, None if term.bare is None else change(term.bare))
    if isinstance(term, Repeat):
        return Repeat(mapped(term.body, change), change(term.count), term.less)
    if isinstance(term, Maybe):
        return Maybe(mapped(term.body, change), change(term.condition))
    return term


def _value(value: Value, change: Callable[[Value], Value]) -> Value:
    if isinstance(value, Progress):
        return Progress(change(value.start), change(value.step))
    return change(value)


def values(term: Term) -> Iterator[Value]:
    """All values in a term, in order."""
    found: list[Value] = []

    def note(value: Value) -> Value:
        found.append(value)
        return value

    mapped(term, note)
    yield from found


def choices_settled(term: Term, settle: Callable[[tuple[Any, ...], Any], Value]) -> Term:
    """The term with conditions in the place of where its parts are there, the outermost first."""
    if isinstance(term, Maybe):
        condition = settle(term.condition, term)
        return Maybe(choices_settled(term.body, settle), condition)
    if isinstance(term, Seq):
        return Seq(tuple(choices_settled(child, settle) for child in term.children))
    if isinstance(term, Repeat):
        return Repeat(choices_settled(term.body, settle), term.count, term.less)
    if isinstance(term, Join):
        bare = term.bare
        if isinstance(bare, tuple):
            bare = bare[0] if len(set(bare)) == 1 else settle(bare, term)
        branches = tuple(Seq(row(choices_settled(branch, settle))) for branch in term.branches)
        return Join(term.kind, branches, bare)
    return term
