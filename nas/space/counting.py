"""How many points a space has, and the point of a given rank: exact, conditionals respected.

Only parameters that a later `when` or `length` reads make a difference to what follows; the space
is counted by branching over those and multiplying over the rest, so that 10^20 points take
milliseconds. Rules of the space (constraints, solutions) are not asked here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nas.space.compiled import Compiled, Parameter
from nas.space.domains import Choice, Domain, Int

MAX_BRANCHES = 200_000
"""Most combinations of values that count for later ones, before counting is given up."""


class TooManyError(ValueError):
    """The parameters depend on each other in more ways than are counted."""


class PointCounter:
    """Counts and ranks the points of a compiled space. `total` is None for a continuum."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.names = list(compiled.parameters)
        self.watched = _watched(compiled)
        self._memo: dict[tuple[Any, ...], int] = {}

    @property
    def discrete(self) -> bool:
        """Whether every parameter has finitely many values."""
        return all(p.domain.count is not None for p in self.compiled.parameters.values())

    @property
    def total(self) -> int | None:
        """The number of points; None for a continuum.

        Raises:
            TooManyError: more than `MAX_BRANCHES` combinations would have to be told apart.
        """
        return self._count(0, {}) if self.discrete else None

    def point(self, rank: int) -> dict[str, Any]:
        """The point number `rank` (from 0), in the order of the parameters and their values."""
        assert 0 <= rank < (self.total or 0), "a rank within the space"
        point: dict[str, Any] = {}
        for index, name in enumerate(self.names):
            parameter = self.compiled.parameters[name]
            width = self.compiled.width(name, point)
            if width is not None:
                point[name], rank = self._take(index, parameter, width, rank, point)
        return point

    def _take(
        self, index: int, parameter: Parameter, width: int, rank: int, point: Mapping[str, Any]
    ) -> tuple[Any, int]:
        """The value of one parameter at `rank`, and the rank that is left among what follows it."""
        name = self.names[index]
        if name not in self.watched:
            digit, left = divmod(rank, self._count(index + 1, point))
            return _shaped(parameter, _tuple(parameter.domain, width, digit)), left
        for values in _tuples(parameter.domain, width):
            value = _shaped(parameter, values)
            count = self._count(index + 1, {**point, name: value})
            if rank < count:
                return value, rank
            rank -= count
        raise AssertionError("a rank beyond the count")

    def _count(self, index: int, point: Mapping[str, Any]) -> int:
        if index == len(self.names):
            return 1
        key = (index, *(point.get(name) for name in self.names[:index] if name in self.watched))
        if key not in self._memo:
            if len(self._memo) > MAX_BRANCHES:
                raise TooManyError(f"more than {MAX_BRANCHES:,} combinations to tell apart")
            self._memo[key] = self._fresh_count(index, point)
        return self._memo[key]

    def _fresh_count(self, index: int, point: Mapping[str, Any]) -> int:
        name = self.names[index]
        parameter = self.compiled.parameters[name]
        width = self.compiled.width(name, point)
        if width is None:
            return self._count(index + 1, point)
        if name not in self.watched:
            assert parameter.domain.count is not None
            return int(parameter.domain.count**width) * self._count(index + 1, point)
        return sum(
            self._count(index + 1, {**point, name: _shaped(parameter, values)})
            for values in _tuples(parameter.domain, width)
        )


def _shaped(parameter: Parameter, values: tuple[Any, ...]) -> Any:
    return values if parameter.length is not None else values[0]


def _watched(compiled: Compiled) -> set[str]:
    """Parameters that the activity or length of another depends on, directly or through other names."""
    watched: set[str] = set()
    stack = [read for name in compiled.parameters for read in compiled.table.reads.get(name, ())]
    while stack:
        name = stack.pop()
        if name in compiled.parameters and name not in watched:
            watched.add(name)
        elif name not in compiled.parameters:
            stack += compiled.table.reads.get(name, ())
    return watched


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


def _tuples(domain: Domain, width: int) -> Iterator[tuple[Any, ...]]:
    assert domain.count is not None
    if domain.count**width > MAX_BRANCHES:
        raise TooManyError(f"more than {MAX_BRANCHES:,} combinations to tell apart")
    return (_tuple(domain, width, rank) for rank in range(domain.count**width))
