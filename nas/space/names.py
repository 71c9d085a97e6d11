"""The one table of names of a space, and its values at a point, each found on first use.

Constants, parameters, derived values and `input.*` share the table. What is an expression is
compiled once to a function of the values; reading one that is not there yet computes it.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from nas.errors import InfeasibleError, SpaceError
from nas.space.expressions import Code, RefusedError, Scope, compile_expression, function
from nas.space.functions import MAX_LENGTH, MAX_MAGNITUDE, NUMBERS, ExpressionError, number
from nas.space.schema import Where
from nas.space.yaml_reader import Path

Producer = Callable[["Names"], Any]


class Names:
    """The values of a space's names at one point. `_table` and `_refs` belong to the space's subclass."""

    _table: "NameTable"
    _rounds: int

    def __init__(self, point: Mapping[str, Any]) -> None:
        values = self.__dict__
        values.update(self._table.constants)
        values.update(point)
        values["_rounds"] = 0

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = self._table.produce(name, self)
        return value

    def _peek(self, name: str) -> Any:
        """The value of a name, or None where it has none at this point."""
        values = self.__dict__
        if name in values:
            return values[name]
        try:
            return getattr(self, name)
        except InactiveError:
            return None


class InactiveError(SpaceError):
    """A parameter was read at a point where its `when` does not hold, or that leaves it open."""

    def __init__(self, file: str, name: str) -> None:
        super().__init__(f"{file}: {name!r} is read at a point where it is not active")
        self.file, self.name = file, name

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.file, self.name))


class NameTable:
    """How each name gets its value.

    `expressions` maps a name to (text, key path); all else is a constant or comes with the point.
    """

    def __init__(self, constants: Mapping[str, Any], where: Where) -> None:
        self.constants = dict(constants)
        self.where = where
        self.producers: dict[str, Producer] = {}
        self.paths: dict[str, Path] = {}
        self.reads: dict[str, frozenset[str]] = {}

    def compile(self, text: Any, scope: Scope, path: Path) -> Code:
        """`text` as code; an error names file and key path."""
        try:
            return compile_expression(text, scope)
        except RefusedError as error:
            raise self.where.error(path, str(error)) from None

    def add_expression(self, name: str, text: Any, scope: Scope, path: Path) -> None:
        """`name` is the value of an expression."""
        code = self.compile(text, scope, path)
        self.add(name, function(code.source, "N"), code.reads, path)

    def add(self, name: str, producer: Producer, reads: frozenset[str], path: Path) -> None:
        """`name` is what `producer` makes of the other values, of which it reads `reads`."""
        self.producers[name] = producer
        self.reads[name] = reads
        self.paths[name] = path

    def sources(self, reads: Iterable[str], stop: Container[str]) -> frozenset[str]:
        """The names in `reads` and all that they come from, none seen through that is in `stop`."""
        found: set[str] = set()
        stack = list(reads)
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += () if name in stop else self.reads.get(name, ())
        return frozenset(found)

    def check_cycles(self) -> None:
        """Raise `SpaceError` if a value needs itself, naming the round trip."""
        done: set[str] = set()

        def visit(name: str, way: tuple[str, ...]) -> None:
            if name in way:
                trip = " -> ".join([*way[way.index(name) :], name])
                raise self.where.error(self.paths[name], f"{trip}: a value that needs itself")
            if name not in done:
                for read in sorted(self.reads.get(name, ())):
                    visit(read, (*way, name))
                done.add(name)

        for name in self.producers:
            visit(name, ())

    def produce(self, name: str, names: Names) -> Any:
        """The value of `name` at the point of `names`.

        Raises:
            InfeasibleError: it has none at this point (a root of a negative number, no solution).
            SpaceError: its expression is wrong (an index beyond a list).
        """
        producer = self.producers.get(name)
        if producer is None:
            raise InactiveError(self.where.file, name)
        path = self.paths[name]
        try:
            return checked(producer(names))
        except (ArithmeticError, ExpressionError) as error:
            raise InfeasibleError(f"{name.lstrip('_')} has no value", str(error)) from None
        except (TypeError, IndexError, KeyError, ValueError) as error:
            if isinstance(error, SpaceError | InfeasibleError):
                raise
            raise self.where.error(path, str(error)) from None


def checked(value: Any) -> Any:
    """A value that a name may hold: finite, of sane size, lists as tuples."""
    if value.__class__ in NUMBERS and -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:
        return value  # what nearly every value is
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple | range | str) and len(value) > MAX_LENGTH:
        raise ExpressionError(f"a list of {len(value):,} is longer than {MAX_LENGTH:,}")
    return tuple([checked(item) for item in value]) if isinstance(value, list | tuple | range) else value
