"""All that a report says of a study, read from the store at once."""

from dataclasses import dataclass, replace

import numpy as np

from nas.errors import NasError
from nas.records import Objective, TrialState
from nas.search.draws import SLOTS
from nas.service.final.looks import Tested, tested
from nas.service.final.testing import measured
from nas.service.good_values import GoodOdds, GoodValues, good_values
from nas.service.networks import Network, behind
from nas.service.pareto import nothing_yet
from nas.service.results import Results, results
from nas.service.usage import Usage, usage
from nas.service.views.columns import Floats, direction
from nas.service.views.curves import Curves, curves
from nas.service.views.failures import Failures, failures
from nas.service.views.family import space_of
from nas.service.views.front import Front, front
from nas.service.views.history import History, history
from nas.service.views.importance import Importance, importance
from nas.service.views.parallel import Parallel, parallel
from nas.service.views.standing import Contenders, contenders, numbers_of, ranked
from nas.service.views.study import StudyPage, study_page
from nas.service.views.timeline import Timeline, timeline
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow

POINTS = 2_000
"""Networks in a chart; of more so many, evenly, and all that matter."""
TOP, CURVES = 10, 10
"""Networks in the table of the best, and curves in a chart."""
PATIENCE_S = 120.0
"""How long what takes a computation in another process is waited for."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """A study as a report sees it."""

    tag: str
    """What the ids and files of its figures begin with."""
    row: StudyRow
    aim: Objective
    """What the report is about: the first objective, or the metric that was asked for."""
    page: StudyPage
    best: TrialRow
    results: Results
    """All networks with a finite value."""
    top: list[TrialRow]
    history: History
    front: Front
    curves: Curves
    parallel: Parallel
    sample: Parallel
    """The same of networks evenly over all."""
    importance: Importance
    failures: Failures
    timeline: Timeline
    usage: Usage
    good: tuple[list[GoodValues], list[GoodOdds]]
    network: Network | None
    """The repeats of the best network, where networks have several."""
    tests: list[Tested]
    """What was seen on the test set."""
    slots: int
    """How many there were, if one driver had them all; else 0."""
    space: Space | None
    """None where its document is not read any more."""
    made_s: float
    """When this was read, in seconds since 1970."""

    @property
    def name(self) -> str:
        """The study's."""
        return self.row.name

    @property
    def metric(self) -> str:
        """Of `aim`."""
        return self.aim.metric

    @property
    def values(self) -> Floats:
        """Of the metric, all of `results`."""
        return self.results.values

    @property
    def spent_s(self) -> float:
        """Seconds of all attempts together."""
        end_s = self.timeline.end_s
        return sum((end_s if bar.end_s is None else bar.end_s) - bar.start_s for bar in self.timeline.bars)

    def ranked(self) -> Floats:
        """The values of networks that keep the limits, the best first."""
        found = self.results
        rising: Floats = np.sort(found.losses[found.feasible])
        return rising if self.aim.minimize else -rising


def material(
    store: Store, name: str, tag: str, *, metric: str | None = None, wait_s: float = PATIENCE_S
) -> Material:
    """What is known of a study by now.

    Raises:
        StudyNotFoundError: no study has this name.
        UnknownNameError: no trial has told such a metric.
        NasError: no trial of it is complete.
    """
    row, aim, top = _best(store, name, metric)
    networks = results(store, row, metric)
    page = study_page(store, name)
    drawn = parallel(store, name, metric=metric, points=POINTS)
    return Material(
        tag=tag,
        row=row,
        aim=aim,
        page=page,
        best=page.best if page.best is not None and page.best.number == top[0].number else top[0],
        results=networks,
        top=top,
        history=history(store, name, metric=metric, points=POINTS),
        front=front(store, name, _cost(row, aim), aim.metric, points=POINTS),
        curves=curves(store, name, numbers=[trial.number for trial in top[:CURVES]]),
        parallel=drawn,
        sample=drawn
        if drawn.total <= POINTS
        else parallel(store, name, metric=metric, points=POINTS, favour=False),
        importance=importance(store, name, metric=metric, wait_s=wait_s),
        failures=failures(store, study=name, limit=20),
        timeline=timeline(store, name, limit=20_000),
        usage=usage(store, row),
        good=good_values(store, networks),
        network=behind(store, row, top[0]),
        tests=_tests(store, row),
        slots=_slots(store, row),
        space=space_of(row),
        made_s=store.now_s(),
    )


def _tests(store: Store, row: StudyRow) -> list[Tested]:
    """What has seen the test set; of trials the validation error that the search went by."""
    found = [tested(each) for each in store.tests(row.id)]
    went_by = measured(store, row, [each.number for each in found if each.number is not None])
    return [
        replace(each, valid_error=went_by.get(each.number, each.valid_error)) if each.number else each
        for each in found
    ]


def nothing(row: StudyRow) -> NasError:
    """That there is nothing to report, with what has become of its trials."""
    told = ", ".join(f"{count:,} {state.value}" for state, count in row.counts.items() if count)
    return NasError(f"{nothing_yet(row.name)} (its trials: {told or 'none begun'})")


def _slots(store: Store, row: StudyRow) -> int:
    told = [said["total"] for name, said in store.study_attributes(row.id).items() if name.startswith(SLOTS)]
    return int(told[0]) if len(told) == 1 else 0


def _cost(row: StudyRow, aim: Objective) -> str:
    """What a front is drawn over: the other objective if there is one, else the multiply-adds."""
    others = [each.metric for each in row.spec.objectives if each.metric != aim.metric]
    return next(iter(others), "macs" if aim.metric != "macs" else "params")


def _best(store: Store, name: str, metric: str | None) -> tuple[StudyRow, Objective, list[TrialRow]]:
    """A study, what it is looked at for, and its best trials by that: those that keep the limits first."""
    row = store.study(name)
    if not row.counts[TrialState.COMPLETE]:
        raise nothing(row)
    aim = direction(row, metric)
    rivals = contenders(store, row, [aim.metric])
    entries = _entries(rivals, aim)
    if not entries:
        raise NasError(
            f"study {name!r}: no complete trial has {aim.metric} as a number; see nas trials {name}"
        )
    return row, aim, [store.trial(row.id, numbers_of(rivals, entry)[0]) for entry in entries]


def _entries(rivals: Contenders, aim: Objective) -> list[int]:
    if aim == rivals.study.spec.objectives[0]:
        return ranked(rivals, TOP).tolist()  # type: ignore[no-any-return]
    losses = rivals.values[aim.metric] * (1 if aim.minimize else -1)
    known = np.flatnonzero(np.isfinite(losses))
    order = known[np.lexsort((losses[known], ~rivals.feasible[known]))]
    return order[:TOP].tolist()  # type: ignore[no-any-return]
