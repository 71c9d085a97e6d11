"""What a table's columns are in a space: parameters, `arch_id`, metrics by epoch."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import TableError
from nas.space.domains import Choice, Domain, Float
from nas.space.schema import frozen_value
from nas.space.space import Space
from workers.tables.reading import Sheet

ARCH_ID = "arch_id"
ABSENT = "absent"
"""The key of a parameter that is not active; those of values are numbers and tuples."""

ELEMENT = re.compile(r"(.+)\[([0-9]+)\]")
EPOCH = re.compile(r"(.+)@([0-9]+)")


@dataclass(frozen=True, eq=False)
class Values:
    """A metric's numbers, one a row; where `empty`, there is none (a NaN is a number here: a divergence)."""

    numbers: NDArray[np.float64]
    empty: NDArray[np.bool_]


def epoch_of(column: str) -> tuple[str, int | None]:
    """`error@12` is ("error", 12), `error` ("error", None)."""
    found = EPOCH.fullmatch(column)
    return (found[1], int(found[2])) if found else (column, None)


def parameter_of(column: str, space: Space) -> tuple[str, int | None]:
    """The parameter that a column is for, and the element of a vector; "" if it is for none."""
    found = ELEMENT.fullmatch(column)
    if found and found[1] in space.parameters and space.parameters[found[1]].length is not None:
        return found[1], int(found[2])
    return (column if column in space.parameters else ""), None


def value_key(domain: Domain, value: Any) -> int | float:
    """A number that is the same for equal values of a domain; ValueError for what is none of its values.

    Texts are read as a value of the domain.
    """
    if isinstance(domain, Choice):
        return _choice(domain, value)
    number = float(value)
    if isinstance(domain, Float) and domain.step is not None:
        index = round((number - domain.low) / domain.step)
        number = domain.value(index) if abs(domain.value(index) - number) < 1e-6 * domain.step else number
    if not domain.contains(number if isinstance(domain, Float) else _whole(number)):
        raise ValueError(value)
    return number


def _whole(number: float) -> int | float:
    return int(number) if math.isfinite(number) and number == int(number) else number


def _choice(domain: Choice, value: Any) -> int:
    """The position of the value, or of the one that is written so."""
    wanted = [frozen_value(value)]
    if isinstance(value, str):
        wanted += [frozen_value(parsed) for parsed in _parsed(value)]
    for candidate in wanted:
        for index, known in enumerate(domain.values):
            if candidate == known and isinstance(candidate, bool) == isinstance(known, bool):
                return index
    for index, known in enumerate(domain.values):
        if str(known) == value:
            return index
    raise ValueError(value)


def _parsed(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except ValueError:
        return []


def point_key(point: Mapping[str, Any], space: Space) -> tuple[Any, ...]:
    """What tells a point from all others of its space; ValueError if a value is outside its domain."""
    key: list[Any] = []
    for name, parameter in space.parameters.items():
        if name not in point:
            key.append(ABSENT)
        elif parameter.length is None:
            key.append(value_key(parameter.domain, point[name]))
        else:
            key.append(tuple(value_key(parameter.domain, element) for element in point[name]))
    return tuple(key)


class Keys:
    """The points of a sheet's rows as `point_key` has them."""

    def __init__(self, sheet: Sheet, space: Space) -> None:
        self.sheet, self.space = sheet, space
        self._read: dict[str, dict[Any, int | float]] = {name: {} for name in space.parameters}
        self._columns: dict[str, list[str]] = {name: [] for name in space.parameters}
        for column in sheet.columns:
            name, _ = parameter_of(column, space)
            if name:
                self._columns[name].append(column)
        self.any = any(self._columns.values())
        self._refuse_gaps()

    def all(self) -> list[tuple[Any, ...]]:
        """A key a row, in order."""
        parts = [self._parts(name) for name in self.space.parameters]
        return list(zip(*parts, strict=True)) if parts else [()] * self.sheet.rows

    def _refuse_gaps(self) -> None:
        if not self.any:
            return
        for name, columns in self._columns.items():
            elements = sorted(e for _, e in (parameter_of(c, self.space) for c in columns) if e is not None)
            if not columns:
                raise TableError(f"{self.sheet.name} has columns for some parameters, but none for {name}")
            if elements != list(range(len(elements))) or (elements and len(elements) < len(columns)):
                listed = ", ".join(columns)
                raise TableError(
                    f"{self.sheet.name}: parameter {name} has the columns {listed}; write {name}[0], "
                    f"{name}[1], … without gaps, or one column {name} with lists as JSON"
                )

    def _parts(self, name: str) -> list[Any]:
        columns, vector = self._columns[name], self.space.parameters[name].length is not None
        if not vector:
            return [self._scalar(name, columns[0], row, cell) for row, cell in self._cells(columns[0])]
        if columns == [name]:
            return [self._list(name, row, cell) for row, cell in self._cells(name)]
        columns = sorted(columns, key=lambda column: parameter_of(column, self.space)[1] or 0)
        elements = [
            [self._scalar(name, column, row, cell) for row, cell in self._cells(column)] for column in columns
        ]
        return [_vector(row) for row in zip(*elements, strict=True)]

    def _cells(self, column: str) -> "enumerate[Any]":
        return enumerate(self.sheet.columns[column], start=1)

    def _scalar(self, name: str, column: str, row: int, cell: Any) -> Any:
        if cell is None:
            return ABSENT
        known = self._read[name]
        text = cell if isinstance(cell, str) else repr(cell)
        if text not in known:
            domain = self.space.parameters[name].domain
            try:
                known[text] = value_key(domain, cell)
            except (TypeError, ValueError):
                raise TableError(
                    f"{self.sheet.name}, row {row}: {column} is {cell!r}; "
                    f"in space {self.space.name} it is {domain}"
                ) from None
        return known[text]

    def _list(self, name: str, row: int, cell: Any) -> Any:
        if cell is None:
            return ABSENT
        found = _parsed(cell)[0] if isinstance(cell, str) and _parsed(cell) else cell
        if not isinstance(found, list):
            raise TableError(
                f"{self.sheet.name}, row {row}: {name} is {cell!r}; write a list, such as [1, 2]"
            )
        return tuple(self._scalar(name, name, row, element) for element in found)


def _vector(elements: Sequence[Any]) -> Any:
    """Elements up to the first empty cell; all empty: the parameter is not active."""
    length = elements.index(ABSENT) if ABSENT in elements else len(elements)
    return tuple(elements[:length]) if length else ABSENT


def metric_values(sheet: Sheet, column: str, space: Space) -> Values:
    """A column's numbers; raises `TableError` that says what else the column could have been."""
    cells = sheet.columns[column]
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            numbers[row] = 0.0 if cell is None else float(cell)
        except (TypeError, ValueError):
            parameters = ", ".join(space.parameters)
            raise TableError(
                f"{sheet.name}, row {row + 1}: column {column!r} has {cell!r}, which is no number, and it is "
                f"no parameter of space {space.name} ({parameters}); name it so, or leave it out"
            ) from None
    return Values(numbers, np.array([cell is None for cell in cells], dtype=np.bool_))
