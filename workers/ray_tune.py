"""Ray Tune beside our own engine: a study as Tune's `Searcher`, a worker as Tune's `Trainable`.

    with tuning(store, "vgg-1") as (searcher, trainable):
        config = tune.TuneConfig(
            search_alg=searcher, scheduler=ASHAScheduler(max_t=8), num_samples=-1, metric="error", mode="min"
        )
        tune.Tuner(trainable, tune_config=config).fit()      # until the study's budget is spent

Points come from the study's sampler and epochs, results and failures go into its store; what
Tune's scheduler stops early is `pruned`. When the block ends, trials still running return to the
study's queue. Tune's own retries begin an attempt anew.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.search import Searcher

from nas.records import AttemptEnd, Cause, Ending, EpochReport, Request, TrialState
from nas.search.study import Study
from nas.store import Store
from workers.data import dataset
from workers.recipe import Recipe
from workers.run import run_attempt, worker_name

OURS = "nas"
"""Key of our own part of Tune's results: epoch, wall_s, last, metrics, and a failure's cause."""


@contextmanager
def tuning(store: Store, study_name: str) -> Iterator[tuple["StudySearcher", type[tune.Trainable]]]:
    """A searcher and a trainable for `tune.Tuner`; the study is this process's until the block ends."""
    study = Study(store, study_name)
    with study.joined():
        yield StudySearcher(study), trainable(study)
    row = store.study(study_name)
    if row.used == row.budget and not row.counts[TrialState.QUEUED] + row.counts[TrialState.RUNNING]:
        store.set_ending(row.id, Ending.FINISHED)


class StudySearcher(Searcher):
    """Suggests the study's next trials to Tune and tells the study what became of them."""

    def __init__(self, study: Study) -> None:
        objective = study.spec.objectives[0]
        super().__init__(metric=objective.metric, mode="min" if objective.minimize else "max")
        self._study: Study | None = study
        self._requests: dict[str, Request] = {}
        self._epochs: dict[str, int] = {}

    def suggest(self, trial_id: str) -> Any:
        """A claimed trial as Tune's configuration: plain data; `FINISHED` when the budget is spent."""
        requests = self.study.ask(1)
        if not requests:
            return Searcher.FINISHED
        self._requests[trial_id] = request = requests[0]
        names = ("number", "attempt", "point", "recipe", "seed")
        return {name: getattr(request, name) for name in names}

    def on_trial_result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """Write an epoch, or the end of an attempt that failed."""
        if trial_id in self._requests:
            self._hear(trial_id, _told(result))

    def on_trial_complete(
        self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tell the study: complete at its last epoch, pruned before; an unheard error lost its worker."""
        told = _told(result or {})
        if trial_id in self._requests and told and not error:
            self._hear(trial_id, told)  # Tune shows the result that ends a trial only here
        if trial_id not in self._requests:
            return
        key = self._requests[trial_id].key
        if error or not told:
            message = "Tune ended the trial with an error of its own: see its result grid"
            self._tell(trial_id, AttemptEnd(*key, cause=Cause.PREEMPTED, message=message), 0.0)
        else:
            end = AttemptEnd(*key, told["metrics"], stopped=not told["last"], worker=told["worker"])
            self._tell(trial_id, end, told["wall_s"])

    def _hear(self, trial_id: str, told: dict[str, Any]) -> None:
        request = self._requests[trial_id]
        if told["cause"]:
            end = AttemptEnd(
                *request.key, cause=Cause(told["cause"]), message=told["message"], worker=told["worker"]
            )
            self._tell(trial_id, end, told["wall_s"])
        elif told["epoch"] > self._epochs.get(trial_id, 0):
            self._epochs[trial_id] = told["epoch"]
            self.study.report([EpochReport(*request.key, told["epoch"], told["metrics"], told["wall_s"])])

    def save(self, checkpoint_path: str) -> None:
        """Which of Tune's trials is which of ours; all else is in the store."""
        keys = {trial_id: request.key for trial_id, request in self._requests.items()}
        Path(checkpoint_path).write_text(json.dumps(keys), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to bring back: trials that ran when Tune died wait in the study's queue."""
        self._requests = {}

    @property
    def study(self) -> Study:
        """The study; a copy that went through pickle has none."""
        assert self._study is not None, "this searcher was unpickled: make one with `tuning`"
        return self._study

    def _tell(self, trial_id: str, end: AttemptEnd, wall_s: float) -> None:
        del self._requests[trial_id]
        stopped_as = TrialState.PRUNED if end.stopped else None
        outcome = self.study.outcome(end, wall_s=wall_s, stopped_as=stopped_as)
        self.study.tell([outcome])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_study": None, "_requests": {}}

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
        self._steps, self._expected = run_attempt(request), _epochs(request)
        self._told: dict[str, Any] = {"epoch": 0, "wall_s": 0.0, "last": False, "metrics": {}}
        self._told |= {"cause": "", "message": "", "worker": worker_name()}

    def step(self) -> dict[str, Any]:
        """Train an epoch. A failure is first told as a result, so that the study learns its cause."""
        if self._told["cause"]:
            raise RuntimeError(f"{self._told['cause']}: {self._told['message']}")
        event = next(self._steps)
        if isinstance(event, EpochReport):
            self._told |= {"epoch": event.epoch, "wall_s": event.wall_s, "metrics": dict(event.metrics)}
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
