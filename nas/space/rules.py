"""The rules of a space: what each depends on, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nas.cost.cost import COSTS
from nas.errors import InfeasibleError, NasError
from nas.space.expressions import INPUT_FIELDS, Scope, function
from nas.space.names import Names, NameTable
from nas.space.schema import Where


@dataclass(frozen=True)
class Rule:
    """A condition on the names of a point."""

    text: str
    test: Callable[[Names], Any]
    where: Where
    parameters: frozenset[str] = frozenset()
    """The parameters that it depends on, directly or through other names."""

    def obey(self, names: Names) -> None:
        """Do nothing if the point of `names` keeps the rule.

        Raises:
            InfeasibleError: it breaks the rule, or a value that the rule reads does not exist.
            SpaceError: the rule is wrong at this point: it is neither true nor false, or has no value.
        """
        try:
            kept = self.test(names)
        except NasError:
            raise
        except (ArithmeticError, TypeError, IndexError, ValueError) as error:
            raise self.where.error(("constraints",), f"{self.text!r}: {error}") from None
        if not isinstance(kept, bool):
            message = f"{self.text!r} is {kept!r}, not true or false: compare it with something"
            raise self.where.error(("constraints",), message)
        if not kept:
            raise InfeasibleError(self.text, self._values(names))

    def refuses(self, names: Names) -> bool:
        """Whether the point is surely refused, asked of a part of a point.

        Where the rule is wrong it neither refuses nor keeps: an earlier rule may keep such points away,
        and if none does, the error is told once a whole point is tested.
        """
        return self._verdict(names) is False

    def keeps(self, names: Names) -> bool:
        """Whether the point surely keeps the rule, asked of a part of a point."""
        return self._verdict(names) is True

    def _verdict(self, names: Names) -> bool | None:
        try:
            self.obey(names)
        except InfeasibleError:
            return False
        except NasError:
            return None
        return True

    def _values(self, names: Names) -> str:
        """The present values of the names in the rule, for its message."""
        known = [n for n in names.__dict__ if not n.startswith("_") and n in self.text]
        return ", ".join(f"{n} is {names.__dict__[n]!r}" for n in sorted(known))


class Rules:
    """All rules of a space, by what they need: parameters, anything but the network, or its costs."""

    def __init__(
        self,
        constraints: list[Any],
        table: NameTable,
        scope: Scope,
        parameters: Mapping[str, Any],
        cost_solved: Iterable[str],
        where: Where,
    ) -> None:
        self._table, self._parameters, self._where = table, parameters, where
        self._costly = {*COSTS, *cost_solved, "_refs"}
        self.cheap: list[Rule] = []
        """On parameters alone: asked before anything is lowered, and of parts of points."""
        self.plain: list[Rule] = []
        """Those that need no network of the point, but solved costs, references, or nothing at all."""
        self.priced: list[Rule] = []
        """On the costs of the point's network."""
        self.reads: frozenset[str] = frozenset()
        seen = Scope(scope.names | set(COSTS), {}, None, scope.refs)
        for index, text in enumerate(constraints):
            self._add(text, seen, index)
        for cost in COSTS if self.priced else ():
            table.add(cost, _cost_reader(cost), frozenset(), ("constraints",))
        self.early = [*self.cheap, *self._of_input()]
        """What parameters alone can break: the cheap rules, and an input that has no size there."""

    def __iter__(self) -> Iterator[Rule]:
        return iter((*self.cheap, *self.plain, *self.priced))

    def _add(self, text: Any, scope: Scope, index: int) -> None:
        code = self._table.compile(text, scope, ("constraints", index))
        self.reads |= code.reads
        on = self._only_parameters(code.reads)
        rules = self.priced if code.reads & set(COSTS) else self.cheap if on else self.plain
        rules.append(Rule(str(text), function(code.source, "N"), self._where, on))

    def _only_parameters(self, reads: Iterable[str]) -> frozenset[str]:
        """The parameters behind the names in `reads`; none where other things than these are needed."""
        sources = self._table.sources(reads, self._parameters)
        return frozenset() if sources & self._costly else sources.intersection(self._parameters)

    def _of_input(self) -> Iterator[Rule]:
        """That the input is one, where it follows from parameters: every network begins with it."""
        for field in INPUT_FIELDS:
            on = self._only_parameters([f"_input_{field}"])
            if on:
                yield Rule(f"input.{field}", partial(_has_number, field), self._where, on)


def input_number(names: Names, field: str) -> int:
    """The input's `size`, `channels` or `classes` at a point; InfeasibleError if it is none."""
    value = getattr(names, f"_input_{field}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or not 1 <= value <= 100_000:
        raise InfeasibleError(
            f"input.{field} out of range", f"{value!r} is not a whole number from 1 to 100000"
        )
    return value


def _has_number(field: str, names: Names) -> bool:
    return input_number(names, field) > 0


def _cost_reader(cost: str) -> Callable[[Names], Any]:
    return lambda names: getattr(names._architecture.cost, cost)
