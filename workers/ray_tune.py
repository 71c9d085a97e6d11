"""Ray Tune beside our own engine: a study as Tune's `Searcher`, a worker as Tune's `Trainable`.

    with tuning(store, "vgg-1") as (searcher, trainable):
        config = tune.TuneConfig(
            search_alg=searcher, scheduler=ASHAScheduler(max_t=8), num_samples=-1, metric="error", mode="min"
        )
        tune.Tuner(trainable, tune_config=config).fit()      # until the study's budget is spent

Points come from the study's sampler and epochs, results and failures go into its store; what
Tune's scheduler stops early is `pruned`. When the block ends, trials still running return to the
study's queue. So does a trial whose worker is lost: Tune shows it as an error, and it is suggested
again. Tune's own retries begin an attempt anew.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.search import Searcher

from nas.records import AttemptEnd, Cause, Ending, EpochReport, Request, TrialState
from nas.search.attempts import DEATHS
from nas.search.study import Study
from nas.store import Store
from nas.store.rows import StudyRow
from workers.data import dataset
from workers.recipe import Recipe
from workers.run import run_attempt, worker_name
from workers.states import forget

OURS = "nas"
"""Key of our own part of Tune's results: epoch, wall_s, last, metrics, and a failure's cause."""


@contextmanager
def tuning(store: Store, study_name: str) -> Iterator[tuple["StudySearcher", type[tune.Trainable]]]:
    """A searcher and a trainable for `tune.Tuner`; the study is this process's until the block ends.

    Raises `SamplerError` for a study that a proxy advises: Tune has no place for what the proxy judges.
    """
    study = Study(store, study_name)
    study.refuse_screen()
    searcher = StudySearcher(study)
    with study.joined():
        yield searcher, trainable(study)
    for number in searcher.pruned:
        forget(study.row.artifacts, number)
    row = store.study(study_name)
    if _is_spent(row):
        store.set_ending(row.id, Ending.FINISHED)


def _is_spent(row: StudyRow) -> bool:
    """Whether the budget is used and nothing may come back to the queue."""
    return row.used >= row.budget and not row.counts[TrialState.QUEUED] + row.counts[TrialState.RUNNING]


@dataclass
class _Held:
    """An attempt that one of Tune's trials runs."""

    request: Request
    driver_id: int
    """The lease under which it was claimed."""
    told: dict[str, Any] = field(default_factory=dict)
    """Our part of the latest result."""


class StudySearcher(Searcher):
    """Suggests the study's next trials to Tune and tells the study what became of them."""

    def __init__(self, study: Study) -> None:
        objective = study.spec.objectives[0]
        super().__init__(metric=objective.metric, mode="min" if objective.minimize else "max")
        self._study: Study | None = study
        self._held: dict[str, _Held] = {}
        self.pruned: list[int] = []
        """Numbers of the trials that Tune's scheduler stopped: no state of theirs is needed any more."""

    def suggest(self, trial_id: str) -> Any:
        """A claimed trial as Tune's configuration: plain data.

        None: there may be one later, as when the worker of a running trial is lost. `FINISHED`: the
        budget is used, or no new point is left.
        """
        self._rejoin_if_lost()
        self.study.reap()
        requests = self.study.ask(1)
        if not requests and self._rejoin_if_lost():
            requests = self.study.ask(1)
        if not requests:
            return Searcher.FINISHED if self._is_over() else None
        self._held[trial_id] = _Held(requests[0], self.study.driver_id)
        names = ("number", "attempt", "point", "recipe", "seed", "costs")
        return {name: getattr(requests[0], name) for name in names}

    def _is_over(self) -> bool:
        row = self.study.store.study(self.study.row.name)
        return _is_spent(row) or (self.study.proposer.exhausted and not self._held)

    def _rejoin_if_lost(self) -> bool:
        """Go on under a new lease if the old one is lost: its trials are back in the queue."""
        if self.study.lease is None or not self.study.lease.lost.is_set():
            return False
        self.study.leave()
        self.study.join()
        return True

    def on_trial_result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """Write an epoch, or the end of an attempt that failed."""
        if trial_id in self._held:
            self._hear(trial_id, _told(result))

    def on_trial_complete(
        self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tell the study: complete at its last epoch, pruned before; an unheard error lost its worker."""
        told = _told(result or {})
        if trial_id in self._held and told and not error:
            self._hear(trial_id, told)  # Tune shows the result that ends a trial only here
        if trial_id not in self._held:
            return
        held = self._held[trial_id]
        if error or not held.told:
            message = "Tune ended the trial with an error of its own: see its result grid"
            self._give_back(trial_id, AttemptEnd(*held.request.key, cause=Cause.PREEMPTED, message=message))
            return
        told, stopped = held.told, not held.told["last"]
        self._tell(trial_id, AttemptEnd(*held.request.key, told["metrics"], stopped, worker=told["worker"]))

    def _hear(self, trial_id: str, told: dict[str, Any]) -> None:
        held = self._held[trial_id]
        before, held.told = held.told.get("epoch", 0), told
        if told["cause"]:
            cause, message = Cause(told["cause"]), told["message"]
            end = AttemptEnd(*held.request.key, cause=cause, message=message, worker=told["worker"])
            self._tell(trial_id, end)
        elif told["epoch"] > before:
            report = EpochReport(*held.request.key, told["epoch"], told["metrics"], told["wall_s"])
            self.study.report([report])

    def _give_back(self, trial_id: str, end: AttemptEnd) -> None:
        """The trial waits for another attempt, unless it has lost its worker too often."""
        study = self.study
        before = study.store.attempts(study.row.id, end.number)
        if 1 + sum(row.cause is Cause.PREEMPTED for row in before) >= DEATHS:
            self._tell(trial_id, end)
            return
        del self._held[trial_id]
        study.requeue(end, Cause.PREEMPTED)

    def _tell(self, trial_id: str, end: AttemptEnd) -> None:
        held = self._held.pop(trial_id)
        stopped_as = TrialState.PRUNED if end.stopped else None
        outcome = self.study.outcome(end, wall_s=held.told.get("wall_s", 0.0), stopped_as=stopped_as)
        if held.driver_id != self.study.driver_id:
            self.study.tell_late(held.driver_id, outcome)
        elif self.study.tell([outcome])[0] and end.stopped:
            self.pruned.append(end.number)

    def save(self, checkpoint_path: str) -> None:
        """Which of Tune's trials is which of ours; all else is in the store."""
        keys = {trial_id: held.request.key for trial_id, held in self._held.items()}
        Path(checkpoint_path).write_text(json.dumps(keys), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to bring back: trials that ran when Tune died wait in the study's queue."""
        self._held = {}

    @property
    def study(self) -> Study:
        """The study; a copy that went through pickle has none."""
        assert self._study is not None, "this searcher was unpickled: make one with `tuning`"
        return self._study

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_study": None, "_held": {}}

    def __deepcopy__(self, memo: object) -> "StudySearcher":
        return self


def trainable(study: Study) -> type[tune.Trainable]:
    """A Tune trainable class whose steps are the epochs of the study's trials."""
    constant = Request(
        study=study.row.name,
        number=0,
        attempt=0,
        space=study.space.document,
        point={},
        evaluator=study.spec.evaluator,
        data=study.spec.data,
        recipe={},
        seed=0,
        artifacts=study.row.artifacts,
        timeout_s=study.spec.timeout_s,
        objectives=study.spec.objectives,
        limits=study.spec.limits,
    )
    objectives = tuple(objective.metric for objective in study.spec.objectives)
    return type("StudyTrainable", (_Trainable,), {"constant": constant, "objectives": objectives})


class _Trainable(tune.Trainable):
    """One attempt, an epoch a step."""

    constant: Request
    objectives: tuple[str, ...]

    def setup(self, config: Mapping[str, Any]) -> None:
        """Begin an attempt; nothing is computed before the first step."""
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        request = replace(self.constant, **config)
        self._steps, self._expected, self._costs = run_attempt(request), _epochs(request), request.costs
        self._told: dict[str, Any] = {"epoch": 0, "wall_s": 0.0, "last": False, "metrics": {}}
        self._told |= {"cause": "", "message": "", "worker": worker_name()}

    def step(self) -> dict[str, Any]:
        """Train an epoch. A failure is first told as a result, so that the study learns its cause."""
        if self._told["cause"]:
            raise RuntimeError(f"{self._told['cause']}: {self._told['message']}")
        event = next(self._steps)
        if isinstance(event, EpochReport):
            metrics = {**event.metrics, **self._costs}
            self._told |= {"epoch": event.epoch, "wall_s": event.wall_s, "metrics": metrics}
            self._told["last"] = event.epoch == self._expected
        elif event.cause is None:
            self._told["last"] = True
        else:
            self._told |= {"cause": event.cause.value, "message": event.message}
            return {**dict.fromkeys(self.objectives, math.nan), OURS: dict(self._told)}
        return {**self._told["metrics"], OURS: dict(self._told), "done": self._told["last"]}

    def reset_config(self, new_config: Mapping[str, Any]) -> bool:
        """Take the next trial on in the same process (`reuse_actors`), with its caches."""
        self.cleanup()
        self.setup(new_config)
        return True

    def cleanup(self) -> None:
        """End what still runs; its state is written."""
        self._steps.close()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: the worker writes its own checkpoints below the study's artifacts."""

    def load_checkpoint(self, checkpoint: object) -> None:
        """Nothing, likewise."""


def _epochs(request: Request) -> int | None:
    """How many epochs there will be, where that is known beforehand."""
    if request.evaluator != "train":
        return None
    return Recipe.resolve(request.recipe, dataset(request.data).recipe).epochs


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    """Our part of a result that Tune has flattened: `nas/epoch`, `nas/metrics/error`, …"""
    ours = {k.removeprefix(f"{OURS}/"): v for k, v in result.items() if k.startswith(f"{OURS}/")}
    metrics = {k.removeprefix("metrics/"): v for k, v in ours.items() if k.startswith("metrics/")}
    return {**ours, "metrics": metrics} if ours else {}
