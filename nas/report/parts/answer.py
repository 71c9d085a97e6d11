"""The answer first: the best network, its numbers, how sure they are, what it looks like."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from nas.drawing import draw, stages
from nas.drawing.style import STYLE
from nas.errors import NasError
from nas.report.blocks import Block, Drawing, Fact, Facts, Listing, Note, Pairs, Prose, Section, Table
from nas.report.material import Material
from nas.report.words import counted, duration, listed, shown, si, value
from nas.service.answer import Answer, baseline_about
from nas.store.rows import TrialRow

NEAR = 1.1
"""Errors up to this many times the best are called near it."""


def answer(found: Material) -> Section:
    """What the study has found."""
    return Section(f"{found.tag}-answer", "Answer", list(_blocks(found)))


def _blocks(found: Material) -> Iterator[Block]:
    if found.page.unmet:
        yield Note(f"{found.page.unmet[:1].upper()}{found.page.unmet[1:]}.")
    yield Prose(headline(found))
    yield Facts(list(_facts(found)))
    yield from (Prose(said) for said in sure(found))
    if (drawing := _drawing(found)) is not None:
        yield drawing
    if found.tests:
        yield _tested(found)
    yield _values(found)
    yield _top(found)


def headline(found: Material) -> str:
    """The answer in a sentence or two."""
    best, n = found.best, len(found.values)
    said = (
        f"Trial {best.number} is the best of {counted(n, 'network')}: {found.metric} "
        f"{value(_value(found, best))} with {si(best.params)} parameters and {si(best.macs)} "
        "multiply-adds an image."
    )
    if found.page.unmet:
        said = (
            f"Trial {best.number} comes nearest to the limits: {found.metric} {value(_value(found, best))}."
        )
    if len(found.row.spec.objectives) > 1:
        said += (
            f" With {listed([o.metric for o in found.row.spec.objectives])} to weigh, "
            f"{counted(found.page.front_size or 0, 'network')} "
            f"{'is' if found.page.front_size == 1 else 'are'} beaten by none in all of them."
        )
    return said


def _value(found: Material, trial: TrialRow) -> float | None:
    """The metric of a trial, or the mean of its network's."""
    return dict(zip(found.results.numbers, found.results.values.tolist(), strict=True)).get(trial.number)


def _facts(found: Material) -> Iterator[Fact]:
    best, counts = found.best, found.page.line.counts
    yield Fact(
        found.metric, value(_value(found, best)), "less is better" if found.aim.minimize else "more is better"
    )
    yield Fact("parameters", si(best.params), f"{best.params:,}" if best.params is not None else "")
    yield Fact("multiply-adds", si(best.macs), f"{best.macs:,}" if best.macs is not None else "")
    yield Fact("layers", shown(best.layers), f"sees {shown(best.receptive_field)} pixels")
    ended = sum(counts.values()) - counts.get("queued", 0) - counts.get("running", 0)
    yield Fact("trials", f"{ended:,}", f"of {found.row.budget:,} asked for")
    told = found.timeline
    which = "all" if told.shown >= told.total else f"the latest {told.shown:,}"
    yield Fact("slot time", duration(found.spent_s), f"in {which} attempts")


def sure(found: Material) -> Iterator[str]:
    """How sure the answer is, in words."""
    yield _neighbours(found)
    seen = next((each for each in found.tests if each.number == found.best.number), None)
    if seen is not None:
        chosen = (
            f", {value(seen.valid_error)} on the validation data by which it was chosen"
            if seen.valid_error is not None
            else ""
        )
        yield (
            f"On the {seen.images:,} test images, seen once, its error is {value(seen.error)} (95 % "
            f"interval {value(seen.low)} to {value(seen.high)}){chosen}."
        )
    if (kept := found.page.answer) is not None and kept["comparison"] and kept["best"] == found.best.number:
        yield _anew(Answer.from_json(kept), baseline_about(found.row.spec.space))
    elif found.network is not None and found.network.n > 1:
        told = found.network
        yield (
            f"The number is the mean of {counted(told.n, 'training')} with seeds of their own (trials "
            f"{listed(told.numbers)}), which differ by a standard deviation of {value(told.sd)}."
        )
    elif seen is None:
        yield (
            "It is the best of many results with one training each, so part of its lead is luck: "
            "trained anew it will more likely be worse than better. The number to quote is that of the "
            f"test set, which nas evaluate {found.name} {found.best.number} takes once."
        )


def _tested(found: Material) -> Listing:
    """What was seen on the test set."""
    rows = [
        (each.what, each.error, each.low, each.high, each.valid_error, each.images)
        for each in sorted(found.tests, key=lambda each: each.error)
    ]
    heads = ("what", "test error", "95 % from", "to", "validation error", "test images")
    return Listing("On the test set, each seen once", Table(heads, rows), f"{found.tag}-test.csv")


def _neighbours(found: Material) -> str:
    """How far the best is ahead."""
    values = found.ranked()
    if len(values) < 2:
        only = "with a result" if len(found.values) < 2 else "that keeps the limits"
        said = f"It is the only network {only}" if len(values) else f"There is no network {only}"
        return f"{said}, so there is nothing to compare it with."
    best, second, median = values[0], values[1], float(np.median(found.values))
    said = f"The runner-up has {value(float(second))}, the median network {value(median)}"
    if best > 0 and found.aim.minimize:
        near = int((values <= best * NEAR).sum()) - 1
        said += f"; {counted(near, 'other network')} {'lies' if near == 1 else 'lie'} within 10 % of the best"
    return said + "."


def _anew(found: Answer, about: str) -> str:
    rows = found.comparison
    told = listed([f"{row.name} reaches {row.mean:.4f} ± {row.sd:.4f}" for row in rows])
    said = (
        f"Trained anew with {counted(len(rows[0].values), 'fresh seed')} each, {told} (mean ± standard "
        "deviation)."
    )
    if about and len(rows) > 1:
        said += f" The baseline is {about}."
    if len(rows) == 2:
        apart, noise = abs(rows[0].mean - rows[1].mean), float(np.hypot(rows[0].sd, rows[1].sd))
        said += (
            " These seeds do not tell them apart."
            if apart <= noise
            else f" The difference, {apart:.4f}, is {apart / noise:.1f} times the spread."
            if noise
            else ""
        )
    return said


def _drawing(found: Material) -> Drawing | None:
    """The network, without the style, which the page has once."""
    if found.space is None:
        return None
    try:
        network = found.space.architecture(found.best.point)
    except NasError:
        return None
    svg = draw(network).replace(f"<style>{STYLE}</style>", "")
    given, cost = network.input, network.cost
    parts = [stage for stage in stages(network) if stage.path not in ("stem", "head")]
    caption = (
        f"The network of trial {found.best.number}, from an image of {given.channels} × {given.size} × "
        f"{given.size} to {given.classes} classes: {counted(cost.layers, 'layer')} deep in "
        f"{counted(len(parts), 'stage')}. Each plate is as high as its map has pixels and as thick as it "
        "has channels."
    )
    return Drawing(Markup(svg), caption, f"The network of trial {found.best.number}")


def _values(found: Material) -> Block:
    """The point, beside published ones if there are any."""
    names = dict(found.best.point)
    if found.space is not None:
        names |= found.space.derived(found.best.point)
    title = "Its parameters, and what follows from them"
    kept = found.page.answer or {}
    beside = kept.get("beside", {}) if kept.get("best") == found.best.number else {}
    if not beside:
        return Pairs(title, [(name, shown(said)) for name, said in names.items()])
    rows = [(name, said, *(other.get(name) for other in beside.values())) for name, said in names.items()]
    return Listing(title, Table(("name", f"trial {found.best.number}", *beside), rows))


def _top(found: Material) -> Listing:
    """The best networks."""
    labels = list(found.best.point)
    rows = [
        (t.number, _value(found, t), t.params, t.macs, t.layers, *(t.point.get(name) for name in labels))
        for t in found.top
    ]
    heads = ("trial", found.metric, "params", "macs", "layers", *labels)
    return Listing(
        f"The best of {counted(len(found.values), 'network')}",
        Table(heads, rows, best=0),
        f"{found.tag}-best.csv",
    )
