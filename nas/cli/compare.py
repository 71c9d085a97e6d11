"""`nas compare`: what one study says of its space, or how several differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.compare_one import REACHED, cells_of, heading, heads_of, percent, print_one, probability
from nas.cli.options import Json, StoreUrl
from nas.errors import NasError

if TYPE_CHECKING:
    from nas.service.views.compare import Comparison
    from nas.service.views.ks_tests import KsTest
    from nas.service.views.matched import MatchedAt

IMPORTANCE_S = 60.0
"""How long importance is waited for."""
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
    from nas.service.results import refuse_unfinished
    from nas.store import open_store

    if len(study) > 1 and if_:
        raise NasError(f'--if {if_[0]!r}: is of one study; type nas compare {study[0]} --if "{if_[0]}"')
    if against and not if_:
        raise NasError(f"--against {against[0]!r}: say against what: --if CONDITION")
    if len(study) == 1 and matched:
        raise NasError(f"--matched {matched}: is of several studies; name another beside {study[0]}")
    with open_store(store, create=False) as opened:
        if len(study) > 1:
            refuse_unfinished(opened.study(name) for name in study)
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
        print_one(analysed, narrowed, json)


def _several(found: "Comparison", json: bool) -> None:
    from nas.cli.render import next_steps, print_json, table
    from nas.service.plain import si

    if json:
        print_json(found)
        return
    print(heading(found.metric, found.minimize, found.where))
    heads = heads_of(max((s.quantiles for s in found.studies), key=len))
    rows = [
        (s.name, s.space, s.data, s.n, s.best, *(cells_of(s.quantiles) or [None] * len(heads)), si(s.macs))
        for s in found.studies
    ]
    table(("study", "space", "data", "networks", "best", *heads, "macs"), rows)
    print(REACHED)
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


def _print_tests(tests: "Sequence[KsTest]") -> None:
    from nas.cli.render import table

    if not tests:
        return
    print(f"\nAre they different? ({MEANT})")
    table(("studies", "better", "pairs", "interval", "KS", "p"), [_test_line(test) for test in tests])


def _test_line(test: "KsTest") -> tuple[str, ...]:
    from nas.search.analysis.ks import FEW

    interval = "–" if test.few else f"{percent(test.odds_low)} to {percent(test.odds_high)}"
    better = test.better or (f"takes {FEW} networks each" if test.few else "not told apart")
    told = f"{test.statistic:.3f}", probability(test.p_value)
    return (f"{test.a}, {test.b}", better, percent(test.odds), interval, *told)


def _print_matched(found: "MatchedAt") -> None:
    from nas.cli.render import table
    from nas.service.plain import si

    if found.why_not:
        print(f"\nAt equal {found.cost}: {found.why_not}.")
        return
    span = f"from {si(found.low)} to {si(found.high)}"
    bins = f"{found.bins} bins {span}, each counting alike" if found.bins > 1 else f"1 bin {span}"
    print(f"\nAt equal {found.cost}: {bins}")
    rows = [(each.name, each.n, each.effective, each.mean) for each in found.studies]
    table(("study", "networks", "effective", "mean"), rows)
    table(("studies", "better", "pairs", "interval", "KS", "p"), [_test_line(test) for test in found.tests])
