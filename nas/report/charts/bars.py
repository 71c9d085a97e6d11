"""Shares and amounts as bars, and slots at work over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.drawing.svg import number
from nas.drawing.text import width as text_width
from nas.report.charts.plot import Plot, Size, bar, cut, picture, text
from nas.report.charts.scale import Scale

ROW, THICK = 30.0, 14.0


@dataclass(frozen=True)
class Bar:
    """A row: its name, how long it is, what is written behind it."""

    name: str
    share: float
    """0 to 1 of the longest."""
    said: str
    note: str = ""
    kind: str = "k0"
    part: float = 1.0
    """The share of the bar that is filled; the rest is hatched, such as where a parameter is not active."""


def bars(rows: Sequence[Bar], size: Size, label: str) -> str:
    """Rows of bars, names before them and numbers behind."""
    names = max((text_width(row.name) for row in rows), default=0.0)
    left = min(names + 12, size.width * (0.4 if size.narrow else 0.45))
    behind = max((text_width(f"{row.said}  {'' if size.narrow else row.note}") for row in rows), default=0.0)
    room = max(size.width - left - behind - 12, 60.0)
    drawn = ""
    for place, row in enumerate(rows):
        y = place * ROW + 4
        long = row.share * room
        drawn += text(left - 10, y + THICK - 2.5, cut(row.name, left - 12), "c-end c-name")
        drawn += bar(left, y, room, THICK, "c-track")
        drawn += bar(
            left,
            y,
            long,
            THICK,
            f"c-bar {row.kind} pale" if row.part < 1 else f"c-bar {row.kind}",
            f"{row.name}: {row.said}",
        )
        if row.part < 1:
            drawn += bar(left, y, long * row.part, THICK, f"c-bar {row.kind}")
        at = left + room + 8
        drawn += text(at, y + THICK - 2.5, row.said, "c-said")
        if row.note and not size.narrow:
            drawn += text(at + text_width(row.said) + 8, y + THICK - 2.5, row.note)
    return picture(size.width, max(len(rows), 1) * ROW, drawn, label)


def busy(steps: Sequence[tuple[float, float]], most: int, unit: str, size: Size) -> str:
    """How many attempts ran at once, by time; `steps` are (time, attempts from then on)."""
    last = steps[-1][0] if steps else 1.0
    high = max([n for _, n in steps] + [most, 1])
    plot = Plot(size, 220, Scale(0, last or 1), Scale(0, high * 1.08), "attempts at once", unit)
    drawn = f"M{number(plot.x(0))} {number(plot.bottom)}"
    for at, count in steps:
        drawn += f"H{number(plot.x(at))}V{number(plot.y(count))}"
    plot.add(f'<path class="c-area k0" d="{drawn}H{number(plot.end)}V{number(plot.bottom)}z"/>')
    if most:
        y = number(plot.y(most))
        plot.add(f'<path class="c-limit" d="M{number(plot.left)} {y}H{number(plot.end)}"/>')
        plot.add(text(plot.end, plot.y(most) - 5, f"{most} slots", "c-label c-quiet c-end"))
    return plot.svg("Attempts that ran at once, over time")
