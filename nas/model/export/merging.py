"""Terms of one shape that differ in numbers become one term with slots."""

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from nas.model.export.terms import (
    Back,
    Join,
    Layer,
    Maybe,
    Named,
    New,
    Progress,
    Repeat,
    Seq,
    Slot,
    Term,
    is_module,
    row,
    seq,
)

USUAL: dict[str, Any] = {
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "ceil_mode": False,
    "count_include_pad": True,
    "eps": 1e-5,
    "momentum": 0.1,
    "out": None,
}
"""Arguments of layers that need not be said."""
LEAST_PROGRESS = 3
"""Rounds from which on numbers that rise evenly are written as a loop."""


class Clash(Exception):  # noqa: N818 (not an error: another shape)
    """Terms of different shapes."""


class Absent:
    """The value of a slot where the term is not there."""

    def __repr__(self) -> str:
        return "-"


ABSENT = Absent()


@dataclass
class Columns:
    """The values of every slot, one an instance; and where a slot stands."""

    values: list[list[Any]] = field(default_factory=list)
    roles: list[tuple[str, str]] = field(default_factory=list)
    """(layer or class, argument)."""

    def slot(self, values: list[Any], owner: str, argument: str) -> Slot:
        """A new slot."""
        self.values.append(values)
        self.roles.append((owner, argument))
        return Slot(len(self.values) - 1)


def merged(terms: SequenceOf[Term | None], columns: Columns, strict: bool) -> Term:
    """One term for all of them; where it is None the term is absent. `strict`: nothing may be left out.

    Raises `Clash` for terms of different shapes.
    """
    there = [term for term in terms if term is not None]
    first = there[0]
    if any(type(term) is not type(first) for term in there):
        raise Clash
    if isinstance(first, Layer | New):
        return _merged_layers(terms, first, columns)
    if isinstance(first, Seq):
        return _aligned([None if term is None else row(term) for term in terms], columns, strict)
    if isinstance(first, Join):
        return _merged_joins(terms, first, columns, strict)
    if isinstance(first, Repeat):
        return _merged_repeats(terms, first, columns, strict)
    assert isinstance(first, Named | Back), first
    if any(term != first for term in there):
        raise Clash
    return first


def _merged_layers(terms: SequenceOf[Any], first: Layer | New, columns: Columns) -> Term:
    there = [term for term in terms if term is not None]
    if any(term.name != first.name for term in there):
        raise Clash
    names = sorted(dict.fromkeys(name for term in there for name, _ in term.args), key=_place)
    args = []
    for name in names:
        values = [ABSENT if term is None else _argument(term, name) for term in terms]
        args.append((name, _merged_value(values, first.name, name, columns)))
    return type(first)(first.name, tuple(args))


def _place(name: str) -> int:
    """Where an argument stands in a call: those that need not be said come last, in one order."""
    return list(USUAL).index(name) if name in USUAL else -1


def _argument(term: Layer | New, name: str) -> Any:
    for known, value in term.args:
        if known == name:
            return value
    if isinstance(term, New) or name not in USUAL:
        raise Clash
    return USUAL[name]


def _merged_value(values: list[Any], owner: str, name: str, columns: Columns) -> Any:
    progress = [isinstance(value, Progress) for value in values if value is not ABSENT]
    if not any(progress):
        return columns.slot(values, owner, name)
    if not all(progress):
        values = [Progress(v, 0) if v is not ABSENT and not isinstance(v, Progress) else v for v in values]
    starts = [v if v is ABSENT else v.start for v in values]
    steps = [v if v is ABSENT else v.step for v in values]
    return Progress(columns.slot(starts, owner, name), columns.slot(steps, owner, "step"))


def _merged_joins(terms: SequenceOf[Any], first: Join, columns: Columns, strict: bool) -> Term:
    there = [term for term in terms if term is not None]
    if any(
        (t.kind, len(t.branches), t.bare is None) != (first.kind, len(first.branches), first.bare is None)
        for t in there
    ):
        raise Clash
    branches = []
    for index in range(len(first.branches)):
        rows = [None if term is None else term.branches[index].children for term in terms]
        branches.append(Seq(row(_branch(rows, columns, strict))))
    bare = first.bare
    if bare is not None:
        bare = tuple(ABSENT if term is None else term.bare for term in terms)
    return Join(first.kind, tuple(branches), bare)


def _branch(rows: SequenceOf[tuple[Term, ...] | None], columns: Columns, strict: bool) -> Term:
    """A branch may be there or not as a whole."""
    empty = [r is not None and not r for r in rows]
    if not any(empty) or all(not r for r in rows):
        return _aligned(rows, columns, strict)
    if strict:
        raise Clash
    body = _aligned([r or None for r in rows], columns, strict)
    return Maybe(body, tuple(ABSENT if r is None else bool(r) for r in rows))


def _merged_repeats(terms: SequenceOf[Any], first: Repeat, columns: Columns, strict: bool) -> Term:
    if any(term is not None and term.less != first.less for term in terms):
        raise Clash
    body = merged([None if term is None else term.body for term in terms], columns, strict)
    counts = [first.less if term is None else term.count for term in terms]
    owner = body.name if isinstance(body, New | Layer) else ""
    return Repeat(body, columns.slot(counts, owner, "count"), first.less)


def _aligned(rows: SequenceOf[tuple[Term, ...] | None], columns: Columns, strict: bool) -> Term:
    """Rows of terms side by side: the others are parts of the longest one."""
    longest = max((r for r in rows if r is not None), key=len)
    placed = [None if r is None else _embedded(r, longest) for r in rows]
    result: list[Term] = []
    presence = [
        tuple(ABSENT if p is None else p[place] is not None for p in placed) for place in range(len(longest))
    ]
    for there, places in groupby(range(len(longest)), key=lambda place: presence[place]):
        part: list[Term] = []
        optional = any(found is False for found in there)
        for place in places:
            piece = merged([None if p is None else p[place] for p in placed], columns, strict)
            if optional and isinstance(piece, Repeat):
                result.append(piece)  # no round is a round less
            else:
                part.append(piece)
        if not optional:
            result += part
        elif part:
            if strict or not all(map(is_module, part)):
                raise Clash
            result.append(Maybe(seq(part), there))
    return Seq(tuple(result)) if len(result) != 1 else result[0]


def _embedded(mine: tuple[Term, ...], longest: tuple[Term, ...]) -> list[Term | None]:
    """`mine` beside the terms of `longest` that they are likest to, in order.

    Raises `Clash` if they are no part of it.
    """
    if len(mine) == len(longest):
        return list(mine)
    worst = float("-inf")
    best = [[worst] * (len(longest) + 1) for _ in range(len(mine) + 1)]
    best[len(mine)] = [0.0] * (len(longest) + 1)
    for i in range(len(mine) - 1, -1, -1):
        for j in range(len(longest) - 1, -1, -1):
            best[i][j] = max(best[i][j + 1], _likeness(mine[i], longest[j]) + best[i + 1][j + 1])
    if best[0][0] == worst:
        raise Clash
    found: list[Term | None] = [None] * len(longest)
    i = 0
    for j, other in enumerate(longest):
        if i < len(mine) and best[i][j] == _likeness(mine[i], other) + best[i + 1][j + 1]:
            found[j], i = mine[i], i + 1
    return found


def _likeness(a: Term, b: Term) -> float:
    if type(a) is not type(b):
        return float("-inf")
    if isinstance(a, Layer | New) and isinstance(b, Layer | New):
        if a.name != b.name:
            return float("-inf")
        return 1 + sum(pair in b.args for pair in a.args) + 0.5 * len(_equalities(a) & _equalities(b))
    return 1.0


def _equalities(term: Layer | New) -> set[tuple[str, str]]:
    """Pairs of arguments that are equal, as groups and channels of a filter of each channel by itself."""
    told = [(name, value) for name, value in term.args if type(value) is int and value > 1]
    return {(a, b) for a, x in told for b, y in told if a < b and x == y}


def repeated(loops: list[list[Term]]) -> list[Term]:
    """Loops with their rounds as terms: equal rounds are one that is repeated.

    All loops are written in one way: as a repetition; where some begin with another round than the rest,
    as that round and a repetition.
    """
    flat = [[r for r in rounds if r != Seq()] for rounds in loops]
    if all(_evenly(rounds) is not None for rounds in flat):
        return [seq(list(_evenly(rounds) or ())) for rounds in flat]
    if all(len(rounds) == 1 or _evenly(rounds[1:]) is not None for rounds in flat):
        return [seq([rounds[0], *_rest(rounds)]) for rounds in flat]
    return [seq(compressed(rounds)) for rounds in flat]


def _rest(rounds: list[Term]) -> list[Term]:
    """The rounds behind the first; as many as `count` less 1."""
    if len(rounds) == 1:
        return []
    if len(rounds) == 2:
        return [Repeat(rounds[1], 2, 1)]
    rest = seq(_evenly(rounds[1:]) or [])
    assert isinstance(rest, Repeat), rest
    return [Repeat(rest.body, len(rounds), 1)]


def _evenly(rounds: list[Term]) -> list[Term] | None:
    """Rounds as one repetition: equal ones, or such whose numbers rise evenly."""
    if not rounds:
        return []
    if all(r == rounds[0] for r in rounds):
        return [Repeat(rounds[0], len(rounds))]
    if len(rounds) < LEAST_PROGRESS or not isinstance(rounds[0], New):
        return None
    columns = Columns()
    try:
        body = merged(rounds, columns, strict=True)
    except Clash:
        return None
    known = [_progress(values) for values in columns.values]
    if any(value is None for value in known):
        return None
    assert isinstance(body, New)
    args = tuple((n, known[v.index] if isinstance(v, Slot) else v) for n, v in body.args)
    return [Repeat(New(body.name, args), len(rounds))]


def _progress(values: list[Any]) -> Any:
    """The one value, or how the values rise; None if unevenly."""
    if all(value == values[0] for value in values):
        return values[0]
    if not all(type(value) is int for value in values):
        return None
    step = values[1] - values[0]
    even = all(value == values[0] + step * i for i, value in enumerate(values))
    return Progress(values[0], step) if even else None


def compressed(terms: list[Term]) -> list[Term]:
    """Equal neighbours as repetitions."""
    result: list[Term] = []
    for _, group in groupby(terms):
        same = list(group)
        result += [Repeat(same[0], len(same))] if len(same) > 1 else same
    return result
