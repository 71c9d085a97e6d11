"""`nas compare`: what one study says of its space, or how several differ."""

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Json, StoreUrl
from nas.errors import NasError

if TYPE_CHECKING:
    from nas.service.analysing import Analysis, WhatIf
    from nas.service.good_values import GoodOdds, GoodValues
    from nas.service.spread import Quantile
    from nas.service.views.compare import Comparison
    from nas.service.views.ks_tests import KsTest
    from nas.service.views.matched import MatchedAt

IMPORTANCE_S = 60.0
"""How long importance is waited for."""
SHOWN = 4
"""Choices of a parameter in a line."""
MEANT = "better, in which share of pairs, 95 % interval; Kolmogorov-Smirnov's distance and p"

Metric = Annotated[str | None, typer.Option("--metric", help="Default: the first objective of the first.")]
Matched = Annotated[
    str | None, typer.Option("--matched", metavar="COST", help="Compare at equal cost too: macs, params, …")
]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="CONDITION", help='Only these networks: "macs<1e9".'),
]
If = Annotated[
    list[str] | None,
    typer.Option("--if", metavar="CONDITION", help='What narrowing one space would do: "depth>=20".'),
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="CONDITION", help="Compare those with these, and not with the rest."),
]


def compare(
    study: Annotated[list[str], typer.Argument(metavar="STUDY…", help="One, or several beside each other.")],
    metric: Metric = None,
    matched: Matched = None,
    where: Where = None,
    if_: If = None,
    against: Against = None,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """Which space is better, and by how much: nas compare A B --matched macs. Of one study: which values good
    networks have, what decides, and what narrowing would do: nas compare A --if "depth>=20".
    """
    from nas.store import open_store

    if len(study) > 1 and if_:
        raise NasError(f'--if {if_[0]!r}: is of one study; type nas compare {study[0]} --if "{if_[0]}"')
    if against and not if_:
        raise NasError(f"--against {against[0]!r}: say against what: --if CONDITION")
    if len(study) == 1 and matched:
        raise NasError(f"--matched {matched}: is of several studies; name another beside {study[0]}")
    with open_store(store, create=False) as opened:
        if len(study) > 1:
            from nas.service.views.compare import compare as look

            compared = look(opened, study, metric=metric, matched=matched, where=where or ())
        else:
            from nas.service.analysing import analyse, what_if

            only, wait_s = tuple(where or ()), 0.0 if if_ else IMPORTANCE_S
            narrowed = None
            if if_:
                narrowed = what_if(opened, study[0], if_, against=against or (), metric=metric, where=only)
            analysed = analyse(opened, study[0], metric=metric, where=only, wait_s=wait_s)
    if len(study) > 1:
        _several(compared, json)
    else:
        _one(analysed, narrowed, json)


def _several(found: "Comparison", json: bool) -> None:
    from nas.cli.render import next_steps, print_json, table
    from nas.service.plain import si

    if json:
        print_json(found)
        return
    print(_heading(found.metric, found.minimize, found.where))
    heads = _heads(max((s.quantiles for s in found.studies), key=len))
    rows = [
        (s.name, s.space, s.data, s.n, s.best, *(_cells(s.quantiles) or [None] * len(heads)), si(s.macs))
        for s in found.studies
    ]
    table(("study", "space", "data", "networks", "best", *heads, "macs"), rows)
    _print_tests(found.tests)
    if found.matched is not None:
        _print_matched(found.matched)
    for said in found.mismatches:
        print(f"Not asked for the same: {said}")
    if found.caution:
        print(f"Caution: {found.caution}.")
    names = " ".join(each.name for each in found.studies)
    more = () if found.matched else (f"nas compare {names} --matched macs",)
    next_steps(*more, f"nas compare {found.studies[0].name}", f"nas report {names}")


def _heading(metric: str, minimize: bool, where: Sequence[str]) -> str:
    """What is compared."""
    only = f", of networks with {' and '.join(where)}" if where else ""
    return f"{metric}, {'less' if minimize else 'more'} is better{only}"


def _heads(quantiles: "Sequence[Quantile]") -> list[str]:
    return [f"best {100 * each.share:.0f} %" for each in quantiles]


def _cells(quantiles: "Sequence[Quantile]") -> list[float | None]:
    return [each.value for each in quantiles]


def _print_tests(tests: "Sequence[KsTest]") -> None:
    from nas.cli.render import table

    if not tests:
        return
    print(f"\nAre they different? ({MEANT})")
    table(("studies", "better", "pairs", "interval", "KS", "p"), [_test_line(test) for test in tests])


def _test_line(test: "KsTest") -> tuple[str, ...]:
    interval = f"{_share(test.odds_low)} to {_share(test.odds_high)}"
    better = test.better or "not told apart"
    told = f"{test.statistic:.3f}", _p(test.p_value)
    return (f"{test.a}, {test.b}", better, _share(test.odds), interval, *told)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _p(value: float) -> str:
    """A probability; the smallest that a float holds is no zero."""
    if value < 1e-300:
        return "< 1e-300"
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"


def _print_matched(found: "MatchedAt") -> None:
    from nas.cli.render import table
    from nas.service.plain import si

    if found.why_not:
        print(f"\nAt equal {found.cost}: {found.why_not}.")
        return
    span = f"from {si(found.low)} to {si(found.high)}"
    print(f"\nAt equal {found.cost}: {found.bins} bins {span}, each counting alike")
    rows = [(each.name, each.n, each.effective, each.mean) for each in found.studies]
    table(("study", "networks", "effective", "mean"), rows)
    table(("studies", "better", "pairs", "interval", "KS", "p"), [_test_line(test) for test in found.tests])


def _one(found: "Analysis", narrowed: "WhatIf | None", json: bool) -> None:
    from nas.cli.render import next_steps, print_json, table

    if json:
        print_json({"analysis": found, "if": narrowed})
        return
    print(f"{found.study}: {found.n:,} network{'s'[: found.n != 1]} of {found.space} on {found.data}")
    print(_heading(found.metric, found.minimize, found.where))
    if narrowed is not None:
        _print_narrowed(narrowed)
        those = " ".join(f"--where {quote(text)}" for text in narrowed.conditions)
        next_steps(f"nas trials {found.study} {those}", f"nas compare {found.study}")
        return
    table(("best", *_heads(found.quantiles)), [(found.best, *_cells(found.quantiles))])
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
    print(f"{_share(found.share)} of the space")
    rows = found.sides
    table(
        ("", "networks", "best", *_heads(rows[0].quantiles), "mean"),
        [(row.name, row.n, row.best, *_cells(row.quantiles), row.mean) for row in rows],
    )
    print(f"{_verdict(found)} KS {part.ks.statistic:.3f}, p {_p(part.ks.p_value)}")


def _verdict(found: "WhatIf") -> str:
    odds = f"{_share(found.odds)} of pairs (95 %: {_share(found.odds_low)} to {_share(found.odds_high)})"
    if not found.better:
        return f"Not told apart: a network inside is better than one outside in {odds}."
    other = {"inside": "outside", "outside": "inside"}[found.better]
    return f"A network {found.better} is better than one {other} in {odds}."


def _print_good(found: "Analysis") -> None:
    from nas.cli.render import table

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
                _share(g.coverage),
                _decides(g.parameter, decides),
            )
            for g in found.good_ranges
        ]
        table(("parameter", "from", "to", "best", "space", "there", "decides"), rows)
    if found.good_choices:
        print("\nWhat good networks have (how often the best has it, beside how many networks have it)")
        choices = [
            (g.parameter, _odds(g), _share(g.coverage), _decides(g.parameter, decides))
            for g in found.good_choices
        ]
        table(("parameter", "choices", "there", "decides"), choices)
    if found.importance.why_not:
        print(f"What decides: {found.importance.why_not}")
    elif found.importance.pending:
        print("What decides is still being computed: ask again.")
    else:
        print(f"decides: {found.importance.method} of {found.importance.used:,} networks")


def _domain(found: "GoodValues") -> str:
    if found.domain_low is None:
        return ""
    return f"{found.domain_low:g} to {found.domain_high:g}"


def _odds(found: "GoodOdds") -> str:
    return ", ".join(
        f"{each.value} {_share(each.share)} ({_share(each.drawn)})" for each in found.choices[:SHOWN]
    )


def _decides(parameter: str, shares: Mapping[str, float]) -> str:
    return _share(shares[parameter]) if parameter in shares else ""


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
