"""Elements of SVG as text. Positions are pixels; classes are those of `nas.drawing.style`."""

from collections.abc import Iterable

from nas.drawing.text import escape

Points = Iterable[tuple[float, float]]
CORNER = 6.0
"""Radius of a wire's corners."""


def number(value: float) -> str:
    """To a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def rect(x: float, y: float, width: float, height: float, classes: str, *, radius: float = 0) -> str:
    """A rectangle, with round corners if asked."""
    round_ = f' rx="{number(radius)}"' if radius else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect class="{classes}" {place}{round_}/>'


def text(x: float, y: float, said: str, classes: str = "") -> str:
    """One line of text with its baseline at `y`."""
    css = f' class="{classes}"' if classes else ""
    return f'<text{css} x="{number(x)}" y="{number(y)}">{escape(said)}</text>'


def wire(points: Points, classes: str = "nas-wire") -> str:
    """A line through points, along the axes, with round corners."""
    row = list(points)
    drawn = f"M{_at(*row[0])}"
    for before, here, behind in zip(row, row[1:], row[2:], strict=False):
        drawn += f"L{_at(*_near(here, before))}Q{_at(*here)} {_at(*_near(here, behind))}"
    return f'<path class="{classes}" d="{drawn}L{_at(*row[-1])}"/>'


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def _near(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The place `CORNER` before a corner, or half way if the other end is nearer."""
    apart = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    part = min(CORNER, apart / 2) / apart if apart else 0.0
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part


def tip(x: float, y: float) -> str:
    """The head of an arrow that points right, its point at (x, y)."""
    return f'<path class="nas-tip" d="M{number(x)} {number(y)}l-6 -3.5v7z"/>'


def circle(x: float, y: float, radius: float, classes: str) -> str:
    """A circle."""
    return f'<circle class="{classes}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def hover(said: str) -> str:
    """What is shown while the mouse rests on the element around."""
    return f"<title>{escape(said)}</title>"


def group(inside: str, classes: str = "", *, x: float = 0, y: float = 0) -> str:
    """Elements together, moved by (x, y)."""
    css = f' class="{classes}"' if classes else ""
    move = f' transform="translate({number(x)} {number(y)})"' if x or y else ""
    return f"<g{css}{move}>{inside}</g>"


def fold(inside: str, path: str, said: str, *, opened: bool, embedded: bool) -> str:
    """Elements that stand for a stage or block which can be unfolded; a button where a page can hear it."""
    classes = "nas-fold nas-open" if opened else "nas-fold"
    button = ""
    if embedded:
        state = "true" if opened else "false"
        button = f' role="button" tabindex="0" aria-expanded="{state}" aria-label="{escape(said)}"'
    return f'<g class="{classes}" data-stage="{escape(path)}"{button}>{inside}</g>'


def opener(x: float, y: float, *, opened: bool) -> str:
    """The sign that something can be unfolded, around (x, y): plus, or minus where it is."""
    stroke = "M-3.5 0h7" + ("" if opened else "M0-3.5v7")
    return f'<path class="nas-sign" transform="translate({number(x)} {number(y)})" d="{stroke}"/>'
