"""How many points a space has, and the point of a given rank: exact, conditionals respected.

Only parameters that something later reads (a `when`, a `length`, a rule) make a difference to what
follows; the points are counted by branching over those and multiplying over the rest, and what is
counted once for the values still read is not counted again. So 10^20 points take milliseconds.
Rules are asked where their last parameter has its value; without rules every point counts.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import prod
from typing import Any, NamedTuple

from nas.space.compiled import Compiled, Parameter
from nas.space.domains import Choice, Domain, Int
from nas.space.rules import Rule

MAX_BRANCHES = 200_000
"""Most values that are tried, one by one, before counting is given up."""

_ABSENT = object()


class TooManyError(ValueError):
    """The parameters depend on each other in more ways than are counted."""


class _Node(NamedTuple):
    """What may come at one parameter, given the values before it that still matter."""

    total: int
    """Points from here on."""
    width: int | None
    """Values of the parameter; None if it is not active."""
    values: Sequence[Any] = ()
    """Where they make a difference later: those that lead anywhere."""
    ends: Sequence[int] = ()
    """For each of `values`, the points up to and with it."""


class PointCounter:
    """Counts and ranks the points of some parameters (all if not given) that keep the `rules` on them.

    The parameters depend on no others. `total` is None for a continuum.
    """

    def __init__(
        self,
        compiled: Compiled,
        parameters: Mapping[str, Parameter] | None = None,
        rules: Sequence[Rule] = (),
    ) -> None:
        self.compiled = compiled
        self.parameters = compiled.parameters if parameters is None else parameters
        self.names = list(self.parameters)
        self._rules = [[r for r in rules if _last(r, self.names) == i] for i in range(len(self.names))]
        self.watched: set[str] = set()
        """Parameters that the activity or length of another depends on, directly or through other names."""
        self._matter = self._mattering()
        self._memo: dict[tuple[Any, ...], _Node] = {}
        self._left = MAX_BRANCHES

    @property
    def discrete(self) -> bool:
        """Whether every parameter has finitely many values."""
        return all(p.domain.count is not None for p in self.parameters.values())

    @property
    def total(self) -> int | None:
        """The number of points; None for a continuum.

        Raises:
            TooManyError: more than `MAX_BRANCHES` values would have to be tried.
        """
        return self._count(0, {}) if self.discrete else None

    @property
    def effort(self) -> int:
        """The most values that counting would try, one for each vector whose length is searched."""
        told = (i for i, name in enumerate(self.names) if self._rules[i] or name in self._matter[i + 1])
        return sum(prod(map(self._size, [*self._matter[i], self.names[i]])) for i in told)

    def point(self, rank: int) -> dict[str, Any]:
        """The point number `rank` (from 0), in the order of the parameters and their values."""
        assert 0 <= rank < (self.total or 0), "a rank within the space"
        point: dict[str, Any] = {}
        for index, (name, parameter) in enumerate(self.parameters.items()):
            node = self._node(index, point)
            if node.width is None:
                continue
            if node.ends:
                at = bisect_right(node.ends, rank)
                rank -= node.ends[at - 1] if at else 0
                point[name] = node.values[at]
            else:
                digit, rank = divmod(rank, self._count(index + 1, point))
                point[name] = _shaped(parameter, _tuple(parameter.domain, node.width, digit))
        return point

    def _mattering(self) -> list[list[str]]:
        """For each parameter, those before it that it or a later one, or a rule still to ask, reads."""
        found: list[list[str]] = []
        later: set[str] = set()
        table = self.compiled.table
        for index in reversed(range(len(self.names))):
            reads = table.sources(table.reads.get(self.names[index], ()), self.compiled.parameters)
            self.watched |= reads & self.parameters.keys()
            later = later.union(reads, *(rule.parameters for rule in self._rules[index]))
            found.append([name for name in self.names[:index] if name in later])
        return [*reversed(found), []]

    def _size(self, name: str) -> int:
        """How many values a parameter has, one where that depends on others."""
        table, known = self.compiled.table, self.compiled.parameters
        if table.sources(table.reads.get(name, ()), known) & known.keys():
            return 1
        return int((self.parameters[name].domain.count or 1) ** (self.compiled.width(name, {}) or 0))

    def _count(self, index: int, point: Mapping[str, Any]) -> int:
        return 1 if index == len(self.names) else self._node(index, point).total

    def _node(self, index: int, point: Mapping[str, Any]) -> _Node:
        key = (index, *(point.get(name, _ABSENT) for name in self._matter[index]))
        node = self._memo.get(key)
        if node is None:
            node = self._memo[key] = self._fresh(index, point)
        return node

    def _fresh(self, index: int, point: Mapping[str, Any]) -> _Node:
        name, rules = self.names[index], self._rules[index]
        parameter = self.parameters[name]
        width = self.compiled.width(name, point)
        if width is None:
            return _Node(self._count(index + 1, point) if self._keep(rules, point) else 0, None)
        if name not in self._matter[index + 1] and not rules:
            assert parameter.domain.count is not None
            return _Node(int(parameter.domain.count**width) * self._count(index + 1, point), width)
        values, counts = [], []
        for tried in self._tried(parameter.domain, width):
            value = _shaped(parameter, tried)
            longer = {**point, name: value}
            count = self._count(index + 1, longer) if self._keep(rules, longer) else 0
            if count:
                values.append(value)
                counts.append(count)
        return _Node(sum(counts), width, values, list(accumulate(counts)))

    def _keep(self, rules: Sequence[Rule], point: Mapping[str, Any]) -> bool:
        names = self.compiled.names_type(point) if rules else None
        return names is None or not any(rule.refuses(names) for rule in rules)

    def _tried(self, domain: Domain, width: int) -> Iterator[tuple[Any, ...]]:
        assert domain.count is not None
        self._left -= domain.count**width
        if self._left < 0:
            raise TooManyError(f"more than {MAX_BRANCHES:,} combinations to tell apart")
        return (_tuple(domain, width, rank) for rank in range(domain.count**width))


def _last(rule: Rule, names: Sequence[str]) -> int:
    """Where the last of a rule's parameters stands."""
    return max(names.index(name) for name in rule.parameters)


def _shaped(parameter: Parameter, values: tuple[Any, ...]) -> Any:
    return values if parameter.length is not None else values[0]


def value_at(domain: Domain, index: int) -> Any:
    """The value number `index` of a discrete domain."""
    if isinstance(domain, Choice):
        return domain.values[index]
    return domain.low + index * domain.step if isinstance(domain, Int) else domain.value(index)


def values_of(domain: Domain) -> Iterator[Any]:
    """All values of a discrete domain, in order."""
    return (value_at(domain, index) for index in range(domain.count or 0))


def _tuple(domain: Domain, width: int, rank: int) -> tuple[Any, ...]:
    assert domain.count is not None
    digits = []
    for _ in range(width):
        rank, digit = divmod(rank, domain.count)
        digits.append(value_at(domain, digit))
    return tuple(reversed(digits))
