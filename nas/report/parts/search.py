"""How the search went: results in order, what a smaller budget would have found, learning curves."""

from collections.abc import Iterator

import numpy as np

from nas.report.blocks import Block, Figure, Key, Section, Table, sizes
from nas.report.charts import results
from nas.report.material import Material
from nas.report.words import counted, share, value
from nas.search.analysis import edf
from nas.service.results import drawn, independent

SPREAD = 40
"""Points of the curve of budgets."""


def search(found: Material) -> Section:
    """The search itself."""
    return Section(f"{found.tag}-search", "How the search went", list(_figures(found)))


def _figures(found: Material) -> Iterator[Block]:
    yield history(found)
    if len(found.values) >= 5:
        yield budget(found)
    if found.curves.curves and any(len(each.epochs) > 1 for each in found.curves.curves):
        yield curves(found)


def history(found: Material) -> Figure:
    """Results in order."""
    told = found.history
    rows = list(zip(told.numbers, told.states, told.values, strict=True))
    keys = [Key("complete", "k0", "dot"), Key("the best so far", "k1")]
    if "pruned" in told.states:
        keys.insert(1, Key("stopped early", "cut", "dot"))
    return Figure(
        id=f"{found.tag}-history",
        title="Results in the order of the trials",
        caption=_history_said(found),
        table=Table(("trial", "state", told.metric), rows),
        keys=keys,
        chart=sizes(results.history, told),
    )


def _history_said(found: Material) -> str:
    told = found.history
    if not told.best_numbers:
        return "No trial keeps the limits, so there is no best so far."
    number, last = told.best_numbers[-1], max(told.numbers)
    said = (
        f"{counted(told.total, 'trial')} with a result. The best, {value(told.best_values[-1])}, came "
        f"with trial {number}"
    )
    after = (last - number) / last
    said += f"; the last {share(after)} of the trials did not improve on it." if after > 0.05 else "."
    early = [v for n, v in zip(told.best_numbers, told.best_values, strict=True) if n <= last / 10]
    if early and last >= 20 and number > last / 10:
        said += f" After a tenth of them it stood at {value(early[-1])}."
    if "pruned" in told.states:
        said += " Trials stopped early count by their last epoch; those beyond the scale lie on its edge."
    if told.shown < told.total:
        said += f" {told.shown:,} of the points are drawn, evenly and with every improvement."
    return said


def budget(found: Material) -> Figure:
    """What so many networks would have found."""
    known = edf(found.values)
    counts = np.unique(np.geomspace(1, len(found.values), SPREAD).round().astype(int)).tolist()
    best = known.expected_minimum if found.aim.minimize else known.expected_maximum
    rows = [(int(count), best(count)) for count in counts]
    half = best(max(1, len(found.values) // 2))
    said = (
        f"The best {found.metric} to expect of so many networks drawn at random from those of this study "
        f"(Dodge et al. 2019, arXiv:1909.03004): {value(rows[0][1])} of one, {value(half)} of half as "
        f"many as there are, {value(rows[-1][1])} of all. "
    )
    said += "Where the line is flat, more of the same search brings little."
    if not independent(found.row):
        said += (
            f" The sampler {drawn(found.row)} did not draw them at random but learnt as it went, "
            "so this is its results, not its course."
        )
    return Figure(
        id=f"{found.tag}-budget",
        title="What a smaller budget would have found",
        caption=said,
        table=Table(("networks", f"expected best {found.metric}"), rows),
        chart=sizes(results.budget, rows, found.metric, found.aim.minimize),
    )


def curves(found: Material) -> Figure:
    """Learning curves of the best."""
    told = found.curves
    rows = [
        (each.number, epoch, v)
        for each in told.curves
        for epoch, v in zip(each.epochs, each.values, strict=True)
    ]
    aim = next((o for o in found.row.spec.objectives if o.metric == told.metric), found.aim)
    return Figure(
        id=f"{found.tag}-curves",
        title="Learning curves of the best networks",
        caption=_curves_said(found, aim.minimize),
        table=Table(("trial", "epoch", told.metric), rows),
        chart=sizes(results.curves, told.curves, told.metric, aim.minimize),
    )


def _curves_said(found: Material, minimize: bool) -> str:
    told = [each for each in found.curves.curves if each.values and each.values[-1] is not None]
    if not told:
        return "No epoch of them has told a number."
    first, last = told[0], max(each.epochs[-1] for each in told)
    said = (
        f"{found.curves.metric} after each of {counted(last, 'epoch')} of the "
        f"{counted(len(told), 'best network')}, trial {first.number} in front."
    )
    tails = [v for v in first.values[-max(2, len(first.values) // 5) :] if v is not None]
    if len(first.values) >= 5 and tails[0]:
        gained = (tails[0] - tails[-1]) / abs(tails[0]) * (1 if minimize else -1)
        still = "was still improving: longer training is likely to help" if gained > 0.03 else "had settled"
        said += f" In the last fifth of its epochs it changed by {share(abs(gained))} and {still}."
    half = {each.number: _at_half(each.values) for each in told}
    leaders = [n for n, v in half.items() if v is not None]
    if len(leaders) > 2:
        ahead = (min if minimize else max)(leaders, key=lambda n: half[n] or 0.0)
        said += f" Half-way, trial {ahead} was ahead{' already' if ahead == first.number else ''}."
    return said


def _at_half(values: list[float | None]) -> float | None:
    return values[(len(values) - 1) // 2] if values else None
