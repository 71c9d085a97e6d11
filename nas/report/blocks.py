"""What a report is made of: sections of paragraphs, figures with their data, tables, facts, commands.

Text is escaped by the template; what is `Markup` was escaped before.
"""

import csv
import io
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

from markupsafe import Markup

from nas.report.charts.plot import NARROW, WIDE
from nas.service.plain import plain, shown
from nas.space.typed import words

SHOWN = 100
"""Rows of a figure's data that are in the page; all of them are in the file beside it."""


@dataclass(frozen=True)
class Table:
    """Rows under heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    best: int | None = None
    """A row that stands out."""

    @property
    def shown(self) -> Sequence[Sequence[Any]]:
        """The rows that are in the page."""
        return self.rows[:SHOWN]

    @property
    def numeric(self) -> list[bool]:
        """Which columns have numbers only: they stand to the right."""
        return [
            all(_is_number(row[i]) or row[i] is None for row in self.rows) for i in range(len(self.heads))
        ]

    def href(self) -> str:
        """All of it as CSV, every digit, in a URL: saved without asking anybody."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.heads)
        writer.writerows([[_cell(cell) for cell in row] for row in self.rows])
        return f"data:text/csv;charset=utf-8,{quote(text.getvalue(), safe=SAFE)}"


SAFE = " ,:;()[]{}=+*!?@$~'|/"
"""Left as they are in the address of a file, which is in double quotes; the others are escaped there."""


NAMES = ("trial", "which")
"""Columns whose numbers are names."""


def _is_number(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell == "–" or cell.endswith(" %")
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _cell(cell: Any) -> Any:
    """As CSV: text that a spreadsheet would take for a formula stays text."""
    cell = plain(cell)
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return words(cell) if isinstance(cell, list | bool) else cell


def cell_text(cell: Any, head: str, digits: int = 4) -> str:
    """A cell of a table as people read it: whole numbers with every digit, others to so many."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return shown(cell)
    if head in NAMES:
        return str(cell)
    long = isinstance(cell, int) or (abs(cell) >= 10**digits and cell.is_integer())
    return f"{cell:,.0f}" if long else f"{cell:.{digits}g}"


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    kind: ClassVar[str] = "prose"
    text: str


@dataclass(frozen=True)
class Key:
    """An entry of a legend."""

    name: str
    css: str
    mark: str = "line"
    """line, dot, gem or area."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that was drawn elsewhere, with the numbers behind it."""

    kind: ClassVar[str] = "picture"
    id: str
    title: str
    caption: str
    alt: str
    png: bytes
    data: bytes
    """JSON."""
    width: int
    height: int

    @property
    def source(self) -> str:
        """The picture in a URL."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"

    @property
    def href(self) -> str:
        """The numbers in a URL."""
        return f"data:application/json;base64,{b64encode(self.data).decode()}"


@dataclass(frozen=True)
class Chart:
    """A chart as SVG."""

    wide: str
    narrow: str
    """For a telephone."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart, what it shows in words, and its data."""

    kind: ClassVar[str] = "figure"
    id: str
    title: str
    caption: str
    table: Table
    chart: Chart | None = None
    panels: Sequence[str] = ()
    """Small charts beside each other, in its place."""
    keys: Sequence[Key] = ()

    @property
    def file(self) -> str:
        """What its data are saved as."""
        return f"{self.id}.csv"


def sizes(draw: Callable[..., str], *args: Any, **options: Any) -> Chart:
    """A chart for screens and for telephones."""
    return Chart(draw(*args, size=WIDE, **options), draw(*args, size=NARROW, **options))


@dataclass(frozen=True)
class Fact:
    """A number that stands by itself."""

    name: str
    said: str
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Numbers beside each other."""

    kind: ClassVar[str] = "facts"
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Pairs:
    """Names with what they are, in columns."""

    kind: ClassVar[str] = "pairs"
    title: str
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Listing:
    """A table in the text."""

    kind: ClassVar[str] = "listing"
    title: str
    table: Table
    file: str = ""
    """What it is saved as; empty: not at all."""


@dataclass(frozen=True)
class Points:
    """Sentences under each other."""

    kind: ClassVar[str] = "points"
    said: Sequence[str]


@dataclass(frozen=True)
class Code:
    """What may be typed, or a file; folded where it is long."""

    kind: ClassVar[str] = "code"
    title: str
    text: str
    folded: bool = False


@dataclass(frozen=True)
class Note:
    """Something that must not be overlooked."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True)
class Drawing:
    """A network as a picture of its own size."""

    kind: ClassVar[str] = "drawing"
    svg: Markup
    caption: str
    label: str


Block = Prose | Figure | Picture | Facts | Pairs | Listing | Points | Code | Note | Drawing


@dataclass(frozen=True)
class Section:
    """A part with a heading; what has no block is left out."""

    id: str
    title: str
    blocks: Sequence[Block] = ()
    sections: Sequence["Section"] = field(default_factory=tuple)


def slug(text: str) -> str:
    """A name as part of an id or of a file's name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "study"
