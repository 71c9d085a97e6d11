"""What narrowing the space would do: learnt from one half of the networks, told by the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nas.errors import NasError
from nas.report.blocks import Figure, Key, Table, sizes
from nas.report.charts import results
from nas.report.charts.results import Steps
from nas.report.charts.trades import Strip
from nas.report.material import Material
from nas.report.words import counted, listed, p_value, share, value
from nas.search.analysis import Narrowed, good_choices, good_range, narrow
from nas.service.views.ks_tests import named

LEAST = 40
"""Networks that it takes, in both halves together."""
RULES = 3
"""Parameters that are narrowed, the most decisive ones."""
DECISIVE = 0.1
"""The share of importance from which on a parameter is looked at for that."""
WORTH = 0.7
"""A range is worth a rule if it leaves at most this share of the networks."""
LEFT, STEPS = 8, 400


@dataclass(frozen=True)
class Rule:
    """A condition on one parameter."""

    parameter: str
    said: str
    met: list[bool]
    """Of each network."""


def narrowing(found: Material, strips: Sequence[Strip]) -> Figure | None:
    """The distribution inside and outside of the best few rules; None where none helps or there are too few
    networks.

    Good values are found among every second network and tried on the others, so that what moves is not what
    was searched for.
    """
    order = [each.parameter for each in found.importance.shares if each.share >= DECISIVE]
    known = {strip.axis.name: strip for strip in strips}
    rules = list(_rules(found, [known[name] for name in order if name in known]))[:RULES]
    if not rules:
        return None
    losses = known[rules[0].parameter].results
    met = [all(marks) for marks in zip(*(rule.met for rule in rules), strict=True)]
    try:
        moved = narrow(losses[1::2], met[1::2])
    except NasError:
        return None
    if min(moved.kept, moved.total - moved.kept) < LEFT:
        return None
    return _figure(found, rules, moved)


def _rules(found: Material, strips: Sequence[Strip]) -> Iterator[Rule]:
    """What is worth a rule, from every second network."""
    sign = 1 if found.aim.minimize else -1
    for strip in strips:
        half = [
            (v, sign * r)
            for v, r in list(zip(strip.values, strip.results, strict=True))[::2]
            if v is not None
        ]
        if len(half) < LEAST / 2:
            continue
        rule = _choice(strip, half) if strip.axis.kind == "choice" else _range(strip, half)
        if rule is not None and sum(rule.met) <= WORTH * len(rule.met):
            yield rule


def _choice(strip: Strip, half: Sequence[tuple[float | str, float]]) -> Rule | None:
    """The choice that is the best most often."""
    odds = good_choices([word for word, _ in half], [loss for _, loss in half]).choices
    if not odds or odds[0].share < 0.5 or odds[0].share <= odds[0].drawn:
        return None
    word = str(odds[0].value)
    return Rule(strip.axis.name, f"{strip.axis.name} = {word}", [v == word for v in strip.values])


def _range(strip: Strip, half: Sequence[tuple[float | str, float]]) -> Rule | None:
    """The good range of a number."""
    good = good_range([float(v) for v, _ in half], [loss for _, loss in half])
    ends = [end for end in (strip.axis.low, strip.axis.high) if end is not None]
    if ends and good.low <= ends[0] and good.high >= ends[-1]:
        return None
    said = f"{strip.axis.name} from {value(good.low)} to {value(good.high)}"
    if ends and good.high >= ends[-1]:
        said = f"{strip.axis.name} ≥ {value(good.low)}"
    elif ends and good.low <= ends[0]:
        said = f"{strip.axis.name} ≤ {value(good.high)}"
    met = [isinstance(v, float) and good.low <= v <= good.high for v in strip.values]
    return Rule(strip.axis.name, said, met)


def _figure(found: Material, rules: Sequence[Rule], moved: Narrowed) -> Figure:
    said = listed([rule.said for rule in rules])
    inside, outside = moved.inside.thinned(STEPS), moved.outside.thinned(STEPS)
    steps = [
        Steps("inside", inside.x, inside.y, "k1 strong"),
        Steps("outside", outside.x, outside.y, "k0 dash"),
    ]
    rows = [("inside", x, y) for x, y in zip(moved.inside.x, moved.inside.y, strict=True)]
    rows += [("outside", x, y) for x, y in zip(moved.outside.x, moved.outside.y, strict=True)]
    return Figure(
        id=f"{found.tag}-narrowing",
        title="If the space were narrowed",
        caption=_said(found, said, moved),
        table=Table(("networks", found.metric, "share at most"), rows),
        keys=[Key(f"inside: {said}", "k1"), Key("outside", "k0 dash")],
        chart=sizes(results.edf, steps, found.metric, found.aim.minimize),
    )


def _said(found: Material, said: str, moved: Narrowed) -> str:
    before, after = moved.everything.quantile(0.5), moved.inside.quantile(0.5)
    test = named("inside", "outside", moved.ks, minimize=found.aim.minimize)
    text = (
        f"Keeping to {said} leaves {share(moved.kept / moved.total)} of the networks. These rules are "
        f"from every second network; the lines are of the {counted(moved.total, 'other')}: the median "
        f"{found.metric} moves from {value(before)} to {value(after)}"
    )
    if not test.better:
        return f"{text}, which these networks do not tell from chance ({p_value(test.p_value)})."
    if test.better == "outside":
        return f"{text}: narrowing so would make it worse ({p_value(test.p_value)})."
    return (
        f"{text}, and a network inside is better than one outside in {share(test.odds)} of pairs (95 % "
        f"interval {share(test.odds_low)} to {share(test.odds_high)}, {p_value(test.p_value)})."
    )
