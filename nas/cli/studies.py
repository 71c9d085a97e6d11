"""`nas show, trial, best, pause, stop, cancel`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.drawing import Force, Svg, Unfold, check_svg, write_svg
from nas.cli.options import Json, StoreUrl, Study
from nas.records import Ending, TrialState, Wanted

if TYPE_CHECKING:
    from nas.service.studies import Wish
    from nas.store.rows import TrialRow

UNDER_WAY = ("starting", "running")
"""Standings of a study that somebody drives, or is about to."""


def show(
    study: Study,
    svg: Svg = None,
    unfold: Unfold = None,
    force: Force = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """One study: specification, counts, best, refusals, answer; with --svg the best trial's network."""
    from nas.cli.answer import print_standing
    from nas.cli.render import next_steps, print_json, shares
    from nas.service.plain import counted, settings
    from nas.service.studies import best as leaders, view
    from nas.store import open_store

    check_svg(svg, force=force, unfold=unfold)
    with open_store(store, create=False) as opened:
        found = view(opened, study)
        if svg is not None:
            from nas.service.views.exports import drawing

            number = leaders(opened, study)[0].number
            write_svg(svg, drawing(opened, study, number, unfold=unfold or ()), force=force)
    if json:
        print_json(found)
        return
    row, spec = found.study, found.study.spec
    aim = ", ".join(f"{'min' if o.minimize else 'max'} {o.metric}" for o in spec.objectives)
    limits = "".join(f", {limit}" for limit in spec.limits)
    print(f"{row.name}: {spec.space_name} on {spec.data}, {counted(row.budget, 'trial')}, {aim}{limits}")
    print(f"sampler {spec.sampler}, stopper {spec.stopper}, evaluator {spec.evaluator}, seed {spec.seed}")
    print(", ".join(f"{state.value} {n}" for state, n in row.counts.items() if n) or "no trials yet", end="")
    print(f"; {found.state}")
    if found.refusals:
        print("refused before training: " + ", ".join(f"{why} {n:,}" for why, n in found.refusals.items()))
    if said := shares(found.usage.acceptance, found.usage.utilisation):
        print(said)
    print(f"recipe: {settings(spec.recipe)}")
    if found.best or found.front:
        print_standing(row, found)
    else:
        next_steps(f"nas {'show' if found.state in UNDER_WAY else 'resume'} {row.name}")


def values(row: "TrialRow") -> str:
    """`0.312`, or one for each objective."""
    from nas.service.plain import shown

    return ", ".join(shown(float(value)) for value in row.values)


def trial(
    study: Study,
    number: Annotated[int, typer.Argument(metavar="N", help="The trial's number.")],
    svg: Svg = None,
    unfold: Unfold = None,
    force: Force = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """One trial: point, costs, curve, attempts; with --svg its network."""
    from nas.cli.render import print_json, table
    from nas.service.final.testing import result_of
    from nas.service.plain import figures, plain, settings, si
    from nas.service.studies import trial as look
    from nas.store import open_store

    check_svg(svg, force=force, unfold=unfold)
    with open_store(store, create=False) as opened:
        found = look(opened, study, number)
        tested = result_of(opened, opened.study(study), number)
        if svg is not None:
            from nas.service.views.exports import drawing

            write_svg(svg, drawing(opened, study, number, unfold=unfold or ()), force=force)
    if json:
        print_json({**plain(found), "tested": plain(tested)})
        return
    row = found.trial
    print(f"trial {row.number} of {study}: {row.state.value}  {settings(row.point)}")
    if found.stopper:
        print(f"stopper {found.stopper} ended it after epoch {row.epoch}: its curve was worse than others'")
    print("  ".join(f"{name} {si(value)}" for name, value in row.cost.items() if name != "paths"))
    if row.metrics:
        print(figures(row.metrics))
    if tested is not None:
        interval = f"95 % interval {tested.low:.4f} to {tested.high:.4f}"
        print(f"test error {tested.error:.4f} on {tested.images:,} images, {interval}")
    print(f"arch_id {row.arch_id}  key {row.key}  seed {row.seed}  draw {row.draw}")
    if found.curve:
        names = list(found.curve[-1][1])
        table(("epoch", *names), [(epoch, *map(metrics.get, names)) for epoch, metrics in found.curve])
    if len(found.attempts) > 1 or row.message:
        table(
            ("attempt", "state", "cause", "worker", "message"),
            [
                (a.attempt, a.state.value, a.cause.value if a.cause else None, a.worker, a.message)
                for a in found.attempts
            ],
        )


def best(
    study: Study,
    count: Annotated[int, typer.Option("--count", "-n", help="How many.")] = 1,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """The best trials of a study; with several objectives its front."""
    from nas.cli.answer import print_networks
    from nas.cli.front import print_front
    from nas.cli.render import next_steps, print_json, table
    from nas.service.plain import settings, si
    from nas.service.studies import best as look, repeated, view
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        rows, now = look(opened, study, count), view(opened, study)
        networks = repeated(opened, study, count)
    if now.unmet:
        print(now.unmet, file=sys.stderr)
    front = now.front if now.front is not None and now.front.front else None
    if json:
        print_json(front.front if front else networks or rows)
        return
    if front:
        print_front(front)
        next_steps(f"nas pareto {study}", f"nas show {study}")
        return
    if networks:
        print_networks(networks)
    else:
        columns = ("trial", "value", "params", "macs", "point")
        table(columns, [(t.number, values(t), si(t.params), si(t.macs), settings(t.point)) for t in rows])
    next_steps(f"nas trial {study} {rows[0].number}", f"nas show {study}")


def _want(study: str, store: str | None, wanted: Wanted, json: bool, said: str) -> None:
    from nas.cli.render import next_steps, print_json
    from nas.service.studies import want
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        wish = want(opened, study, wanted)
    running = wish.study.counts[TrialState.RUNNING]
    if json:
        drivers = len(wish.drivers)
        ending = wish.study.ending
        asked = {"study": study, "wanted": wish.study.wanted, "ending": ending}
        print_json({**asked, "drivers": drivers, "running": running})
        return
    if wish.over:
        print(f"{study}: it is {wish.study.ending} already, nothing to {_WORDS[wanted]}; {_left(wish)}")
        more = () if wish.study.ending is Ending.EXHAUSTED else (f"nas resume {study} --trials +24",)
        next_steps(f"nas show {study}", *more)
        return
    print(f"{study}: {said if wish.drivers else 'nothing drives it any more'}; {_left(wish)}")
    next_steps(f"nas show {study}", f"nas resume {study}")


_WORDS = {Wanted.PAUSE: "pause", Wanted.DRAIN: "stop", Wanted.CANCEL: "cancel"}


def _left(wish: "Wish") -> str:
    """Who still has to hear of it; counts of trials if nobody."""
    counts = wish.study.counts
    if not wish.drivers:
        return ", ".join(f"{n} {state.value}" for state, n in counts.items() if n) or "it has no trials"
    running = counts[TrialState.RUNNING]
    hosts = ", ".join(sorted({driver.host.partition("/")[0] for driver in wish.drivers}))
    plural = ("" if running == 1 else "s", "s" if running == 1 else "")
    return f"{running} trial{plural[0]} still belong{plural[1]} to a live driver on {hosts}"


def pause(study: Study, store: StoreUrl = None, json: Json = False) -> None:
    """Stop its drivers now; running trials go back to the queue and go on from their checkpoints."""
    _want(study, store, Wanted.PAUSE, json, "its drivers stop now")


def stop(study: Study, store: StoreUrl = None, json: Json = False) -> None:
    """Let its running trials end, start no new ones."""
    _want(study, store, Wanted.DRAIN, json, "its drivers stop when the running trials have ended")


def cancel(study: Study, store: StoreUrl = None, json: Json = False) -> None:
    """Stop its drivers and cancel trials that wait or run."""
    _want(study, store, Wanted.CANCEL, json, "its waiting and running trials are cancelled")
