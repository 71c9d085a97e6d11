"""Two numbers of each network against each other: fronts, published networks, parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nas.drawing.svg import hover, number
from nas.drawing.text import width as text_width
from nas.report.charts.plot import SMALL, Plot, Point, Size, bar, cut, dots, shade, stair, text, titled_dots
from nas.report.charts.results import TITLED, aimed, focus
from nas.report.charts.scale import Scale, scale
from nas.report.words import value
from nas.service.views.front import Axis, Front, FrontReference
from nas.service.views.parallel import ParallelAxis

PANEL = Size(262)
"""One of several small charts beside each other."""
FEW = 12
"""Up to so many different numbers their dots are spread, so that they do not hide each other."""


def front(fronts: Sequence[tuple[str, Front]], references: Sequence[FrontReference], size: Size) -> str:
    """Networks by two numbers, the front of each study as a line, and published networks."""
    first = fronts[0][1]
    xs = [x for _, each in fronts for x in each.xs] + [each.x for each in references]
    ys = [y for _, each in fronts for y in each.ys] + [each.y for each in references]
    plot = Plot(
        size,
        320 if size.narrow else 360,
        focus(xs, minimize=first.x.minimize),
        focus(ys, minimize=first.y.minimize),
        aimed(first.y.metric, first.y.minimize),
        aimed(first.x.metric, first.x.minimize),
    )
    for place, (_, each) in enumerate(fronts):
        _cloud(plot, each, f"k{place}")
    for place, (name, each) in enumerate(fronts):
        _line(plot, name, each, f"k{place if len(fronts) > 1 else 1}")
    _published(plot, references)
    return plot.svg(
        f"{first.y.metric} against {first.x.metric} of {sum(e.total for _, e in fronts)} networks"
    )


def _cloud(plot: Plot, found: Front, kind: str) -> None:
    best = set(found.front)
    marks = [
        (plot.x(x), plot.y(y), f"trial {n}: {_named(found.x, x)}, {_named(found.y, y)}")
        for place, (n, x, y) in enumerate(zip(found.numbers, found.xs, found.ys, strict=True))
        if place not in best
    ]
    plain, look = plot.size.narrow or len(marks) > TITLED, f"{kind} {shade(len(marks))}"
    plot.add(dots(((x, y) for x, y, _ in marks), look) if plain else titled_dots(marks, look))


def _line(plot: Plot, name: str, found: Front, kind: str) -> None:
    told = zip(found.front_numbers, found.front_xs, found.front_ys, strict=True)
    marks = [
        (plot.x(x), plot.y(y), f"trial {n}, on the front: {_named(found.x, x)}, {_named(found.y, y)}")
        for n, x, y in told
    ]
    points = [(x, y) for x, y, _ in marks]
    steps = (points, plot.end) if found.x.minimize else (points[::-1], plot.x.start)
    plot.add(stair(*steps, f"{kind} strong", f"front of {name}"))
    plot.add(titled_dots(marks, f"{kind} big"))


def _published(plot: Plot, references: Sequence[FrontReference]) -> None:
    taken: list[tuple[float, float]] = []
    for each in references:
        x, y = plot.x(each.x), plot.y(each.y)
        said = f"{each.name}, published: {value(each.x)}, {value(each.y)}"
        plot.add(f'<path class="c-gem" d="M{number(x)} {number(y - 6)}l6 6l-6 6l-6 -6z">{hover(said)}</path>')
        if any(abs(y - other_y) < SMALL and abs(x - other_x) < 90 for other_x, other_y in taken):
            continue
        taken.append((x, y))
        left = x + 10 + text_width(each.name, SMALL) > plot.size.width
        plot.add(
            text(x + (-9 if left else 9), y + 4, each.name, "c-label c-ref" + (" c-end" if left else ""))
        )


def _named(axis: Axis, number_: float) -> str:
    return f"{axis.metric} {value(number_)}"


@dataclass(frozen=True)
class Strip:
    """What one parameter has to do with a metric."""

    axis: ParallelAxis
    values: Sequence[float | str | None]
    """Of each network; None where the parameter is not active."""
    results: Sequence[float]
    good: tuple[float, float] | None
    """Where the best values lie, as far as that is known."""
    good_choices: dict[str, float]
    """Of a choice: how probable it is that each is the best."""
    best: int
    """Place of the best network."""


def strip(found: Strip, metric: str, minimize: bool) -> str:
    """Each network as a dot: a parameter against a metric, where good values lie shaded."""
    choices = found.axis.kind == "choice"
    y = focus(found.results, minimize=minimize)
    numbers = [v for v in found.values if isinstance(v, float)]
    if choices:
        x, ticks = Scale(-0.5, max(len(found.axis.choices) - 0.5, 0.5)), _names(found.axis.choices)
    else:
        x, ticks = _across(found.axis, numbers), None
    plot = Plot(PANEL, 190, x, y, cut(found.axis.name, 250), "", x_ticks=ticks, title_css="c-strong")
    plot.xs = _whole(plot.x.labels(4), numbers) if ticks is None else plot.xs
    _shade(plot, found, minimize)
    places = {word: float(place) for place, word in enumerate(found.axis.choices)}
    spread = 1.0 if choices else _gap(numbers) if not x.log else 0.0
    marks: list[Point] = []
    best: list[Point] = []
    for entry, (at, result) in enumerate(zip(found.values, found.results, strict=True)):
        if at is None:
            continue
        across = (places.get(at, 0.0) if isinstance(at, str) else at) + spread * _jitter(entry)
        (best if entry == found.best else marks).append((plot.x(across), plot.y(result)))
    plot.add(dots(marks, f"k0 {shade(len(marks))}"), dots(best, "k1 big"))
    return plot.svg(f"{metric} by {found.axis.name}")


def _across(axis: ParallelAxis, values: Sequence[float]) -> Scale:
    if axis.low is None or axis.high is None or axis.low == axis.high:
        return scale(values)
    if axis.log and axis.low > 0:
        return scale([axis.low, axis.high], log=True)
    room = _gap(values) / 2 or (axis.high - axis.low) * 0.03
    return Scale(axis.low - room, axis.high + room)


def _gap(values: Sequence[float]) -> float:
    """Between neighbours of a few values, where dots are spread; 0 of many, which spread by themselves."""
    known = sorted(set(values))
    if not 1 < len(known) <= FEW:
        return 0.0
    return min(b - a for a, b in pairwise(known))


def _shade(plot: Plot, found: Strip, minimize: bool) -> None:
    high = plot.bottom - plot.top
    if found.good is not None:
        room = 0.42 * _gap([v for v in found.values if isinstance(v, float)]) if not plot.x.log else 0.0
        low, top = plot.x(found.good[0] - room), plot.x(found.good[1] + room)
        said = f"good values: {value(found.good[0])} to {value(found.good[1])}"
        plot.add(bar(low - 2, plot.top, top - low + 4, high, "c-good", said))
    for place, word in enumerate(found.axis.choices):
        if (share := found.good_choices.get(word, 0.0)) >= 0.05:
            left = plot.x(place - 0.42)
            said = f"{word}: the best in {share:.0%} of samples"
            mark = bar(left, plot.top, plot.x(place + 0.42) - left, high, "c-good", said)
            deep = f'<rect style="fill-opacity:{0.08 + 0.3 * share:.2f}"'  # an attribute yields to the class
            plot.add(mark.replace("<rect", deep, 1))


def _whole(ticks: list[tuple[float, str]], values: Sequence[float]) -> list[tuple[float, str]]:
    """Ticks at whole numbers alone, where all values are."""
    if any(value % 1 for value in values):
        return ticks
    return [(at, said.removesuffix(".0")) for at, said in ticks if not at % 1]


def _names(choices: Sequence[str]) -> list[tuple[float, str]]:
    room = 200 / max(len(choices), 1)
    return [(float(place), cut(word, room)) for place, word in enumerate(choices)]


def _jitter(entry: int) -> float:
    """Beside each other, the same each time: the golden ratio spreads places evenly."""
    return (entry * 0.6180339887 % 1 - 0.5) * 0.6
