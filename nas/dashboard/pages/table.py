"""A table of trials as the page shows it: which columns, how each value is written, how headers sort."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.dashboard.pages.links import Link
from nas.service.conditions import COLUMNS
from nas.service.plain import plain
from nas.service.views.trials import TrialsPage
from nas.store.rows import COSTS, TrialRow

TEXTS = ("cause", "worker", "arch_id", "message")
TIMES = ("created", "started", "ended")
GROUPS = ("Trial", "Results", "Costs", "Parameters")
MESSAGE = "message"
"""A column that is shown but neither sorted nor filtered by."""


@dataclass(frozen=True)
class Head:
    """A column's header."""

    name: str
    numeric: bool
    sortable: bool
    sorted: str
    """asc, desc or empty."""
    link: Link
    about: str


@dataclass(frozen=True)
class Cell:
    """A value and how it is written."""

    kind: str
    """number, state, cost, time, seconds, text, figure or word."""
    value: Any


@dataclass(frozen=True)
class Line:
    """A trial."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """Headers and lines."""

    heads: list[Head]
    rows: list[Line]


def usual(page: TrialsPage) -> list[str]:
    """The columns that are shown if nobody chooses: the first six, and those that are not empty here."""
    names = [column.name for column in page.columns]
    filled = {name for i, name in enumerate(names) if any(row[i] is not None for row in page.cells)}
    said = [MESSAGE] if any(row.message for row in page.rows) else []
    return [name for i, name in enumerate(names) if i < 6 or name in filled] + said


def groups(page: TrialsPage, aims: Sequence[str]) -> list[tuple[str, list[str]]]:
    """All names one may filter by, in groups; objectives first."""
    found: dict[str, list[str]] = {"Results": [*aims], "Costs": [], "Parameters": [], "Trial": []}
    parameters = {column.name for column in page.columns if column.kind == "parameter"}
    for name in page.names:
        if name in aims:
            continue
        if name in COSTS:
            found["Costs"].append(name)
        elif name in COLUMNS:
            found["Trial"].append(name)
        else:
            found["Parameters" if name in parameters or "[" in name else "Results"].append(name)
    return [(group, names) for group, names in found.items() if names]


def table(page: TrialsPage, names: Sequence[str], link: Link) -> Table:
    """The page's trials under the columns `names`."""
    kinds = {column.name: column.kind for column in page.columns}
    places = {column.name: i for i, column in enumerate(page.columns)}
    lines = [
        Line(row.number, [_cell(name, kinds, _value(name, row, cells, places)) for name in names])
        for row, cells in zip(page.rows, page.cells, strict=True)
    ]
    heads = [_head(name, i, lines, page, link) for i, name in enumerate(names)]
    return Table(heads, [_aligned(line, heads) for line in lines])


def _aligned(line: Line, heads: Sequence[Head]) -> Line:
    """What is missing stands where numbers would, in a column of numbers."""
    cells = [
        Cell("figure", None) if head.numeric and cell.value is None else cell
        for cell, head in zip(line.cells, heads, strict=True)
    ]
    return Line(line.number, cells)


def _value(name: str, row: TrialRow, cells: Sequence[Any], places: Mapping[str, int]) -> Any:
    """What the page has already written into cells, else what the trial says by that name."""
    if name in places:
        return cells[places[name]]
    if name in COLUMNS or name in COSTS or name == MESSAGE:
        return plain(getattr(row, COLUMNS.get(name, name)))
    if name in row.metrics:
        return plain(row.metrics[name])
    base, _, rest = name.partition("[")
    value = row.point.get(base)
    if rest and isinstance(value, list | tuple):
        place = int(rest.removesuffix("]"))
        return value[place] if place < len(value) else None
    return value


def _cell(name: str, kinds: Mapping[str, str], value: Any) -> Cell:
    if name in ("number", "state"):
        return Cell(name, value)
    if name in TIMES:
        return Cell("time", value)
    if name == "seconds":
        return Cell("seconds", value)
    if name in TEXTS:
        return Cell("text", _line(value))
    if name in COSTS:
        return Cell("cost", value)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell("figure" if numeric else "word", value)


def _line(value: Any) -> str:
    """The last line of a text: of a traceback the one with the error."""
    lines = str(value or "").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _head(name: str, place: int, lines: Iterable[Line], page: TrialsPage, link: Link) -> Head:
    words = ("state", "text", "word")
    numeric = all(line.cells[place].kind not in words or line.cells[place].value is None for line in lines)
    chosen, _, way = (link.all("sort") or [""])[0].partition(":")
    now = (way or "asc") if chosen == name else ""
    sortable = name in page.names
    return Head(
        name=name,
        numeric=numeric,
        sortable=sortable,
        sorted=now,
        link=_next(name, now, link),
        about=f"Sort by {name}" if sortable else "",
    )


def _next(name: str, now: str, link: Link) -> Link:
    """A first click sorts upwards, a second downwards, a third not at all."""
    after = {"": name, "asc": f"{name}:desc", "desc": None}
    return link.put(sort=after[now])
