"""`nas train`, `nas evaluate` and `nas ensemble`: from the best of a search to a result that can be told."""

from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.asked import Artifacts, Recipe, Timeout
from nas.cli.options import (
    Address,
    CpusPerTrial,
    Engine,
    GpusPerTrial,
    Json,
    LogJson,
    StoreUrl,
    Study,
    Workers,
)

if TYPE_CHECKING:
    from nas.cli.answer import Again
    from nas.records import StudySpec
    from nas.service.final.ensembles import Ensemble
    from nas.service.final.intervals import Paired
    from nas.service.final.looks import Tested
    from nas.service.final.testing import Evaluation
    from nas.service.final.training import FinalOptions
    from nas.service.run import Result

Number = Annotated[int, typer.Argument(metavar="N", help="The trial's number.")]
NAMES = {"knn": "k nearest neighbours", "linear": "linear space"}
SHOWN = 4
"""Classes that are told fewest times, as far as a line has room."""


def train(
    study: Study,
    number: Number,
    epochs: Annotated[
        int | None, typer.Option("--epochs", help="The schedule stretches; default: four times the search's.")
    ] = None,
    recipe: Recipe = None,
    seeds: Annotated[
        int, typer.Option("--seeds", help="Train it so many times, each from its own seed.")
    ] = 1,
    name: Annotated[
        str | None,
        typer.Option("--study", help="Name of the new study, STUDY-N-final; an equal one is joined."),
    ] = None,
    engine: Engine = "ray",
    workers: Workers = "auto",
    cpus_per_trial: CpusPerTrial = None,
    gpus_per_trial: GpusPerTrial = None,
    address: Address = None,
    store: StoreUrl = None,
    artifacts: Artifacts = None,
    timeout: Timeout = None,
    json: Json = False,
    log_json: LogJson = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Begin nothing: show what would be trained, and how.")
    ] = False,
) -> None:
    """Train one network of a study for long, as a study of its own: nas train vgg-1 7 --epochs 200."""
    from nas.cli.search import drive
    from nas.cli.stopping import logged
    from nas.service.engines import EngineOptions, workers_of
    from nas.service.environment import check_store
    from nas.service.final.training import FinalOptions, begin_training, checked_spec
    from nas.service.plain import counted
    from nas.service.values import settings
    from nas.store import open_store

    options = FinalOptions(
        study=study,
        number=number,
        epochs=epochs,
        recipe=settings(recipe or (), "--recipe"),
        seeds=seeds,
        name=name,
        timeout_s=timeout,
        artifacts=artifacts,
    )
    slots = EngineOptions(
        engine=engine,
        workers=workers_of(workers),
        address=address,
        cpus_per_trial=cpus_per_trial,
        gpus_per_trial=gpus_per_trial,
    )
    check_store(store)
    if dry_run:
        with open_store(store, create=False) as opened:
            _print_plan(checked_spec(opened, options, slots), options, json=json)
        return
    with logged(log_json) as log, open_store(store, create=False) as opened:
        row, joined = begin_training(opened, options, slots)
        if not json:
            long = counted(row.spec.recipe["epochs"], "epoch")
            print(f"{row.name} trains trial {number} of {study} for {long}")
        drive(opened, row.name, slots, json=json, compare=False, joined=joined, log=log, end=_print_trained)


def _print_plan(spec: "StudySpec", options: "FinalOptions", *, json: bool) -> None:
    from nas.cli.render import print_json
    from nas.service.plain import counted, settings, si
    from workers.spaces import space_of

    if json:
        print_json({"study": options.called, "trials": options.seeds, "spec": spec.to_json()})
        return
    cost = space_of(spec.space).architecture({}).cost
    what = f"{options.called} trains trial {options.number} of {options.study}"
    long = f"{counted(spec.recipe['epochs'], 'epoch')}, {counted(options.seeds, 'seed')}"
    print(f"{what}: {long}; nothing has begun")
    print(f"{spec.space_name} on {spec.data}: {si(cost.params)} params, {si(cost.macs)} macs")
    print(f"recipe: {settings(spec.recipe)}")


def _print_trained(result: "Result", again: "Again") -> None:
    from nas.cli.answer import resuming
    from nas.cli.render import next_steps, table
    from nas.service.plain import shown

    study = result.study.name
    print(f"{study}: {result.ending.value}")
    if result.ending.value != "finished" or result.best is None:
        next_steps(resuming(study, again), f"nas show {study}")
        return
    if result.network is not None and result.network.n > 1:
        values = zip(result.network.numbers, result.network.values, strict=True)
        table(("trial", "validation error"), list(values))
        print(f"mean {shown(result.network.mean)}, standard deviation {shown(result.network.sd)}")
    else:
        print(f"validation error {shown(result.best.values[0])}")
    next_steps(f"nas evaluate {study}", *[f"nas ensemble {study}"] * (result.study.budget > 1))


def evaluate(
    study: Study,
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="The trial's number; default: the best by validation.")
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Nearest neighbours and the linear space too.")
    ] = True,
    store: StoreUrl = None,
    json: Json = False,
    log_json: LogJson = False,
) -> None:
    """What a trained network does on the test set, seen once and kept: nas evaluate vgg-1-7-final."""
    from nas.cli.render import next_steps, print_json
    from nas.cli.stopping import noted
    from nas.service.final.ensembles import where_possible
    from nas.service.final.testing import evaluate as ask
    from nas.store import open_store

    with noted(log_json, _quiet if json else _say) as say, open_store(store, create=False) as opened:
        found = ask(opened, study, number, beside=baselines, say=say)
        voters = None if json else where_possible(opened, study)
    if json:
        print_json(found)
        return
    _print_evaluation(found)
    next_steps(f"nas trial {study} {found.chosen}", *([f"nas ensemble {voters}"] if voters else []))


def ensemble(
    study: Study,
    top: Annotated[int, typer.Option("--top", help="Networks in it, by validation error.")] = 5,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """Average the answers of a study's best networks, on the test set: nas ensemble vgg-1 --top 5."""
    from nas.cli.render import next_steps, print_json
    from nas.service.final.ensembles import ensemble as ask
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        found = ask(opened, study, top, say=_quiet if json else _say)
    if json:
        print_json(found)
        return
    _print_ensemble(found)
    next_steps(f"nas evaluate {study}", f"nas trials {study} --by-value")


def _quiet(text: str) -> None:
    """Nothing but JSON is printed."""


def _say(text: str) -> None:
    """At once, in a pipe too."""
    print(text, flush=True)


def _print_evaluation(found: "Evaluation") -> None:
    from nas.service.plain import shown

    network = found.network
    _print_head(found.data, network.images)
    _table([*found.networks, *(each.tested for each in found.baselines)])
    _print_measured(found.networks, found.measured)
    if len(found.networks) > 1:
        seeds = f"{len(found.networks)} seeds: mean error {found.mean:.4f} ± {found.sd:.4f}"
        print(f"{seeds}; trial {found.chosen} stands for them, by validation")
    if (rival := found.rival) is not None:
        other = f"{NAMES[rival.tested.what]}, the best baseline"
        print(_verdict(f"Trial {found.chosen}", other, rival.paired))
    for what, why in found.left_out.items():
        print(f"no {NAMES[what]}: {why}")
    recall = [(r, i) for i, r in enumerate(network.recall) if r is not None]
    if some := [f"{i} ({shown(r)})" for r, i in sorted(recall)[:SHOWN] if r < 1]:
        print(f"Classes it tells least often: {', '.join(some)}")
    _print_looks(found.looks - len(found.networks), found.fresh)


def _print_ensemble(found: "Ensemble") -> None:
    from nas.service.plain import shown, si

    _print_head(found.data, found.tested.images)
    _table([*found.members, found.tested])
    _print_measured(found.members, found.measured)
    if found.skipped:
        some = ", ".join(map(str, found.skipped[:SHOWN])) + (", …" if len(found.skipped) > SHOWN else "")
        print(f"left out, because no weights of them are kept: trials {some}")
    print(_verdict("The ensemble", f"trial {found.best}, the best one by validation", found.gain))
    share = f"{100 * found.disagreement:.3g} % of the images"
    cost = f"{si(found.params)} params, {si(found.macs)} macs"
    print(f"Two members disagree on {share}; together they cost {cost}")
    if found.members[0].valid_error is not None:
        valid = f"{shown(found.tested.valid_error)}, against {shown(found.members[0].valid_error)}"
        print(f"Validation error {valid} of trial {found.best}: choose --top by this, never by the test")
    _print_looks(found.looks - len(found.members) - 1, found.fresh)


def _print_head(data: str, images: int) -> None:
    print(f"\nTest part of {data}: {images:,} images that neither training nor search has seen")


def _table(rows: "list[Tested]") -> None:
    from nas.cli.render import table

    several = any(row.top5_error is not None for row in rows)
    columns = ("", "wrong", "error", "95 % interval", "validation", *["top-5 error"] * several)
    table(columns, [_cells(row, several) for row in rows])


def _print_measured(rows: "list[Tested]", measured: "dict[int, float]") -> None:
    """That training may have told another validation error, where it did."""
    from nas.service.plain import shown

    others = [
        f"{shown(measured[row.number])} (trial {row.number})"
        for row in rows
        if row.number in measured and shown(measured[row.number]) != shown(row.valid_error)
    ]
    if others:
        precision = "in its own precision, bf16 where that is faster"
        print(f"Validation here is in float32; training measured {', '.join(others)} {precision}.")


def _cells(row: "Tested", several: bool) -> tuple[object, ...]:
    from nas.service.plain import figures

    about = {name: value for name, value in row.about.items() if name != "members"}
    name = "ensemble" if row.what.startswith("ensemble") else NAMES.get(row.what, row.what)
    what = f"{name} ({figures(about)})" if about else name
    interval = f"{row.low:.4f} to {row.high:.4f}"
    return (what, row.wrong, f"{row.error:.4f}", interval, row.valid_error, *[row.top5_error] * several)


def _verdict(one: str, other: str, paired: "Paired") -> str:
    """What the difference of two errors on the same images is worth; above 0 `one` is better."""
    better = "better" if paired.difference > 0 else "worse"
    points = f"{100 * abs(paired.difference):.2f} points {better} than" if paired.difference else "as good as"
    low, high = f"{100 * paired.low:.2f}", f"{100 * paired.high:.2f}"
    said = f"95 % interval {low} to {high}, McNemar's p = {paired.p_value:.2g}"
    doubt = "" if paired.apart else ": these images do not tell them apart"
    return f"{one} is {points} {other} ({said}){doubt}."


def _print_looks(others: int, fresh: bool) -> None:
    """`others`: networks of the study that have seen the test set besides those shown."""
    seen = "Recorded" if fresh else "As it was recorded"
    print(f"{seen}: the test set is seen once by each network, and asked again this is shown.")
    if others > 0:
        print(
            f"{others} more of this study have been tested: the best of several test errors looks better "
            "than it is, so choose by validation."
        )
