"""A small store with something on every page: written in a moment, nothing is trained."""

import math
from dataclasses import asdict

import numpy as np

from nas.records import Cause, EpochReport, TrialState
from nas.search.keys import trial_key
from nas.service.notes import add_note
from nas.service.specify import SearchOptions, specify
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, Outcome, StudyRow

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"
"""What must show as text wherever it is said."""
MAIN, PARETO, ODD = "vgg-digits", "vgg-pareto", "odd<img src=x onerror=alert(1)>"
"""Names of the studies: one objective, two objectives, a name that no command line would take."""
EPOCHS = 6
ENDS: dict[int, tuple[TrialState, Cause | None, str]] = {
    5: (TrialState.PRUNED, None, ""),
    9: (TrialState.FAILED, Cause.DIVERGED, "the loss is NaN in epoch 3"),
    13: (TrialState.PRUNED, None, ""),
    17: (TrialState.FAILED, Cause.ERROR, f"Traceback (most recent call last):\nValueError: {SCRIPT}"),
    21: (TrialState.FAILED, Cause.OUT_OF_MEMORY, "out of memory: 3.2 GB asked for"),
}
"""Trials of the first study that do not complete."""


def seed(store: Store) -> None:
    """Three studies, one of them at work; notes, failures, refusals."""
    main = _study(store, MAIN, SearchOptions(space="vgg", stopper="median"), 48, ended=28, running=3)
    _study(store, PARETO, SearchOptions(space="vgg", objective="error,macs"), 24, ended=12, running=0)
    _study(store, ODD, SearchOptions(space="vgg", seed=3), 8, ended=3, running=0)
    store.count_refusals(main.id, {"duplicate": 12, "macs > 4 M": 5})
    add_note(store, MAIN, f"Wider is better here. {SCRIPT}", author="Ada")
    add_note(store, MAIN, "Diverged twice.", number=9, author=SCRIPT)


def candidates(row: StudyRow, count: int, seed: int = 0) -> list[Candidate]:
    """So many different points of a study's space, priced."""
    space, rng = Space.from_document(row.spec.space), np.random.default_rng(seed)
    found: dict[str, Candidate] = {}
    while len(found) < count:
        point = space.sample(rng)
        architecture = space.architecture(point)
        arch_id = architecture.arch_id
        recipe = space.recipe(point)
        key = trial_key(arch_id=arch_id, recipe=recipe, evaluator=row.spec.evaluator, data=row.spec.data)
        found.setdefault(
            arch_id,
            Candidate(
                point=point,
                labels=space.labels(point),
                key=key,
                arch_id=arch_id,
                cost=asdict(architecture.cost),
                draw=len(found),
                seed=len(found),
            ),
        )
    return list(found.values())


def error_of(candidate: Candidate, epoch: int) -> float:
    """A curve that falls, lower for dearer networks."""
    floor = 0.6 / math.log(candidate.cost["params"])
    return floor + 0.8 * math.exp(-epoch / 2) * (1 + candidate.draw % 7 / 10)


def report_epoch(store: Store, row: StudyRow, driver: int, number: int, epoch: int, error: float) -> None:
    """One epoch of a trial at its first attempt."""
    metrics = {"error": error, "loss": 3 * error}
    store.report(row.id, driver, [EpochReport(number, 1, epoch, metrics, 0.4 * epoch)])


def _study(
    store: Store, name: str, options: SearchOptions, budget: int, *, ended: int, running: int
) -> StudyRow:
    row = store.create_study(
        name, specify(options), budget, f"{store.artifacts}/{len(store.study_names()) + 1}"
    )
    driver = store.start_driver(row.id, "node-1", 4242, 3600)
    chosen = candidates(row, ended + running, options.seed)
    store.claim(row.id, driver, chosen)
    for number, candidate in enumerate(chosen, 1):
        state, cause, message = ENDS.get(number, (TrialState.COMPLETE, None, ""))
        last = 3 if state is not TrialState.COMPLETE or number > ended else EPOCHS
        for epoch in range(1, last + 1):
            report_epoch(store, row, driver, number, epoch, error_of(candidate, epoch))
        if number > ended:
            continue
        error = error_of(candidate, last)
        metrics = {"error": error, "loss": 3 * error, "macs": candidate.cost["macs"]}
        aims = [metrics[aim.metric] for aim in row.spec.objectives]
        failed = state is TrialState.FAILED
        outcome = Outcome(
            number=number,
            attempt=1,
            state=state,
            values=() if failed else tuple(aims),
            metrics={} if failed else metrics,
            cause=cause,
            message=message,
            wall_s=2.5,
            worker=f"node-1/{number % 3}",
        )
        store.tell(row.id, driver, [outcome])
    if not running:
        store.end_driver(driver)
    return store.study(name)
