"""A report as a test reads it: its elements, figures, data."""

import csv
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Figure:
    """One figure of a report."""

    id: str
    caption: str = ""
    charts: int = 0
    heads: list[str] = field(default_factory=list)
    shown: int = 0
    """Rows of the table in the page."""
    file: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)
    """Of the CSV."""


class Report(HTMLParser):
    """All that is in a document; raises if its elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.urls: list[str] = []
        self.words: list[str] = []
        self.handlers: list[str] = []
        self.figures: list[Figure] = []
        self._open: list[str] = []
        self._figure: Figure | None = None
        self.feed(text)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def figure(self, end: str) -> Figure:
        """The figure whose id ends so."""
        (found,) = [each for each in self.figures if each.id.endswith(end)]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.urls += [
            given[name] for name in ("href", "src", "xlink:href", "srcset", "action") if name in given
        ]
        self.handlers += [name for name in given if name.startswith("on")]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "figure" and given.get("class") == "chart-figure":
            self._figure = Figure(given["id"])
            self.figures.append(self._figure)
        if self._figure is not None:
            self._in_figure(self._figure, tag, given)

    def _in_figure(self, figure: Figure, tag: str, given: dict[str, str]) -> None:
        figure.charts += tag == "svg" and given.get("class") == "chart"
        figure.shown += tag == "tr" and "tbody" in self._open
        if tag == "a" and "download" in given:
            figure.file = given["download"]
            text = unquote(given["href"].removeprefix("data:text/csv;charset=utf-8,"))
            figure.rows = list(csv.DictReader(io.StringIO(text)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        last = self._open.pop()
        assert last == tag, f"</{tag}> where </{last}> is due"
        if tag == "figure":
            self._figure = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            return
        self.words.append(data)
        if self._figure is not None and "figcaption" in self._open:
            self._figure.caption += data
        if self._figure is not None and self._open[-1] == "th":
            self._figure.heads.append(data)
