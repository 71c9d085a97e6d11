"""Smaller domains: values that a rule surely refuses are taken away before anything is drawn.

Once for each parameter by the rules on it alone, and on the way through a point by the rules whose
last parameter is at hand. A domain keeps its kind, and every value that can be part of a feasible point;
where the values left are no domain of that kind, it is the smallest one around them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from math import ceil, floor, gcd
from typing import Any

from nas.errors import NasError
from nas.space.compiled import Choose, Compiled
from nas.space.counting import value_at, values_of
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.interval import Interval, UnsureError, shaved
from nas.space.rules import Rule

MAX_VALUES = 1000
"""Most values that are tried one by one; of more, and of a continuum, the ends are found by bisection."""

REMEMBERED = 10_000
"""Narrowed domains that are remembered: a step from a point passes by most of those of the point."""

Point = Mapping[str, Any]


class Narrowing:
    """The narrowed domains of a compiled space."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        order = list(compiled.parameters)
        self._last: dict[str, list[Rule]] = {name: [] for name in order}
        for rule in compiled.rules.early:
            self._last[max(rule.parameters, key=order.index)].append(rule)
        self._reads = {
            name: sorted({read for rule in rules for read in rule.parameters} - {name})
            for name, rules in self._last.items()
        }
        self._known: dict[str, Domain] = {}
        """What was narrowed on the way through a point, by the values that the rules read."""

    @cached_property
    def domains(self) -> dict[str, Domain]:
        """The domain of each parameter, narrowed once by the rules on it alone."""
        return {name: self._alone(name) for name in self.compiled.parameters}

    def settles(self, rule: Rule) -> bool:
        """Whether the narrowed domains keep the rule, so that it need not be asked again."""
        name = max(rule.parameters)
        domain = self.domains[name]
        if rule.parameters != {name} or self._varies(name) or not 0 < (domain.count or 0) <= MAX_VALUES:
            return False
        return all(rule.keeps(self.compiled.names_type({name: value})) for value in values_of(domain))

    def walk(self, choose: Choose) -> dict[str, Any]:
        """`Compiled.walk` with domains narrowed by the values before.

        A choice keeps the values that it has for every point, since samplers must find the same ones
        in all trials. Where no value is left the domain is offered as it was: the point is refused.
        """
        if not self.compiled.rules.early:
            return self.compiled.walk(choose)
        point: dict[str, Any] = {}

        def guided(label: str, domain: Domain) -> Any:
            name, _, element = label.partition("[")
            before = point.get(name, ()) if element else None
            value = choose(label, self._given(name, before, point))
            point[name] = value if before is None else (*before, value)
            return value

        return self.compiled.walk(guided)

    def _alone(self, name: str) -> Domain:
        rules = [rule for rule in self._last[name] if rule.parameters == {name}]
        domain = self.compiled.parameters[name].domain
        return domain if self._varies(name) else self._narrowed(domain, rules, lambda value: {name: value})

    def _varies(self, name: str) -> bool:
        """Whether the parameter is not one value at every point."""
        parameter = self.compiled.parameters[name]
        return parameter.when is not None or parameter.length is not None

    def _given(self, name: str, before: tuple[Any, ...] | None, point: Point) -> Domain:
        """The domain of a number or of a vector's next element, given what comes before it."""
        domain, rules = self.domains[name], self._last[name]
        if isinstance(domain, Choice) or not rules:
            return domain
        if before is not None and len(before) + 1 != self.compiled.width(name, point):
            return domain
        key = repr((name, before, [(read, point[read]) for read in self._reads[name] if read in point]))
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = self._narrowed(domain, rules, partial(_longer, point, name, before))
        return self._known[key]

    def _narrowed(self, domain: Domain, rules: Sequence[Rule], at: Callable[[Any], Point]) -> Domain:
        if not rules:
            return domain
        if domain.count is not None and domain.count <= MAX_VALUES:
            kept = _kept(domain, lambda i: self._refused(rules, at(value_at(domain, i))))
            return _around(domain, kept) if kept else domain
        if isinstance(domain, Int) or domain.count is None:
            return _shaved(domain, partial(self._never, rules, at))
        return domain

    def _refused(self, rules: Sequence[Rule], point: Point) -> bool:
        names = self.compiled.names_type(point)
        return any(rule.refuses(names) for rule in rules)

    def _never(self, rules: Sequence[Rule], at: Callable[[Any], Point], numbers: Interval) -> bool:
        """Whether one of the rules is surely false for all of `numbers`."""
        names = self.compiled.names_type(at(numbers))
        return any(_false(rule, names) for rule in rules)


def _false(rule: Rule, names: Any) -> bool:
    try:
        return rule.test(names) is False
    except (UnsureError, NasError, ArithmeticError, TypeError, ValueError, IndexError):
        return False  # of an interval, only what comes out false is sure


def _longer(point: Point, name: str, before: tuple[Any, ...] | None, value: Any) -> Point:
    """The point with one more value: the parameter `name`, or its next element after those `before`."""
    return {**point, name: value if before is None else (*before, value)}


def _kept(domain: Domain, refused: Callable[[int], bool]) -> list[int]:
    """The numbers of the values left; of a `Float`, whose grid stays as it is, the first and the last."""
    numbers = range(domain.count or 0)
    if not isinstance(domain, Float):
        return [i for i in numbers if not refused(i)]
    first = next((i for i in numbers if not refused(i)), None)
    return [] if first is None else [first, next(i for i in reversed(numbers) if not refused(i))]


def _shaved(domain: Int | Float, never: Callable[[Interval], bool]) -> Domain:
    ends = shaved(domain.low, domain.high, never)
    if ends is None:
        return domain
    if isinstance(domain, Float):
        return replace(domain, low=ends[0], high=ends[1])
    first, last = (ends[0] - domain.low) / domain.step, (ends[1] - domain.low) / domain.step
    inside = [ceil(first), floor(last)]
    return _ranged(domain, inside) if inside[0] <= inside[1] else domain


def _around(domain: Domain, kept: Sequence[int]) -> Domain:
    """The smallest domain of the same kind that has the values of these numbers."""
    if isinstance(domain, Choice):
        return Choice(tuple(domain.values[i] for i in kept))
    ranged = _ranged(domain, kept)
    if isinstance(domain, Int):
        apart = gcd(*(i - kept[0] for i in kept)) or 1
        return ranged if domain.log else replace(ranged, step=domain.step * apart)
    clean = round(domain.low, 12) == domain.low and round(domain.step or 0, 12) == domain.step
    same = [value_at(domain, i) for i in range(kept[0], kept[-1] + 1)] == list(values_of(ranged))
    return ranged if clean and same else domain  # else a value would differ in its last digit


def _ranged(domain: Int | Float, kept: Sequence[int]) -> Int | Float:
    return replace(domain, low=value_at(domain, kept[0]), high=value_at(domain, kept[-1]))
