"""What the search spent, and what it lost: slots, time, refusals, failures."""

from collections import defaultdict
from collections.abc import Iterator

from nas.report.blocks import Block, Figure, Listing, Prose, Section, Table, sizes
from nas.report.charts import bars
from nas.report.material import Material
from nas.report.words import counted, duration, share

STEPS = 300
"""Moments of the chart of slots."""
KINDS = {
    "complete": "good",
    "pruned": "cut",
    "failed": "bad",
    "running": "k5",
    "queued": "quiet",
    "cancelled": "quiet",
}
"""The colour of what became of an attempt."""
WORDS = {
    "complete": "complete",
    "pruned": "stopped early",
    "failed": "failed",
    "running": "still running",
    "queued": "lost and tried again",
    "cancelled": "cancelled",
}


def work(found: Material) -> Section:
    """Time, refusals, failures."""
    return Section(f"{found.tag}-work", "What it took", list(_blocks(found)))


def _blocks(found: Material) -> Iterator[Block]:
    if found.timeline.bars:
        yield slots(found)
        yield spent(found)
    if found.page.refusals:
        yield refusals(found)
    else:
        yield Prose("No point was refused: none was a duplicate, none broke a rule of the space.")
    yield from failed(found)


def slots(found: Material) -> Figure:
    """Attempts at once."""
    start_s, bars_ = found.timeline.start_s, found.timeline.bars
    start_s = min(start_s, min(each.start_s for each in bars_))
    ends = [(each.end_s if each.end_s is not None else found.timeline.end_s) - start_s for each in bars_]
    last_s = max(max(ends), 1e-9)
    size, unit = next(
        ((s, u) for s, u in ((86400, "days"), (3600, "hours"), (60, "minutes")) if last_s >= 2 * s),
        (1, "seconds"),
    )
    events = sorted([(each.start_s - start_s, 1) for each in bars_] + [(end, -1) for end in ends])
    steps = _steps(events, last_s, size)
    used = found.usage.utilisation
    said = f"{counted(len(bars_), 'attempt')} in {duration(last_s)}."
    if found.timeline.shown < found.timeline.total:
        said += f" They are the latest of {found.timeline.total:,}: the others are not in what follows."
    said += (
        f" Slots were at work {share(used)} of the time in which there were any." if used is not None else ""
    )
    accepted = found.usage.acceptance
    said += f" {share(accepted)} of the points that were drawn became trials." if accepted is not None else ""
    return Figure(
        id=f"{found.tag}-slots",
        title="Attempts that ran at once",
        caption=said,
        table=Table((f"{unit} since the beginning", "attempts at once"), steps),
        chart=sizes(bars.busy, steps, found.slots, f"{unit} since the beginning"),
    )


def _steps(events: list[tuple[float, int]], last_s: float, size: float) -> list[tuple[float, float]]:
    """The mean number at once, by moments of equal length."""
    width = last_s / STEPS
    area = [0.0] * STEPS
    count, before = 0, 0.0
    for at, change in [*events, (last_s, 0)]:
        low, high = before, min(at, last_s)
        while low < high - 1e-12:
            place = min(int(low / width + 1e-9), STEPS - 1)
            edge = min(high, (place + 1) * width) if place < STEPS - 1 else high
            area[place] += count * (edge - low)
            low = edge
        count, before = count + change, at
    return [(place * width / size, area[place] / width) for place in range(STEPS)]


def spent(found: Material) -> Figure:
    """Slot time by what became of it."""
    seconds: dict[str, float] = defaultdict(float)
    attempts: dict[str, int] = defaultdict(int)
    for each in found.timeline.bars:
        end_s = each.end_s if each.end_s is not None else found.timeline.end_s
        seconds[each.state] += max(0.0, end_s - each.start_s)
        attempts[each.state] += 1
    total, most = sum(seconds.values()) or 1.0, max(seconds.values()) or 1.0
    order = sorted(seconds, key=lambda state: -seconds[state])
    rows = [
        bars.Bar(
            WORDS.get(state, state),
            seconds[state] / most,
            share(seconds[state] / total),
            f"{duration(seconds[state])}, {counted(attempts[state], 'attempt')}",
            KINDS.get(state, "k0"),
        )
        for state in order
    ]
    wasted = sum(seconds[state] for state in ("failed", "queued", "cancelled") if state in seconds)
    return Figure(
        id=f"{found.tag}-time",
        title="Where the time went",
        caption=(
            f"Time of attempts by what became of them, {duration(total)} in all; {share(wasted / total)} "
            "of it was lost to failures and interruptions."
        ),
        table=Table(
            ("outcome", "seconds", "attempts"), [(WORDS.get(s, s), seconds[s], attempts[s]) for s in order]
        ),
        chart=sizes(bars.bars, rows, label="Time by outcome"),
    )


def refusals(found: Material) -> Figure:
    """Points that were refused before training."""
    told = found.page.refusals
    total, most = sum(told.values()), max(told.values())
    rows = [
        bars.Bar(why, n / most, f"{n:,}", share(n / total), "quiet") for why, n in list(told.items())[:20]
    ]
    first = next(iter(told))
    return Figure(
        id=f"{found.tag}-refusals",
        title="Points refused before training",
        caption=(
            f"{counted(total, 'point')} cost nothing: they were priced, or known already, and not "
            f"trained. The commonest reason is “{first}” ({share(told[first] / total)})."
        ),
        table=Table(("reason", "points"), list(told.items())),
        chart=sizes(bars.bars, rows, label="Refusals by reason"),
    )


def failed(found: Material) -> Iterator[Block]:
    """Attempts that ended without a result."""
    groups = found.failures.groups
    if not groups:
        yield Prose("No attempt failed.")
        return
    rows = [(g.cause.replace("_", " "), g.count, g.lost, g.message or "no message") for g in groups]
    lost = sum(g.lost for g in groups)
    yield Listing(
        f"{counted(sum(g.count for g in groups), 'attempt')} failed, {counted(lost, 'trial')} with them",
        Table(("cause", "attempts", "trials lost", "what most of them said"), rows),
        f"{found.tag}-failures.csv",
    )
