"""What makes a network good: distribution, good values, what decides, what narrowing would do."""

import math
from collections.abc import Iterator, Sequence

from nas.report.blocks import Block, Figure, Key, Listing, Prose, Section, Table, sizes
from nas.report.charts import bars, results, trades
from nas.report.charts.results import Steps
from nas.report.charts.trades import Strip
from nas.report.material import Material
from nas.report.parts.narrowing import narrowing
from nas.report.words import counted, listed, share, value
from nas.search.analysis import edf
from nas.service.views.importance import WEAK
from nas.service.views.parallel import COSTS, Parallel

STRIPS = 24
"""Parameters that get a chart."""
NARROW, SURE = 0.6, 0.8
"""Values are few if they span at most this share of what is allowed, or one choice is the best so often."""
STEPS = 400
"""Of a distribution that are drawn."""


def design(found: Material) -> Section:
    """The space, by its networks."""
    return Section(f"{found.tag}-design", "What makes a network good", list(_blocks(found)))


def _blocks(found: Material) -> Iterator[Block]:
    yield distribution(found)
    strips = strips_of(found, found.parallel)
    if strips:
        yield ranges(found, strips)
        yield _good_values(found, strips)
    if found.importance.shares:
        yield importance(found)
        if (moved := narrowing(found, strips_of(found, found.sample))) is not None:
            yield moved
    else:
        why = found.importance.why_not or "it was still being computed; write the report again in a minute"
        yield Prose(f"Which parameters decide is not said: {why}.")


def distribution(found: Material) -> Figure:
    """The distribution of results."""
    known = edf(found.values)
    drawn = known.thinned(STEPS)
    steps = Steps(found.name, drawn.x, drawn.y, "k0 strong")
    low, half, high = (known.quantile(q) for q in (0.25, 0.5, 0.75))
    best = known.x[0] if found.aim.minimize else known.x[-1]
    said = (
        f"The share of {counted(known.n, 'network')} with at most each {found.metric}. Half of them are at "
        f"most {value(half)}, the median, and half lie between {value(low)} and {value(high)}; the best has "
        f"{value(best)}. A "
        "space is good where the line rises early"
        + ("." if found.aim.minimize else " (here: late, since more is better).")
    )
    return Figure(
        id=f"{found.tag}-distribution",
        title="How good the networks of the space are",
        caption=said,
        table=Table((found.metric, "share of networks at most"), list(zip(known.x, known.y, strict=True))),
        chart=sizes(results.edf, [steps], found.metric, found.aim.minimize),
    )


def strips_of(found: Material, told: Parallel) -> list[Strip]:
    """A parameter each, with where its good values lie."""
    results_ = [float(row[-1]) if isinstance(row[-1], int | float) else math.nan for row in told.rows]
    known = [place for place, result in enumerate(results_) if math.isfinite(result)]
    best = next((i for i, place in enumerate(known) if told.numbers[place] == found.best.number), -1)
    ranges_ = {each.parameter: (each.low, each.high) for each in found.good[0]}
    odds = {each.parameter: {c.value: c.share for c in each.choices} for each in found.good[1]}
    strips = []
    for column, axis in enumerate(told.axes[:-1]):
        values = [told.rows[place][column] for place in known]
        if axis.name in (*COSTS, told.metric) or len({v for v in values if v is not None}) < 2:
            continue
        losses = [results_[place] for place in known]
        strips.append(Strip(axis, values, losses, ranges_.get(axis.name), odds.get(axis.name, {}), best))
    return strips[:STRIPS]


def ranges(found: Material, strips: Sequence[Strip]) -> Figure:
    """Parameters against the metric, good values shaded."""
    said = (
        f"Each dot is a network, its {found.metric} over one parameter; the orange one is the best. "
        "Shaded is where the best of a quarter of the networks, drawn again and again, lies in 95 % of "
        "draws (the empirical bootstrap of the RegNet paper, arXiv:2003.13678, section 3.2); of choices "
        "the shade is the deeper the more often one is the best. "
    )
    said += _decided(strips)
    told = found.parallel
    if len(told.numbers) < told.total:
        said += (
            f" {len(told.numbers):,} of {told.total:,} are drawn: half of them the best, the others evenly."
        )
    return Figure(
        id=f"{found.tag}-ranges",
        title="Where good values lie, parameter by parameter",
        caption=said,
        table=_networks(found, strips),
        panels=[trades.strip(each, found.metric, found.aim.minimize) for each in strips],
        keys=[Key("networks", "k0", "dot"), Key("the best", "k1", "dot"), Key("good values", "good", "area")],
    )


def _decided(strips: Sequence[Strip]) -> str:
    """The parameters whose good values are few."""
    told = []
    for each in strips:
        width = _width(each)
        if each.good is not None and width is not None and width <= NARROW:
            low, high = each.good
            said = value(low) if low == high else f"from {value(low)} to {value(high)}"
            told.append((width, f"{each.axis.name} {said}"))
        elif each.good_choices and len(each.axis.choices) > 1:
            word, part = max(each.good_choices.items(), key=lambda pair: pair[1])
            if part >= SURE:
                told.append((1 / len(each.axis.choices), f"{each.axis.name} {word} ({share(part)} of draws)"))
    if not told:
        return "No parameter has few good values: none decides by itself."
    return f"Few values are good of: {listed([said for _, said in sorted(told)[:4]])}."


def _networks(found: Material, strips: Sequence[Strip]) -> Table:
    """What the dots are: a row a network."""
    told = found.parallel
    numbers = [n for n, row in zip(told.numbers, told.rows, strict=True) if isinstance(row[-1], int | float)]
    rows = list(zip(numbers, *(each.values for each in strips), strips[0].results, strict=True))
    return Table(("trial", *(each.axis.name for each in strips), found.metric), rows[::-1])


def _good_values(found: Material, strips: Sequence[Strip]) -> Listing:
    """The good ranges and choices."""
    heads = ("parameter", "good from", "to", "choices, by how often each is the best", "networks")
    rows = [_row(strip) for strip in strips]
    return Listing("Good values", Table(heads, rows), f"{found.tag}-good-values.csv")


def _row(strip: Strip) -> tuple[object, ...]:
    there = sum(v is not None for v in strip.values)
    low, high = strip.good or (None, None)
    choices = sorted(strip.good_choices.items(), key=lambda pair: -pair[1])
    told = ", ".join(f"{word} {share(part)}" for word, part in choices if part >= 0.005)
    return strip.axis.name, low, high, told, there


def _width(strip: Strip) -> float | None:
    """The share of a numeric parameter's domain that is good."""
    low, high = strip.axis.low, strip.axis.high
    if strip.good is None or low is None or high is None or high <= low:
        return None
    if strip.axis.log and low > 0:
        return math.log(strip.good[1] / strip.good[0]) / math.log(high / low)
    return (strip.good[1] - strip.good[0]) / (high - low)


def importance(found: Material) -> Figure:
    """What decides whether a network is among the best."""
    told = found.importance
    top = told.shares[0].share or 1.0
    rows = [
        bars.Bar(
            each.parameter, each.share / top, share(each.share), _there(each.coverage), part=each.coverage
        )
        for each in told.shares[:STRIPS]
    ]
    first = told.shares[0]
    most = [each.parameter for each in told.shares[:3] if each.share >= 0.1]
    said = (
        "How much each parameter decides whether a network is among the best tenth, from "
        f"{counted(told.used, 'network')} ({told.method}). {first.parameter} decides most, "
        f"{share(first.share)}" + (f"; {listed(most[1:])} next" if len(most) > 1 else "") + "."
    )
    if told.used < WEAK:
        said += " So few networks are a hint and no proof: others may turn the order round."
    partly = [each.parameter for each in told.shares if each.coverage < 0.995]
    if partly:
        said += (
            " The paler end of a bar: the share of networks in which the parameter is not active "
            f"({listed(partly[:4])}{' and others' if len(partly) > 4 else ''}); its importance is among "
            "the others."
        )
    return Figure(
        id=f"{found.tag}-importance",
        title="Which parameters decide",
        caption=said,
        table=Table(
            ("parameter", "share of importance", "share of networks in which it is active"),
            [(each.parameter, each.share, each.coverage) for each in told.shares],
        ),
        chart=sizes(bars.bars, rows, label=f"Importance of {len(rows)} parameters for {found.metric}"),
    )


def _there(coverage: float) -> str:
    return "" if coverage >= 0.995 else f"active in {share(coverage)}"
