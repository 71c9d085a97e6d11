"""Which numbers of a class are its parameters, which follow from them, and what they are called.

A number that is the same in all uses is written as it is. Numbers that are always equal are one parameter.
What is always a half, a quarter or twice another is computed from it, if there are enough uses to tell.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nas.model.export.choices import condition
from nas.model.export.expressions import Op, Ref
from nas.model.export.merging import ABSENT, USUAL, Columns
from nas.model.export.roles import WIDTH, Words, kind_of
from nas.model.export.terms import Slot, Term, choices_settled, mapped, values

ENOUGH = 3
"""Different values that must agree before one number is said to follow from another."""
FACTORS = range(2, 65)
FEW = 3
"""Most values of a ratio that is a parameter instead of a number."""
NONE = object()
"""No default."""

Column = list[Any]


@dataclass(frozen=True)
class Param:
    """A parameter of a class: its type, its default (`NONE` for one that must be given), and which numbers
    it may be equal to, a kind as `nas.model.export.roles.kind_of` tells them."""

    name: str
    type: str
    default: Any
    kind: str


class Parameters:
    """The parameters of one class, found from the columns of its slots.

    `channels` and `out` are the numbers of channels that go in and come out, one an instance, and `words`
    what they and all others are called. `kinds`: those of the parameters of classes that are used, by class
    and name.
    """

    def __init__(
        self,
        columns: Columns,
        channels: Column,
        out: Column,
        words: Words,
        kinds: Mapping[tuple[str, str], str],
    ) -> None:
        self._columns, self._words, self._kinds = columns, words, kinds
        self._into, self._from = words.ends
        self._base: dict[str, Column] = {self._into: channels, self._from: out}
        self.known: dict[str, Column] = {}
        self.kinds = {self._into: WIDTH, self._from: WIDTH}
        self.defaults: dict[str, Any] = {}
        self._values: dict[int, Any] = {}
        self._computed: list[tuple[Column, str, Any]] = []

    def settled(self, template: Term) -> Term:
        """The template with expressions in the place of slots and of choices."""
        slots = [value.index for value in values(template) if isinstance(value, Slot)]
        for index in sorted(slots, key=lambda i: (ABSENT in self._columns.values[i], i)):
            self._values[index] = self._resolve(index)

        def expression(value: Any) -> Any:
            return self._values[value.index] if isinstance(value, Slot) else value

        body = mapped(template, expression)
        return choices_settled(body, lambda there, part: condition(self, there, part, body))

    def params(self) -> tuple[Param, ...]:
        """Those that must be given first; channels in and out before other widths, these before the kernel,
        this before the rest, and last what torch has defaults for, in its order."""
        first = {self._into: 0, self._from: 1}

        def place(name: str) -> tuple[bool, int, int]:
            usual = list(USUAL).index(name) if name in USUAL else -1
            rest = 3 if name == "kernel_size" else 4
            width = self.kinds[name] == WIDTH and usual < 0
            return (name in self.defaults, first.get(name, 2 if width else rest), usual)

        names = sorted(self.known, key=place)
        return tuple(Param(n, _type(self.known[n]), self.defaults.get(n, NONE), self.kinds[n]) for n in names)

    def arguments(self) -> list[tuple[tuple[str, Any], ...]]:
        """The arguments of every instance."""
        names = [param.name for param in self.params()]
        rows = zip(*(self.known[name] for name in names), strict=True) if names else None
        if rows is None:
            return [() for _ in self._base[self._into]]
        return [
            tuple((n, self.defaults[n] if v is ABSENT else v) for n, v in zip(names, given, strict=True))
            for given in rows
        ]

    def candidates(self) -> dict[str, Column]:
        """All columns that have a name, used so far or not."""
        return {**self._base, **self.known}

    def use(self, name: str) -> Ref:
        """A reference to a parameter, which it becomes by that."""
        if name not in self.known:
            self.known[name] = self._base[name]
        return Ref(name)

    def add(self, name: str, column: Column, kind: str, argument: str = "") -> Ref:
        """A new parameter, by this name or one like it."""
        taken = {**self._base, **self.known}
        free = next(n for i in range(1, 10_000) if (n := f"{name}{i if i > 1 else ''}") not in taken)
        self.known[free], self.kinds[free] = column, kind
        told = [value for value in column if value is not ABSENT]
        if argument in USUAL and USUAL[argument] in told:
            self.defaults[free] = USUAL[argument]
        elif len(told) < len(column):
            self.defaults[free] = Counter(told).most_common(1)[0][0]
        return Ref(free)

    def _resolve(self, index: int) -> Any:
        column = self._columns.values[index]
        owner, argument = self._columns.roles[index]
        kind = self._kinds.get((owner, argument), kind_of(argument))
        told = [value for value in column if value is not ABSENT]
        if all(value == told[0] and type(value) is type(told[0]) for value in told):
            return self._known_partly(column, kind) or told[0]
        found = self._padding(index, column)
        if found is None:
            found = self._equal(column, kind)
        if found is None and kind == WIDTH:
            found = self._derived(column)
            if found is None and argument != "groups":
                found = self._ratio(column)
        if found is None:
            word = self._words.word(index, argument, self.candidates())
            return self.add(word, column, kind, argument)
        self._computed.append((column, kind, found))
        return found

    def _known_partly(self, column: Column, kind: str) -> Any:
        """A parameter of the same kind that agrees wherever the part is there, which it is not always."""
        if ABSENT not in column:
            return None
        equal = (
            n for n, known in self.known.items() if self.kinds[n] == kind and agree(column, known, _same)
        )
        return next((Ref(name) for name in equal), None)

    def _padding(self, index: int, column: Column) -> Any:
        """Half the kernel of the same layer."""
        owner, argument = self._columns.roles[index]
        if argument != "padding":
            return None
        for before in range(index - 1, -1, -1):
            other, name = self._columns.roles[before]
            if other == owner and name == "kernel_size":
                if agree(column, self._columns.values[before], lambda p, k: p == k // 2):
                    return Op("//", self._values[before], 2)
                return None
        return None

    def _equal(self, column: Column, kind: str) -> Any:
        for name, known in self.candidates().items():
            if self.kinds[name] == kind and agree(column, known, _same):
                return self.use(name)
        for known, other, expression in self._computed:
            if other == kind and agree(column, known, _same):
                return expression
        return None

    def _derived(self, column: Column) -> Any:
        """A multiple or a fraction of another number of channels."""
        if not all(type(value) is int for value in column if value is not ABSENT):
            return None
        for name, known in self.candidates().items():
            if self.kinds[name] != WIDTH or known is column or _different(column, known) < ENOUGH:
                continue
            for factor in FACTORS:
                if agree(column, known, _times(factor)):
                    return Op("*", self.use(name), factor)
                if agree(column, known, _part(factor)):
                    return Op("//", self.use(name), factor)
        return None

    def _ratio(self, column: Column) -> Any:
        """A few whole multiples of the channels: the multiple is the parameter."""
        base = self._base[self._into]
        if not agree(column, base, lambda a, b: type(a) is int and a % b == 0):
            return None
        ratios = [v if v is ABSENT else v // b for v, b in zip(column, base, strict=True)]
        told = {r for r in ratios if r is not ABSENT}
        if not 1 < len(told) <= FEW or _different(column, base) < max(ENOUGH, 2 * len(told)):
            return None
        return Op("*", self.use(self._into), self.add("expand", ratios, "expand"))


def agree(column: Column, other: Column, law: Callable[[Any, Any], bool]) -> bool:
    """Whether a law holds wherever the column has a value, and the other has one there too."""
    pairs = [(a, b) for a, b in zip(column, other, strict=True) if a is not ABSENT]
    return all(b is not ABSENT and law(a, b) for a, b in pairs)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b)


def _times(factor: int) -> Callable[[Any, Any], bool]:
    return lambda a, b: a == b * factor


def _part(factor: int) -> Callable[[Any, Any], bool]:
    return lambda a, b: a == b // factor


def _different(column: Column, other: Column) -> int:
    """How many different pairs there are to tell a law from."""
    return len({b for a, b in zip(column, other, strict=True) if a is not ABSENT})


def _type(column: Column) -> str:
    told = {type(value).__name__ for value in column if value is not ABSENT}
    if told == {"int", "float"}:
        told = {"float"}
    if "NoneType" in told:
        return " | ".join([*sorted(told - {"NoneType"}), "None"])
    return " | ".join(sorted(told))
