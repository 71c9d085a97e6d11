"""Tables for tests, over the small spaces of the tests of search."""

import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.space.space import Space


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """A CSV file, gzipped by its name."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def cells(point: Mapping[str, Any], space: Space, width: int | None) -> list[Any]:
    """A point's cells: vectors as JSON, or (`width`) in so many columns each."""
    row: list[Any] = []
    for name, parameter in space.parameters.items():
        value = point.get(name)
        if parameter.length is not None and width is not None:
            elements = list(value or ())
            row += [*elements, *[""] * (width - len(elements))]
        else:
            row.append(
                "" if value is None else json.dumps(value) if isinstance(value, list | tuple) else value
            )
    return row


def columns(space: Space, width: int | None) -> list[str]:
    """The names of these columns."""
    names: list[str] = []
    for name, parameter in space.parameters.items():
        vector = parameter.length is not None and width is not None
        names += [f"{name}[{i}]" for i in range(width or 0)] if vector else [name]
    return names


WIDTHS = list(range(1, 201))
SQUARE = {"width": {"int": [1, 200]}}


BOWL = """
space: bowl
about: How wide?
input: {channels: 1, size: 8, classes: 10}
parameters:
  width: {int: [1, 200]}
architecture:
  - conv: {out: =width, kernel: 3}
  - global_avg_pool
  - linear: {out: =input.classes}
answer:
  baseline: {set: {width: 8}}
"""
"""A space of one width, for the table below."""


def bowl(path: Path, *, seconds: bool = True) -> Path:
    """One row a width of `tiny(SQUARE)`: error least at 120, after 1, 2 and 3 epochs of `width` seconds."""
    header = ["width", "error@1", "error@2", "error@3", "final"] + ["seconds"] * seconds
    rows = []
    for width in WIDTHS:
        error = 0.01 + abs(width - 120) / 200
        rows.append([width, error * 3, error * 2, error, -error] + [3 * width] * seconds)
    return write(path, header, rows)
