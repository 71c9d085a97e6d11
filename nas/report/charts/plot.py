"""A plot: frame, axes and marks, from the outside in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nas.drawing.svg import group, hover, number
from nas.drawing.text import escape, shortened, width as text_width
from nas.report.charts.scale import Scale

Point = tuple[float, float]
SMALL = 11.5
"""Size of the text in charts, in pixels."""
MANY = 150
"""Marks of a cloud, beyond which they are drawn small."""


@dataclass(frozen=True)
class Size:
    """The width of a chart in pixels; heights follow from what it shows."""

    width: float
    narrow: bool = False
    """For a telephone: fewer ticks, labels where there is room, marks without a title of their own."""


WIDE, NARROW = Size(820), Size(342, narrow=True)


@dataclass
class Plot:
    """Axes around an area; marks are added in the order in which they are drawn.

    `y_title` stands above the axis, where it can be read, `x_title` below the right end of the other one.
    """

    size: Size
    height: float
    x: Scale
    y: Scale
    y_title: str
    x_title: str
    right: float = 12.0
    """Room for labels to the right of the area."""
    x_ticks: Sequence[tuple[float, str]] | None = None
    y_ticks: Sequence[tuple[float, str]] | None = None
    title_css: str = ""
    """How the title above looks."""

    def __post_init__(self) -> None:
        narrow = self.size.narrow
        self.ys = self.y.labels(5) if self.y_ticks is None else list(self.y_ticks)
        self.xs = self.x.labels(4 if narrow else 8) if self.x_ticks is None else list(self.x_ticks)
        widest = max((text_width(said, SMALL) for _, said in self.ys), default=0.0)
        self.left = min(widest + 12, self.size.width * 0.42)
        self.top, self.bottom = 30.0, self.height - (42 if self.x_title else 24)
        self.x = self.x.at(self.left + 4, self.size.width - self.right)
        self.y = self.y.at(self.bottom, self.top)
        self._marks: list[str] = []

    @property
    def end(self) -> float:
        """The right end of the area."""
        return self.x.end

    def add(self, *marks: str) -> None:
        """Draw these next."""
        self._marks += marks

    def svg(self, said: str) -> str:
        """The chart; `said` is what a screen reader says of it."""
        return picture(self.size.width, self.height, self._axes() + "".join(self._marks), said)

    def _axes(self) -> str:
        lines, words = "", ""
        for value, said in self.ys:
            y = number(self.y(value))
            lines += f'<path d="M{number(self.left)} {y}H{number(self.end)}"/>'
            words += text(self.left - 8, self.y(value) + 4, said, "c-end")
        shown = -1e9
        for value, said in self.xs:
            at, half = self.x(value), text_width(said, SMALL) / 2
            if at - half < shown + 6 or at + half > self.size.width:
                continue
            shown = at + half
            lines += f'<path d="M{number(at)} {number(self.bottom)}v4"/>'
            words += text(at, self.bottom + 17, said, "c-mid")
        words += text(0, 14, self.y_title, f"c-axis {self.title_css}".strip())
        if self.x_title:
            words += text(self.end, self.height - 6, self.x_title, "c-axis c-end")
        return group(lines, "c-grid") + group(words, "c-words")


def picture(wide: float, high: float, inside: str, said: str) -> str:
    """A chart as an element of a page, as wide as its place."""
    box = f'viewBox="0 0 {number(wide)} {number(high)}" width="{number(wide)}" height="{number(high)}"'
    return f'<svg class="chart" {box} role="img" aria-label="{escape(said)}">{inside}</svg>'


def text(x: float, y: float, said: str, classes: str = "") -> str:
    """A line of text with its baseline at `y`."""
    css = f' class="{classes}"' if classes else ""
    return f'<text{css} x="{number(x)}" y="{number(y)}">{escape(said)}</text>'


def shade(count: int) -> str:
    """How marks of a cloud look: many are small and let others through."""
    return "faint" if count > MANY else "few"


def dots(points: Iterable[Point], classes: str = "") -> str:
    """Marks without a title: all of them one path, so that thousands are light."""
    drawn = "".join(f"M{number(x)} {number(y)}h0" for x, y in points)
    return f'<path class="c-dot {classes}" d="{drawn}"/>' if drawn else ""


def titled_dots(points: Iterable[tuple[float, float, str]], classes: str = "") -> str:
    """Marks that each say what they are."""
    drawn = "".join(f'<path d="M{number(x)} {number(y)}h0">{hover(said)}</path>' for x, y, said in points)
    return f'<g class="c-dot {classes}">{drawn}</g>' if drawn else ""


def line(points: Sequence[Point], classes: str = "", said: str = "") -> str:
    """A line through points."""
    if not points:
        return ""
    drawn = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f'<path class="c-line {classes}" d="{drawn}">{hover(said) if said else ""}</path>'


def stair(points: Sequence[Point], end: float, classes: str = "", said: str = "") -> str:
    """A line that keeps its height until the next point, and goes on to `end`."""
    if not points:
        return ""
    drawn = f"M{number(points[0][0])} {number(points[0][1])}"
    drawn += "".join(f"H{number(x)}V{number(y)}" for x, y in points[1:]) + f"H{number(end)}"
    return f'<path class="c-line {classes}" d="{drawn}">{hover(said) if said else ""}</path>'


def bar(x: float, y: float, wide: float, high: float, classes: str, said: str = "") -> str:
    """A rectangle with a title."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(max(wide, 0.5))}" height="{number(high)}"'
    return f'<rect class="{classes}" {place}>{hover(said) if said else ""}</rect>'


def cut(said: str, room: float) -> str:
    """Text shortened to so many pixels."""
    wide = text_width(said, SMALL)
    return said if wide <= room else shortened(said, max(3, int(len(said) * room / wide)))


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places of labels, moved so that they do not overlap and stay inside: each near its own."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = [min(max(places[i], low), high) for i in order]
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + gap)
    if found and found[-1] > high:
        found[-1] = high
        for i in range(len(found) - 2, -1, -1):
            found[i] = min(found[i], found[i + 1] - gap)
    moved = [0.0] * len(places)
    for place, i in zip(found, order, strict=True):
        moved[i] = place
    return moved
