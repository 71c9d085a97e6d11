"""Drawing points that keep the rules on parameters: each group of parameters that hang together by itself.

What "uniform" means is the law of `Groups.any_point`: where all parameters are discrete and none is
logarithmic, every point of the space is as likely as any other, whether or not some are conditional
(beyond `MAX_BRANCHES` combinations of what decides about others, and in all other spaces, each value
follows its own domain's law, in order). A feasible point is one of that law that breaks no rule:
what is left when those that break one are drawn again.

Drawing in groups keeps that law. Two parameters are in one group if a rule on parameters reads both, or
the presence or length of one depends on the other; so a point is one part for each group, any part goes
with any other, and a point breaks a rule if and only if one of its parts does. The law is then a product
of the groups' laws (a uniform law on a product of sets is uniform on each), and a product drawn under a
condition on each factor is the product of the factors drawn under theirs. The cost is the sum of the
groups' tries instead of their product. Rules that need the network are asked of whole points afterwards.

A domain narrowed by a rule on one parameter leaves out what would be refused, by the law that is left. A
group in which few tries would pass is counted instead where it can be: then it is drawn by the number
of one of the points that keep its rules, all alike, without any refusal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from nas.errors import InfeasibleError
from nas.space.compiled import Compiled, Parameter
from nas.space.counting import PointCounter, TooManyError
from nas.space.names import Names
from nas.space.narrowing import Narrowing
from nas.space.rules import Rule

MAX_TRIES = 100_000
"""Draws of one group after which it is given up."""

PILOT, FEW, MANY = 64, 8, 32
"""Of so many draws, made once, how many keep the rules: few make counting worth while, many make one
group of all parameters the quickest."""

MAX_EFFORT = 2_000_000
"""Groups whose counting may try more values are not counted: most of them would be given up half-way."""

Rng = np.random.Generator


class Group:
    """Parameters that depend on no others, the rules on them, and how they are drawn."""

    def __init__(
        self, compiled: Compiled, parameters: Mapping[str, Parameter], rules: list[Rule], whole: bool
    ) -> None:
        self.compiled, self.parameters, self.rules = compiled, parameters, rules
        self.plain = PointCounter(compiled, parameters)
        """Counts and ranks the points of the group, whatever the rules say."""
        fixed = all(parameter.when is None and parameter.length is None for parameter in parameters.values())
        self._scalars = [(name, parameter.domain) for name, parameter in parameters.items() if fixed]
        self._ranked = whole and bool(self.plain.watched)
        even = self.plain.discrete and not _logarithmic(parameters)
        self.uniform = even and (whole or not self.plain.watched)
        """Whether all points of the group are alike."""

    @cached_property
    def kept(self) -> PointCounter | None:
        """The counter of the points that keep the rules, where all are alike and they can be counted."""
        counter = PointCounter(self.compiled, self.parameters, self.rules)
        counts = self.uniform and counter.effort <= MAX_EFFORT and _countable(counter)
        return counter if counts else None

    def draw(self, rng: Rng, tries: int) -> Names:
        """The names of a point of the group that keeps its rules.

        Raises:
            InfeasibleError: there is none, or `tries` draws in a row were refused.
        """
        if not self.rules:
            return self.compiled.names_type(self._any(rng))
        counter = self._counter
        if counter is not None and not counter.total:
            counter, tries = None, PILOT  # the commonest reason is still to be found
        reasons: list[str] = []
        while len(reasons) < tries:
            point = self._any(rng) if counter is None else _one(counter, rng)
            names = self.compiled.names_type(point)
            reason = self._broken(names)
            if reason is None:
                return names
            reasons.append(reason)
        reason, count = Counter(reasons).most_common(1)[0]
        detail = f"{count:,} of {tries:,} values of {', '.join(self.parameters)} were refused by {reason!r}"
        raise InfeasibleError("no feasible point found", detail)

    @cached_property
    def passed(self) -> int:
        """How many of `PILOT` draws keep the rules."""
        rng, made = np.random.default_rng(0), self.compiled.names_type
        return sum(self._broken(made(self._any(rng))) is None for _ in range(PILOT))

    @cached_property
    def _counter(self) -> PointCounter | None:
        """What the group is drawn from where few tries would pass; None where tries are quicker."""
        return self.kept if self.passed < FEW else None

    def _any(self, rng: Rng) -> dict[str, Any]:
        """A point of the group, whether it keeps the rules or not."""
        if self._ranked:
            return _one(self.plain, rng)
        if self._scalars:
            return {name: domain.sample(rng) for name, domain in self._scalars}
        return self.compiled.walk(lambda label, domain: domain.sample(rng), self.parameters)

    def _broken(self, names: Names) -> str | None:
        """Why the point of `names` is refused; None if it keeps the rules."""
        try:
            for rule in self.rules:
                rule.obey(names)
        except InfeasibleError as error:
            return error.reason
        return None


class Groups:
    """All parameters of a space in groups, and the points that keep the rules on parameters."""

    def __init__(self, compiled: Compiled, narrowing: Narrowing) -> None:
        self.compiled, self.narrowing = compiled, narrowing
        self.counter = PointCounter(compiled)
        """Counts and ranks all points, whatever the rules say."""

    @cached_property
    def _whole(self) -> bool:
        """Whether drawing value by value would not be uniform over points that can be counted."""
        even = self.counter.discrete and not _logarithmic(self.compiled.parameters)
        return even and bool(self.counter.watched) and _countable(self.counter)

    @cached_property
    def groups(self) -> list[Group]:
        """The groups, with narrowed domains; all parameters that no rule reads any more are one.

        One group of all where most of its draws keep the rules.
        """
        parameters = {
            name: replace(parameter, domain=self.narrowing.domains[name])
            for name, parameter in self.compiled.parameters.items()
        }
        rules = [rule for rule in self.compiled.rules.early if not self.narrowing.settles(rule)]
        found = self._of(parameters, rules)
        together = Group(self.compiled, parameters, rules, self._whole)
        return found if len(found) < 2 or together.passed < MANY else [together]

    @cached_property
    def share(self) -> float | None:
        """The share of points that keep the rules on parameters, where they can be counted."""
        share = 1.0
        for group in self._of(self.compiled.parameters, self.compiled.rules.early):
            if group.rules:
                if group.kept is None:
                    return None
                share *= (group.kept.total or 0) / (group.plain.total or 1)
        return share

    def _of(self, parameters: Mapping[str, Parameter], rules: Sequence[Rule]) -> list[Group]:
        return [
            Group(
                self.compiled,
                {name: parameter for name, parameter in parameters.items() if name in linked},
                [rule for rule in rules if rule.parameters <= linked],
                self._whole,
            )
            for linked in _linked(self.compiled, rules)
        ]

    def any_point(self, rng: Rng) -> dict[str, Any]:
        """A point of the space, whether it keeps the rules or not."""
        if self._whole:
            return _one(self.counter, rng)
        return self.compiled.walk(lambda label, domain: domain.sample(rng))

    def draw(self, rng: Rng, tries: int = MAX_TRIES) -> Names:
        """The names of a point that keeps the rules on parameters.

        Raises:
            InfeasibleError: there is none, or `tries` draws of one group in a row were refused.
        """
        if not self.groups:
            return self.compiled.names_type({})
        first, *others = self.groups
        names = first.draw(rng, tries)
        for group in others:
            names.__dict__.update(group.draw(rng, tries).__dict__)  # what was derived there holds here too
        return names


def _linked(compiled: Compiled, rules: Sequence[Rule]) -> list[frozenset[str]]:
    """The sets of parameters that hang together, by their first ones; those without rules are one set."""
    table, order = compiled.table, list(compiled.parameters)
    ruled = frozenset[str]().union(*(rule.parameters for rule in rules))
    links = [table.sources([*table.reads.get(name, ()), name], ()) & set(order) for name in order]
    groups: set[frozenset[str]] = set()
    for link in (*links, *(rule.parameters for rule in rules)):
        met = {group for group in groups if group & link}
        groups = (groups - met) | {link.union(*met)}
    free = {group for group in groups if not group & ruled}
    merged = (groups - free) | ({frozenset[str]().union(*free)} if free else set())
    return sorted(merged, key=lambda group: min(map(order.index, group)))


def _countable(counter: PointCounter) -> bool:
    try:
        return counter.total is not None
    except TooManyError:
        return False


def _logarithmic(parameters: Mapping[str, Parameter]) -> bool:
    return any(getattr(parameter.domain, "log", False) for parameter in parameters.values())


def _one(counter: PointCounter, rng: Rng) -> dict[str, Any]:
    """One of the counted points, all alike, however many."""
    total = counter.total or 0
    spare = 8  # bytes more than needed, so that the remainder's bias is below 2^-64
    return counter.point(int.from_bytes(rng.bytes((total.bit_length() + 7) // 8 + spare), "big") % total)
