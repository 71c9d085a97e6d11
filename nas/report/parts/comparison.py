"""Several studies beside each other: whether one is better as a whole, and at equal cost."""

from collections.abc import Iterator, Sequence

from nas.report.blocks import Block, Figure, Key, Listing, Note, Points, Prose, Section, Table, sizes
from nas.report.charts import results, trades
from nas.report.charts.results import Steps
from nas.report.words import counted, listed, p_value, share, value
from nas.service.views.compare import Compared, Comparison
from nas.service.views.ks_tests import KsTest
from nas.service.views.matched import MatchedAt, MatchedStudy

DASHES = ("", "", "", "dash", "dash", "dash", "dash", "dash")
"""Lines are told apart by more than their colours where there are many."""


def comparison(found: Comparison) -> Section:
    """The studies of a report beside each other."""
    return Section("comparison", "Comparison", list(_blocks(found)))


def _blocks(found: Comparison) -> Iterator[Block]:
    yield Prose(_verdict(found))
    rows = [(s.name, s.n, s.best, s.median, s.params, s.macs) for s in found.studies]
    heads = (
        "study",
        "networks",
        f"best {found.metric}",
        f"median {found.metric}",
        "median params",
        "median macs",
    )
    yield Listing("The studies", Table(heads, rows), "comparison-studies.csv")
    yield _edf(found)
    if found.tests:
        yield _tests("Are they different?", found.tests, "comparison-tests.csv")
    if found.matched is not None:
        yield from _matched(found, found.matched)
    if any(each.numbers for each in found.fronts):
        yield _fronts(found)
    if found.mismatches:
        yield Note("They were not asked for quite the same; what tells them apart may be this:")
        yield Points(found.mismatches)


def _verdict(found: Comparison) -> str:
    """Which study is better, in words."""
    known = [each for each in found.studies if each.best is not None]
    pick = min if found.minimize else max
    best = pick(known, key=lambda each: each.best or 0.0) if known else None
    said = [f"The best network of all, {found.metric} {value(best.best)}, is of {best.name}."] if best else []
    said += [_tested(test) for test in found.tests if test.better][:3]
    alike = [f"{test.a} and {test.b} ({p_value(test.p_value)})" for test in found.tests if not test.better]
    if alike:
        said.append(
            f"Not told apart as distributions: {listed(alike[:3])}{' and others' if alike[3:] else ''}."
        )
    return " ".join(said)


def _tested(test: KsTest) -> str:
    """A pair of which one is better, in words."""
    worse = test.b if test.better == test.a else test.a
    return (
        f"A network of {test.better} is better than one of {worse} in {share(test.odds)} of pairs (95 % "
        f"interval {share(test.odds_low)} to {share(test.odds_high)}, {p_value(test.p_value)})."
    )


def _edf(found: Comparison) -> Figure:
    """Distributions over each other."""
    return Figure(
        id="comparison-edf",
        title="How good the networks of each study are",
        caption=(
            f"The share of networks with at most each {found.metric}: a line further "
            f"{'left' if found.minimize else 'right'} is a better space. {_medians(found.studies)}"
        ),
        table=_table([(each.name, each.edf_x, each.edf_y) for each in found.studies], found.metric),
        keys=_keys([each.name for each in found.studies]),
        chart=sizes(results.edf, _steps(found.studies), found.metric, found.minimize),
    )


def _medians(studies: Sequence[Compared]) -> str:
    told = [f"{value(each.median)} in {each.name}" for each in studies if each.median is not None]
    return f"The median is {listed(told)}."


def _steps(studies: Sequence[Compared | MatchedStudy]) -> list[Steps]:
    return [
        Steps(each.name, each.edf_x, each.edf_y, f"k{place} strong {DASHES[place]}")
        for place, each in enumerate(studies)
    ]


def _keys(names: Sequence[str]) -> list[Key]:
    return [Key(name, f"k{place} {DASHES[place]}".strip()) for place, name in enumerate(names)]


def _table(rows: Sequence[tuple[str, Sequence[float], Sequence[float]]], metric: str) -> Table:
    told = [(name, x, y) for name, xs, ys in rows for x, y in zip(xs, ys, strict=True)]
    return Table(("study", metric, "share of networks at most"), told)


def _tests(title: str, tests: Sequence[KsTest], file: str) -> Listing:
    rows = []
    for test in tests:
        odds = (test.odds, test.odds_low, test.odds_high)
        wins = [share(each) for each in odds] if test.better else ["–"] * 3
        rows.append(
            (
                test.a,
                test.b,
                test.better or ("too few networks" if test.few else "not told apart"),
                *wins,
                test.statistic,
                test.p_value,
            )
        )
    heads = ("study", "and", "better", "its network is in", "from", "to", "KS distance", "p")
    return Listing(title, Table(heads, rows), file)


def _matched(found: Comparison, at: MatchedAt) -> Iterator[Block]:
    """The same at equal costs."""
    if at.why_not:
        yield Prose(f"At equal {at.cost} they cannot be compared: {at.why_not}.")
        return
    verdicts = [_tested(test) for test in at.tests if test.better][:3] or ["None are told apart."]
    means = [f"{value(each.mean)} in {each.name}" for each in at.studies]
    yield Figure(
        id="comparison-matched",
        title=f"The same at equal {at.cost}",
        caption=(
            f"Networks weighted so that each study has the same distribution of {at.cost}, from "
            f"{value(at.low)} to {value(at.high)} in {counted(at.bins, 'bin')} (arXiv:1905.13214, "
            "section 3.2): what is left of a difference is not one of cost. The weighted mean is "
            f"{listed(means)}. {' '.join(verdicts)}"
        ),
        table=_table([(each.name, each.edf_x, each.edf_y) for each in at.studies], found.metric),
        keys=_keys([each.name for each in at.studies]),
        chart=sizes(results.edf, _steps(at.studies), found.metric, found.minimize),
    )
    yield _tests(f"Are they different at equal {at.cost}?", at.tests, "comparison-matched-tests.csv")


def _fronts(found: Comparison) -> Figure:
    """Fronts over each other."""
    named = [
        (each.name, front) for each, front in zip(found.studies, found.fronts, strict=True) if front.numbers
    ]
    x, y = named[0][1].x.metric, named[0][1].y.metric
    rows = [
        (name, number, across, up)
        for name, front in named
        for number, across, up in zip(front.front_numbers, front.front_xs, front.front_ys, strict=True)
    ]
    references = {each.name: each for _, front in named for each in front.references}
    keys = _keys([name for name, _ in named])
    keys += [Key("published", "ref", "gem")] if references else []
    return Figure(
        id="comparison-fronts",
        title=f"The fronts: {y} against {x}",
        caption=(
            "The networks of each study that none of its own beats in both numbers: "
            f"{listed([f'{len(front.front_numbers)} of {name}' for name, front in named])}. Dots are all "
            "others."
        ),
        table=Table(("study", "trial", x, y), rows),
        keys=keys,
        chart=sizes(trades.front, named, list(references.values())),
    )
