"""Charts in the look of the product's drawings: axes, dots, lines, words, as SVG without scripts."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nas.drawing import svg
from nas.drawing.style import STYLE
from nas.drawing.text import escape

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0568a", "#b07a00", "#3f9bd1", "#57606a")
"""Okabe and Ito's, darkened where they would be pale on white."""
DARK = ("#2f95d8", "#ee7f33", "#2fbf95", "#d98ab8", "#e8ab2a", "#7cc4ee", "#9da7b3")

Ticks = Sequence[tuple[float, str]]


def style() -> str:
    """The rules of the drawings and those of charts, light and dark."""
    rules = "".join(f".k{i}{{--kind:{colour}}}" for i, colour in enumerate(COLOURS))
    dark = "".join(f".k{i}{{--kind:{colour}}}" for i, colour in enumerate(DARK))
    own = (
        ".dot{fill:var(--kind);fill-opacity:.3;stroke:var(--kind);stroke-width:1.5}"
        ".hollow .dot{fill-opacity:.06;stroke-dasharray:3 2}"
        ".line{fill:none;stroke:var(--kind);stroke-width:2}.hollow .line{stroke-dasharray:5 3}"
        ".nas-drawing .said{fill:var(--kind);font-weight:600}.grid{stroke:var(--nas-faint);stroke-width:1}"
        ".nas-drawing .end{text-anchor:end}"
    )
    return f"{STYLE}{rules}@media (prefers-color-scheme: dark){{{dark}}}{own}"


@dataclass
class Plot:
    """Axes around an area of pixels; marks are added in the order in which they are drawn."""

    x: float
    y: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    log_x: bool = False
    log_y: bool = False
    drawn: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a value."""
        right = _share(x, self.x_range, self.log_x) * self.width
        up = _share(y, self.y_range, self.log_y) * self.height
        return self.x + right, self.y + self.height - up

    def axes(self, x_ticks: Ticks, y_ticks: Ticks, x_title: str, y_title: str) -> None:
        """Lines across at the ticks, their words, and what the axes are."""
        bottom, right = self.y + self.height, self.x + self.width
        for value, said in y_ticks:
            y = self.at(self.x_range[0], value)[1]
            self.drawn += [_line(self.x, y, right, y), svg.text(self.x - 8, y + 4, said, "nas-note end")]
        for value, said in x_ticks:
            x = self.at(value, self.y_range[0])[0]
            self.drawn += [
                _line(x, bottom, x, bottom + 4),
                svg.text(x, bottom + 18, said, "nas-note nas-middle"),
            ]
        self.drawn.append(svg.text(self.x - 34, self.y - 12, y_title, "nas-name"))
        self.drawn.append(svg.text(right, bottom + 36, x_title, "nas-note end"))

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """A line through values."""
        path = "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in (self.at(*point) for point in points))
        self.drawn.append(f'<path class="line" d="M{path}"/>')

    def dot(self, x: float, y: float, radius: float, said: str) -> None:
        """A circle at a value, with words where the mouse rests."""
        self.drawn.append(svg.group(svg.hover(said) + svg.circle(*self.at(x, y), radius, "dot")))

    def say(self, x: float, y: float, said: str, dx: float = 0, dy: float = 0, classes: str = "said") -> None:
        """Words beside a value, so many pixels away."""
        left, top = self.at(x, y)
        self.drawn.append(svg.text(left + dx, top + dy, said, classes))

    @contextmanager
    def inside(self, classes: str) -> Iterator[None]:
        """What is added within is of one kind."""
        before, self.drawn = self.drawn, []
        yield
        self.drawn = [*before, svg.group("".join(self.drawn), classes)]


def document(width: float, height: float, title: str, note: str, label: str, *plots: Plot) -> str:
    """The whole picture; `label` says in words what it shows."""
    head = svg.text(20, 30, title, "nas-title") + svg.text(20, 50, note, "nas-note")
    drawn = "".join(part for plot in plots for part in plot.drawn)
    size = f'width="{svg.number(width)}" height="{svg.number(height)}"'
    start = (
        f'<svg class="nas-drawing" {size} viewBox="0 0 {svg.number(width)} {svg.number(height)}" role="img"'
    )
    paper = svg.rect(0, 0, width, height, "nas-paper")
    return (
        f'{start} aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">'
        f"<style>{style()}</style>{paper}{head}{drawn}</svg>\n"
    )


def _share(value: float, ends: tuple[float, float], log: bool) -> float:
    """How far along an axis a value is, 0 to 1."""
    low, high, here = (math.log(v) if log else v for v in (*ends, value))
    return (here - low) / (high - low)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    places = " ".join(f'{name}="{svg.number(value)}"' for name, value in ends.items())
    return f'<line class="grid" {places}/>'
