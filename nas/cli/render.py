"""Numbers, tables and JSON: rich on a terminal, plain and untruncated in a pipe."""

import dataclasses
import json
import math
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, TextIO

from nas.space.typed import words

BEYOND = 10**15
"""From here on a number is written as a power."""
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def si(number: float | None) -> str:
    """Three digits and an SI prefix: 4.23 G, 25.0 M, 512; 2^600 or 1.2e28 beyond; a dash for None."""
    if number is None:
        return "–"
    if abs(number) >= BEYOND:
        return whole(number)
    for size, prefix in UNITS:
        if abs(number) >= size * 0.9995:
            scaled = number / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f} {prefix}"
    return f"{number:g}"


def whole(number: float) -> str:
    """Every digit, or a power where there are too many to read: 15,625, 2^600, 1.2e28."""
    if abs(number) < BEYOND:
        return f"{number:,}"
    if isinstance(number, int) and number > 0 and number & (number - 1) == 0:
        return f"2^{number.bit_length() - 1}"
    if isinstance(number, int):
        digits = str(abs(number))  # a float ends at 1e308
        return f"{'-' if number < 0 else ''}{digits[0]}.{digits[1]}e{len(digits) - 1}"
    return f"{number:.1e}"


def span(seconds: float | None) -> str:
    """Seconds as 0:42, 3:05 or 1:02:03."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def shown(value: Any) -> str:
    """A value in a table: numbers to four significant digits, None as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return words(_short(value))
    return words(value)


def _short(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def settings(values: Mapping[str, Any]) -> str:
    """`alpha=1.15 convs=2,2,3`: exactly, and so that a shell and `--set` take it back."""
    return " ".join(f"{name}={_quoted(words(value))}" for name, value in values.items())


def _quoted(text: str) -> str:
    return f"'{text}'" if text.startswith("=") and shlex.quote(text) == text else shlex.quote(text)


def figures(values: Mapping[str, Any]) -> str:
    """`accuracy=0.9944 gamma=1.036`: to four digits, to be read."""
    return " ".join(f"{name}={shown(value)}" for name, value in values.items())


def plain(record: Any) -> Any:
    """A record as JSON data, in which numbers that are none are null."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: plain(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Enum):
        return record.value
    if isinstance(record, Mapping):
        return {str(plain(key)): plain(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [plain(value) for value in record]
    if hasattr(record, "tolist"):  # of numpy
        return plain(record.tolist())
    if isinstance(record, float) and not math.isfinite(record):
        return None
    return record


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
