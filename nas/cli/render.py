"""Numbers, tables and JSON: rich on a terminal, plain and untruncated in a pipe."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from nas.service.plain import plain, shown


def print_json(record: Any) -> None:
    """One JSON document on standard output."""
    ascii_only = (sys.stdout.encoding or "utf-8").replace("-", "").lower() != "utf8"
    print(json.dumps(plain(record), indent=2, ensure_ascii=ascii_only))


def shares(acceptance: float | None, utilisation: float | None) -> str:
    """`12 % of draws accepted, slots 94 % busy`, as far as it is known."""
    said = []
    if acceptance is not None:
        said.append(f"{100 * acceptance:.3g} % of draws accepted")
    if utilisation is not None:
        said.append(f"slots {100 * utilisation:.0f} % busy")
    return ", ".join(said)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "", *, spare: Sequence[str] = ()
) -> None:
    """Rows under column heads; columns whose values are all numbers stand to the right.

    Where a terminal is too narrow the `spare` columns go, in that order, until a row is a line.
    """
    cells = [[shown(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        columns, cells = _fitting(columns, cells, spare, shutil.get_terminal_size().columns)
    widths = _widths(columns, cells)
    right = [all(_numeric(row[i]) for row in cells) for i in range(len(columns))]
    if sys.stdout.isatty():
        _rich(columns, cells, right, title)
        return
    if title:
        print(title)
    for row in [list(columns), *cells]:
        padded = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)]
        print("  ".join(padded).rstrip())


def _widths(columns: Sequence[str], cells: list[list[str]]) -> list[int]:
    return [max(len(head), *(len(row[i]) for row in cells), 0) for i, head in enumerate(columns)]


def _fitting(
    columns: Sequence[str], cells: list[list[str]], spare: Sequence[str], width: int
) -> tuple[Sequence[str], list[list[str]]]:
    """The columns and cells that fit into a line."""
    for name in spare:
        if sum(_widths(columns, cells)) + 2 * (len(columns) - 1) <= width:
            break
        keep = [i for i, head in enumerate(columns) if head != name]
        columns, cells = [columns[i] for i in keep], [[row[i] for i in keep] for row in cells]
    return columns, cells


def _numeric(text: str) -> bool:
    return text[:1] in "0123456789-–" and not text[1:2].isalpha()


def _rich(columns: Sequence[str], cells: list[list[str]], right: list[bool], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=None, title=title or None, title_justify="left", header_style="bold", pad_edge=False)
    for head, numeric in zip(columns, right, strict=True):
        grid.add_column(head, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        grid.add_row(*row)
    Console(highlight=False, markup=False).print(grid)


def problem_lines(problems: Sequence[str]) -> list[str]:
    """A check's findings for the terminal; that there are none is said too."""
    return [f"PROBLEM: {line}" for line in problems] or ["no problems found"]


@contextmanager
def unheard(stream: TextIO | None = None) -> Iterator[None]:
    """Who reads the output may go (`| head`): then nothing more is told, and all else goes on."""
    told = stream or sys.stdout
    try:
        yield
        told.flush()
    except BrokenPipeError:
        hush(told)


def hush(stream: TextIO) -> None:
    """What is written there from now on goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def next_steps(*commands: str) -> None:
    """What to type next."""
    print("Next: " + "\n      ".join(commands))
