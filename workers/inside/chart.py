"""Bar charts beside each other, in the letters and colours of the other pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from workers.inside.colours import GREY, GROUND, INK, INK_2, LINE, rgb
from workers.inside.numbers import spread
from workers.inside.sheet import LINE_HEIGHT, MARGIN, SCALE, length, write

WIDE, HIGH = 250, 150
"""Of the bars of a panel."""
LEFT, GAP = 50, 26
"""For the words of an axis; between panels."""
TICKS = 8
DECADES = 5
"""Most that an axis of powers of ten shows."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Bars for 0, 1, 2, …"""

    title: str
    about: str
    values: NDArray[np.float64]
    colour: int
    log: bool = False
    """Powers of ten along the side."""


def panels(charts: Sequence[Panel], axis: str) -> Image.Image:
    """All charts in a row, with the name of what is counted below each."""
    step = LEFT + WIDE + GAP
    width = 2 * MARGIN + len(charts) * step - GAP
    height = 2 * MARGIN + 2 * LINE_HEIGHT + 8 + HIGH + 2 * LINE_HEIGHT + 4
    made = Image.new("RGB", (width * SCALE, height * SCALE), rgb(GROUND))
    pen = ImageDraw.Draw(made)
    for index, chart in enumerate(charts):
        _panel(pen, chart, MARGIN + index * step, axis)
    return made


def heights(chart: Panel) -> tuple[NDArray[np.float64], list[tuple[float, str]]]:
    """Bars as shares of the panel's height, and the marks of its side: (share, words)."""
    most = float(chart.values.max(initial=0.0))
    if most <= 0:
        return np.zeros(len(chart.values)), [(0.0, "0")]
    if not chart.log:
        top = _round_up(most)
        return chart.values / top, [(part, f"{part * top:.3g}") for part in (0.0, 0.5, 1.0)]
    high = int(np.ceil(np.log10(most)))
    least = float(chart.values[chart.values > 0].min())
    low = max(int(np.floor(np.log10(least) - 1e-9)), high - DECADES)
    low -= low == high
    logs = np.log10(np.maximum(chart.values, 10.0**low))
    marks = [((power - low) / (high - low), f"1e{power}") for power in range(low, high + 1)]
    return (logs - low) / (high - low), marks


def _panel(pen: ImageDraw.ImageDraw, chart: Panel, x: int, axis: str) -> None:
    write(pen, (x, MARGIN), chart.title, INK)
    write(pen, (x, MARGIN + LINE_HEIGHT), chart.about)
    left, top = x + LEFT, MARGIN + 2 * LINE_HEIGHT + 8
    shares, marks = heights(chart)
    for share, words in marks:
        y = top + HIGH * (1 - share)
        _line(pen, left, y, left + WIDE, y, LINE if share == 0 else GREY)
        write(pen, (left - 6, y), words, anchor="rm")
    step = WIDE / len(shares)
    bar = max(step * 0.72, 1.0)
    for index, share in enumerate(shares):
        middle, y = left + (index + 0.5) * step, top + HIGH * (1 - share)
        if share > 0:
            box = (middle - bar / 2, y, middle + bar / 2, top + HIGH)
            pen.rectangle([round(v * SCALE) for v in box], fill=rgb(chart.colour))
    for index in spread(len(shares), TICKS):
        write(pen, (left + (index + 0.5) * step, top + HIGH + 5), str(index), INK_2, "ma")
    write(pen, (left + WIDE / 2 - length(axis) / 2, top + HIGH + 5 + LINE_HEIGHT), axis)


def _line(pen: ImageDraw.ImageDraw, x0: float, y0: float, x1: float, y1: float, colour: int) -> None:
    pen.line([round(v * SCALE) for v in (x0, y0, x1, y1)], fill=rgb(colour), width=SCALE)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 10, … times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(
        next(part * power for part in (1, 2, 3, 4, 5, 6, 8, 10) if part * power >= value * (1 - 1e-9))
    )
