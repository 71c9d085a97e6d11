"""A user's own `tune.Tuner`, with Tune's ASHA, over a study."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import SamplerError
from nas.records import Cause, Ending, Objective, Screen, StudySpec, TrialState
from nas.search.attempts import DEATHS
from nas.space.load import load_space
from nas.store import Store, open_store
from workers.data import dataset

pytestmark = [pytest.mark.ray, pytest.mark.slow]

EPOCHS = 6
"""What the profile `digits` of `vgg` says."""
BUDGET = 5
"""Few: Tune starts a process for nearly each trial."""


@pytest.fixture(scope="module")
def _ray() -> Iterator[None]:
    from workers.slots.connect import connect

    cluster = connect(None)
    yield
    cluster.close()


def _store(tmp_path: Path, evaluator: str, budget: int, metric: str = "error") -> Store:
    space = load_space("vgg", data=dataset("digits").info)
    spec = StudySpec(
        space=space.document,
        data="digits",
        recipe=space.training,
        evaluator=evaluator,
        sampler="random",
        objectives=(Objective(metric),),
    )
    store = open_store(f"sqlite:///{tmp_path}/nas.db")
    store.create_study("tuned", spec, budget, str(tmp_path / "artifacts" / "tuned"))
    return store


def _fit(store: Store, tmp_path: Path, num_samples: int) -> object:
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    from workers.ray_tune import tuning

    with tuning(store, "tuned") as (searcher, trainable):
        scheduler = ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=2)
        config = tune.TuneConfig(
            search_alg=searcher,
            scheduler=scheduler,
            num_samples=num_samples,
            metric="error",
            mode="min",
            reuse_actors=True,
        )
        run = tune.RunConfig(storage_path=str(tmp_path / "tune"), verbose=0)
        return tune.Tuner(trainable, tune_config=config, run_config=run).fit()


@pytest.mark.usefixtures("_ray")
def test_trials_of_vgg_are_in_the_store(tmp_path: Path) -> None:
    with _store(tmp_path, "train", BUDGET) as store:
        grid = _fit(store, tmp_path, num_samples=-1)
        row = store.study("tuned")
        trials = store.trials(row.id)
        assert len(grid) == len(trials) == BUDGET
        assert {trial.state for trial in trials} <= {TrialState.COMPLETE, TrialState.PRUNED}
        assert any(trial.state is TrialState.COMPLETE for trial in trials)
        assert row.ending is Ending.FINISHED
        for trial in trials:
            epochs = [epoch for epoch, _ in store.curve(row.id, trial.number)]
            assert epochs == list(range(1, len(epochs) + 1))
            assert (len(epochs) == EPOCHS) is (trial.state is TrialState.COMPLETE)
            assert 0 <= trial.values[0] <= 1
        left = {path.name for path in (tmp_path / "artifacts").rglob("*") if path.is_file()}
        assert "best.safetensors" in left
        assert not any(name.startswith("state-") for name in left)


@pytest.mark.usefixtures("_ray")
def test_a_failing_evaluator_leaves_its_cause_in_the_store(tmp_path: Path) -> None:
    with _store(tmp_path, "python:tests.workers.standins.raises", 2) as store:
        grid = _fit(store, tmp_path, num_samples=2)
        trials = store.trials(store.study("tuned").id)
        assert [trial.state for trial in trials] == [TrialState.FAILED] * 2
        assert {trial.cause for trial in trials} == {Cause.ERROR}
        assert "ZeroDivisionError" in trials[0].message
        assert len(grid.errors) == 2


@pytest.mark.usefixtures("_ray")
def test_a_trial_whose_worker_is_lost_is_tried_again(tmp_path: Path) -> None:
    with _store(tmp_path, "python:tests.workers.standins.killed_once", 2) as store:
        grid = _fit(store, tmp_path, num_samples=-1)
        row = store.study("tuned")
        assert [trial.state for trial in store.trials(row.id)] == [TrialState.COMPLETE] * 2
        assert [trial.attempt for trial in store.trials(row.id)] == [2, 2]
        for number in (1, 2):
            first, second = store.attempts(row.id, number)
            assert (first.cause, second.cause) == (Cause.PREEMPTED, None)
        assert len(grid.errors) == 2
        assert row.ending is Ending.FINISHED


LOST = {"error": True}
"""How Tune tells that a trial's worker is gone."""


def test_finished_is_said_only_when_nothing_can_come_back(tmp_path: Path) -> None:
    from ray.tune.search import Searcher

    from workers.ray_tune import tuning

    with _store(tmp_path, "cost", 1, "macs") as store, tuning(store, "tuned") as (searcher, _):
        for attempt in range(1, DEATHS + 1):
            assert searcher.suggest(f"t{attempt}")["attempt"] == attempt
            assert searcher.suggest("other") is None
            searcher.on_trial_complete(f"t{attempt}", **LOST)
        assert searcher.suggest("last") == Searcher.FINISHED
        (trial,) = store.trials(store.study("tuned").id)
        assert (trial.state, trial.cause) == (TrialState.FAILED, Cause.PREEMPTED)


def test_a_lost_lease_is_rejoined(tmp_path: Path) -> None:
    from workers.ray_tune import tuning

    with _store(tmp_path, "cost", 2, "macs") as store, tuning(store, "tuned") as (searcher, _):
        study_id = store.study("tuned").id
        first = searcher.suggest("a")
        store.end_driver(searcher.study.driver_id)  # as another driver does with one that was asleep
        told = {"epoch": 1, "wall_s": 0.1, "last": True, "metrics/macs": 1.0, "cause": "", "worker": "w"}
        result = {f"nas/{name}": value for name, value in told.items()}
        searcher.on_trial_complete("a", result)
        again = searcher.suggest("b")
        assert (again["number"], again["attempt"]) == (first["number"], 2)
        searcher.on_trial_complete("b", result)
        other = searcher.suggest("c")
        assert other["number"] == 2
        searcher.on_trial_complete("c", result)
        assert [trial.state for trial in store.trials(study_id)] == [TrialState.COMPLETE] * 2
        assert len(store.drivers(study_id)) == 2


def test_a_study_that_a_proxy_advises_is_refused_before_anything_runs(tmp_path: Path) -> None:
    from workers.ray_tune import tuning

    with _store(tmp_path, "cost", 2, "macs") as store:
        spec = replace(store.study("tuned").spec, screen=Screen("naswot", "proxy:naswot", 8))
        row = store.create_study("advised", spec, 2, str(tmp_path / "artifacts" / "advised"))
        with pytest.raises(SamplerError, match="screened by naswot"), tuning(store, "advised"):
            pass
        assert not store.drivers(row.id)
