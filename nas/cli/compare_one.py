"""What `nas compare` prints of one study, and how it writes shares and probabilities."""

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nas.service.analysing import Analysis, WhatIf
    from nas.service.good_values import GoodOdds, GoodValues
    from nas.service.spread import Quantile

REACHED = "best 50 %: half of the networks are at least as good; likewise the others"
SHOWN = 4
"""Choices of a parameter in a line."""


def heading(metric: str, minimize: bool, where: Sequence[str]) -> str:
    """What is compared."""
    only = f", of networks with {' and '.join(where)}" if where else ""
    return f"{metric}, {'less' if minimize else 'more'} is better{only}"


def heads_of(quantiles: "Sequence[Quantile]") -> list[str]:
    """Of columns."""
    return [f"best {100 * each.share:.0f} %" for each in quantiles]


def cells_of(quantiles: "Sequence[Quantile]") -> list[float | None]:
    """Under these heads."""
    return [each.value for each in quantiles]


def percent(value: float) -> str:
    """0.937 as 94 %."""
    return f"{100 * value:.0f} %"


def probability(value: float) -> str:
    """A probability; the smallest that a float holds is no zero."""
    if value < 1e-300:
        return "< 1e-300"
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"


def print_one(found: "Analysis", narrowed: "WhatIf | None", json: bool) -> None:
    """What a study says of its space, or what narrowing it would do."""
    from nas.cli.render import next_steps, print_json, table

    if json:
        print_json({"analysis": found, "if": narrowed})
        return
    print(f"{found.study}: {found.n:,} network{'s'[: found.n != 1]} of {found.space} on {found.data}")
    print(heading(found.metric, found.minimize, found.where))
    if narrowed is not None:
        _print_narrowed(narrowed)
        those = " ".join(f"--where {quote(text)}" for text in narrowed.conditions)
        next_steps(f"nas trials {found.study} {those}", f"nas compare {found.study}")
        return
    table(("best", *heads_of(found.quantiles)), [(found.best, *cells_of(found.quantiles))])
    print(REACHED)
    if found.independent:
        print("\nThe best of so many random networks, as is to be expected")
        table([f"{each.count:,}" for each in found.expected], [[each.value for each in found.expected]])
    _print_good(found)
    if found.caution:
        print(f"\nCaution: {found.caution}.")
    narrower = [f'nas compare {found.study} --if "{text}"' for text in _suggested(found)]
    next_steps(*narrower, f"nas report {found.study}")


def _print_narrowed(found: "WhatIf") -> None:
    from nas.cli.render import table

    part = found.narrowed
    print(
        f"\nIf {' and '.join(found.conditions)}: {part.kept:,} of {found.total:,} networks are left, ", end=""
    )
    print(f"{percent(found.share)} of the trials")
    rows = found.sides
    table(
        ("", "networks", "best", *heads_of(rows[0].quantiles), "mean"),
        [(_called(found, row.name), row.n, row.best, *cells_of(row.quantiles), row.mean) for row in rows],
    )
    print(REACHED)
    test = "" if found.few else f" KS {part.ks.statistic:.3f}, p {probability(part.ks.p_value)}"
    print(f"{_verdict(found)}{test}")
    if found.caution:
        print(f"\nCaution: {found.caution}.")


def _called(found: "WhatIf", side: str) -> str:
    """A side, or what was named to compare with."""
    return " and ".join(found.against) if side == "outside" and found.against else side


def _verdict(found: "WhatIf") -> str:
    from nas.search.analysis.ks import FEW

    outside = _called(found, "outside")
    if found.few:
        sizes = " and ".join(f"{row.n:,} {_with(_called(found, row.name))}" for row in found.sides[:2])
        return f"Not told apart: {sizes} are too few networks; it takes {FEW} on each side."
    odds = f"{percent(found.odds)} of pairs (95 %: {percent(found.odds_low)} to {percent(found.odds_high)})"
    if not found.better:
        return f"Not told apart: a network inside is better than one {_with(outside)} in {odds}."
    other = {"inside": outside, "outside": "inside"}[found.better]
    return f"A network {_with(_called(found, found.better))} is better than one {_with(other)} in {odds}."


def _with(side: str) -> str:
    return side if side in ("inside", "outside") else f"with {side}"


def _print_good(found: "Analysis") -> None:
    from nas.cli.render import table
    from nas.service.views.importance import WEAK

    decides = {each.parameter: each.share for each in found.importance.shares}
    if found.good_ranges:
        print("\nWhere good networks are (95 % of the best of quarters of the networks, and the most likely)")
        rows = [
            (
                g.parameter,
                g.low,
                g.high,
                g.best,
                _domain(g),
                percent(g.coverage),
                _decides(g.parameter, decides),
            )
            for g in found.good_ranges
        ]
        table(("parameter", "from", "to", "best", "space", "there", "decides"), rows)
    if found.good_choices:
        print("\nWhat good networks have (how often the best has it, beside how many networks have it)")
        choices = [
            (g.parameter, _odds(g), percent(g.coverage), _decides(g.parameter, decides))
            for g in found.good_choices
        ]
        table(("parameter", "choices", "there", "decides"), choices)
    if found.importance.why_not:
        print(f"What decides: {found.importance.why_not}")
    elif found.importance.pending:
        print("What decides is still being computed: ask again.")
    else:
        told = found.importance
        which = ", whatever the conditions" if found.where else ""
        weak = "; so few are a hint and no proof" if told.used < WEAK else ""
        print(f"decides: {told.method} of {told.used:,} networks{which}{weak}")


def _domain(found: "GoodValues") -> str:
    if found.domain_low is None:
        return ""
    if found.domain_low == found.domain_high:
        return f"{found.domain_low:g}"
    return f"{found.domain_low:g} to {found.domain_high:g}"


def _odds(found: "GoodOdds") -> str:
    return ", ".join(
        f"{each.value} {percent(each.share)} ({percent(each.drawn)})" for each in found.choices[:SHOWN]
    )


def _decides(parameter: str, shares: Mapping[str, float]) -> str:
    from nas.service.plain import share

    return share(shares[parameter]) if parameter in shares else ""


def _suggested(found: "Analysis") -> list[str]:
    """A condition to try, if there is one: where good networks are, of the parameter that decides most."""
    order = {each.parameter: place for place, each in enumerate(found.importance.shares)}
    typed = {g.parameter: text for g in found.good_ranges if (text := _within(g))}
    typed |= {g.parameter: f"{g.parameter}={g.choices[0].value}" for g in found.good_choices}
    return [typed[name] for name in sorted(typed, key=lambda name: order.get(name, len(order)))[:1]]


def _within(good: "GoodValues") -> str:
    """The end of a good range that narrows the space; empty if none does."""
    if good.domain_low is not None and good.low > good.domain_low:
        return f"{good.parameter}>={good.low:g}"
    if good.domain_high is not None and good.high < good.domain_high:
        return f"{good.parameter}<={good.high:g}"
    return ""
