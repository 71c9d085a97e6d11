"""Results: one after the other, as distributions, as learning curves."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.drawing.text import width as text_width
from nas.report.charts.plot import SMALL, Plot, Size, apart, dots, line, shade, stair, text, titled_dots
from nas.report.charts.scale import Scale, scale
from nas.report.words import value
from nas.service.views.curves import Curve
from nas.service.views.history import History

TITLED = 1_200
"""Marks of a chart that say which trial they are; of more they are only drawn."""
LABELLED = 4
"""Curves that are named."""
BEYOND = 0.02
"""The share of the worst results that a scale may leave out when they lie far off."""


def focus(values: Sequence[float], *, minimize: bool) -> Scale:
    """A scale over results where a few that went wrong do not press all others together: these lie on its
    edge."""
    good = sorted(values, reverse=not minimize)
    kept = good[: max(2, len(good) - int(len(good) * BEYOND))]
    found, whole = scale(kept), scale(good)
    return whole if found.log == whole.log and _span(whole) < 2 * _span(found) else found


def _span(found: Scale) -> float:
    return found.high / found.low if found.log else found.high - found.low


def history(found: History, size: Size) -> str:
    """Every result by trial, and the best so far."""
    told = [
        (n, v, s) for n, v, s in zip(found.numbers, found.values, found.states, strict=True) if v is not None
    ]
    across = Scale(0, max([n for n, _, _ in told] or [1]) * 1.01)
    label = value(found.best_values[-1]) if found.best_values else ""
    plot = Plot(
        size,
        300 if size.narrow else 330,
        across,
        focus([v for _, v, s in told if s == "complete"] or [v for _, v, _ in told], minimize=found.minimize),
        aimed(found.metric, found.minimize),
        "trial",
        right=12 + text_width(label),
    )
    for state, kind in (("pruned", "cut"), ("complete", "k0")):
        marks = [(plot.x(n), plot.y(v), f"trial {n}: {value(v)}, {s}") for n, v, s in told if s == state]
        plot.add(_marks(marks, f"{kind} {shade(len(told))}", size))
    steps = list(zip(found.best_numbers, found.best_values, strict=True))
    points = [(plot.x(n), plot.y(v)) for n, v in steps]
    plot.add(stair(points, plot.end, "k1 strong", "the best so far"))
    plot.add(
        titled_dots(
            (
                (x, y, f"trial {n}: {value(v)}, the best so far")
                for (x, y), (n, v) in zip(points, steps, strict=True)
            ),
            "k1 big",
        )
    )
    if points:
        plot.add(text(plot.end + 6, points[-1][1] + 4, label, "c-label k1"))
    return plot.svg(f"{found.metric} of {found.total} trials in order, with the best so far")


def _marks(marks: Sequence[tuple[float, float, str]], kind: str, size: Size) -> str:
    if size.narrow or len(marks) > TITLED:
        return dots(((x, y) for x, y, _ in marks), kind)
    return titled_dots(marks, kind)


@dataclass(frozen=True)
class Steps:
    """A distribution as a chart draws it: the share `y` of results that are not above each of `x`, rising."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    kind: str
    """Its classes, such as `k0`."""


def edf(found: Sequence[Steps], metric: str, minimize: bool, size: Size, *, height: float = 320) -> str:
    """Distributions over each other."""
    everything = sorted(x for each in found for x in each.x)
    plot = Plot(
        size,
        height,
        focus(everything, minimize=minimize),
        Scale(0, 1),
        f"share of networks with at most this {metric}",
        metric,
        y_ticks=[(k / 4, f"{25 * k} %") for k in range(5)],
    )
    for each in found:
        points = [(plot.x(x), plot.y(y)) for x, y in zip(each.x, each.y, strict=True)]
        if points:
            plot.add(stair([(points[0][0], plot.bottom), *points], plot.end, each.kind, each.name))
    names = " and ".join(each.name for each in found)
    return plot.svg(f"Distribution of {metric}: {names}")


def curves(found: Sequence[Curve], metric: str, minimize: bool, size: Size) -> str:
    """Learning curves, the first one in front, with the trials' numbers at their ends."""
    everything = [v for each in found for v in each.values if v is not None]
    last = max((epoch for each in found for epoch in each.epochs), default=1)
    plot = Plot(
        size,
        280 if size.narrow else 320,
        Scale(min((e for each in found for e in each.epochs), default=0), last if last > 1 else 2),
        focus(everything, minimize=minimize),
        aimed(metric, minimize),
        "epoch",
        right=12 + text_width(f"trial {max((c.number for c in found), default=0)}"),
    )
    ends: list[tuple[float, str, str]] = []
    for place, each in reversed(list(enumerate(found))):
        points = [
            (plot.x(e), plot.y(v)) for e, v in zip(each.epochs, each.values, strict=True) if v is not None
        ]
        kind = "k1 strong" if place == 0 else "k0 faint"
        plot.add(line(points, kind, f"trial {each.number}"))
        if points and place < LABELLED:
            ends.append((points[-1][1], f"trial {each.number}", kind.split()[0] if place == 0 else "c-quiet"))
    places = apart([y for y, _, _ in ends], SMALL + 2, plot.top, plot.bottom)
    for y, (_, said, kind) in zip(places, ends, strict=True):
        plot.add(text(plot.end + 6, y + 4, said, f"c-label {kind}"))
    return plot.svg(f"{metric} by epoch of the {len(found)} best trials")


def budget(shares: Sequence[tuple[float, float]], metric: str, minimize: bool, size: Size) -> str:
    """The best result to be expected of so many networks."""
    plot = Plot(
        size,
        260,
        Scale(1, max(shares[-1][0], 2), log=shares[-1][0] > 30),
        scale([v for _, v in shares]),
        aimed(f"expected best {metric}", minimize),
        "networks trained",
    )
    plot.add(line([(plot.x(n), plot.y(v)) for n, v in shares], "k0 strong", "expected best"))
    return plot.svg(f"Expected best {metric} by the number of networks trained")


def aimed(metric: str, minimize: bool) -> str:
    """A metric with the way that is better."""
    return f"{metric} ({'less' if minimize else 'more'} is better)"
