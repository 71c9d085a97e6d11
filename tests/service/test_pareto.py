"""Fronts, hypervolumes and limits of whole studies."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas.cli.live import Standing as Line
from nas.errors import NasError, UnknownNameError
from nas.records import Cause, TrialState
from nas.search.events import DriverEvent, Progress
from nas.search.fronts import dominates
from nas.search.hypervolume import hypervolume
from nas.service.engines import EngineOptions
from nas.service.listing import list_trials as trials
from nas.service.pareto import pareto
from nas.service.run import Result, run
from nas.service.specify import SearchOptions, specify
from nas.service.studies import best, start, summaries, view
from nas.store import Store
from tests.conftest import ROOT, Nas

INLINE = EngineOptions(engine="inline")
TRADED = SearchOptions(space="vgg", evaluator="python:tests.cli.evaluators.traded", sampler="random")
TWO = replace(TRADED, objective="error,macs")


class Watch:
    """The line of a search after every event."""

    def __init__(self) -> None:
        self.line, self.lines = Line(), list[str]()
        self.progress = list[Progress]()

    def on_event(self, event: DriverEvent) -> None:
        self.line.take(event)
        self.lines.append(self.line.line())
        if isinstance(event, Progress):
            self.progress.append(event)


def searched(store: Store, options: SearchOptions, count: int = 12, **more: Any) -> Result:
    start(store, specify(options), "x", count)
    return run(store, "x", INLINE, **more)


def test_the_front_of_a_study_and_how_it_grew(store: Store) -> None:
    watch = Watch()
    result = searched(store, TWO, listener=watch)
    found = pareto(store, "x")
    assert result.front == found == view(store, "x").front
    assert (result.best, result.answer, result.unmet) == (None, None, "")
    values = [trial.values for trial in found.front]
    assert values == sorted(set(values))
    rows = trials(store, "x", state="complete")
    assert all(trial.values[1] == trial.macs == trial.metrics["macs"] for trial in rows)
    assert not any(dominates(trial.values, value) for trial in rows for value in values)
    worst = {"error": max(t.values[0] for t in rows), "macs": max(t.values[1] for t in rows)}
    assert found.reference == worst
    assert found.hypervolume == pytest.approx(hypervolume([t.values for t in rows], tuple(worst.values())))
    assert [step.number for step in found.history] == list(range(1, 13))
    assert found.history[-1].size == len(values)
    assert found.history[-1].hypervolume == pytest.approx(found.hypervolume)
    line = f"12/12 done, front of {len(values)} trials, hypervolume {found.hypervolume:.4g}"
    assert line in watch.lines[-1]
    assert watch.progress[-1].told


def test_a_reference_of_the_users(store: Store) -> None:
    searched(store, TWO, 4)
    found = pareto(store, "x", ["error=1,macs=1G"])
    assert found.reference == {"error": 1.0, "macs": 1e9}
    assert found.hypervolume > pareto(store, "x", ["error=1"]).hypervolume > 0
    with pytest.raises(UnknownNameError, match="--reference: unknown objective 'params'"):
        pareto(store, "x", ["params=1"])


def test_before_the_first_result_there_is_no_front(store: Store) -> None:
    start(store, specify(TWO), "x", 4)
    with pytest.raises(NasError, match="'x' has no complete trial yet"):
        pareto(store, "x")
    assert (view(store, "x").front, view(store, "x").best) == (None, None)


def test_only_what_keeps_a_limit_is_best(store: Store) -> None:
    free = searched(store, TRADED, 8)
    assert free.best is not None
    middle = sorted(trial.metrics["latency_ms"] for trial in trials(store, "x"))[3]
    start(store, specify(replace(TRADED, most=(f"latency_ms={middle}",))), "y", 8)
    result = run(store, "y", INLINE, compare=False)
    rows = trials(store, "y")
    kept = [trial for trial in rows if trial.metrics["latency_ms"] <= middle]
    assert {trial.state for trial in rows} == {TrialState.COMPLETE}
    assert 0 < len(kept) < len(rows)
    assert result.best is not None
    assert result.answer is not None
    assert result.best.number == result.answer.best == best(store, "y", 3)[0].number
    assert result.best.values == min(trial.values for trial in kept)
    assert free.best.values < result.best.values
    assert [trial.number for trial in best(store, "y", 99)] == [
        trial.number for trial in sorted(kept, key=lambda trial: trial.values)
    ]
    assert summaries(store)[0].best == result.best.values[0]
    said = next(trial.message for trial in rows if trial not in kept)
    assert f"the limit is latency_ms <= {middle:g}" in said


def test_where_nothing_keeps_the_limits_that_is_said(store: Store) -> None:
    watch = Watch()
    result = searched(store, replace(TRADED, most=("latency_ms=1",)), 5, listener=watch)
    rows = trials(store, "x")
    nearest = min(rows, key=lambda trial: trial.metrics["latency_ms"])
    assert result.best == view(store, "x").best == best(store, "x")[0] == nearest
    assert result.answer is None
    assert result.unmet.startswith(
        f"no trial keeps the limits; the nearest is trial {nearest.number}: latency_ms is "
    )
    assert summaries(store)[0].best is None
    assert "5/5 done, no result yet" in watch.lines[-1]


def test_a_front_without_what_is_beyond_a_limit(store: Store) -> None:
    searched(store, replace(TWO, most=("latency_ms=150",)), 10)
    found = pareto(store, "x")
    assert 0 < found.beyond < found.complete == 10
    assert all(trial.metrics["latency_ms"] <= 150 for trial in found.front)
    assert len(found.history) == found.complete - found.beyond
    start(store, specify(replace(TWO, most=("latency_ms=1",))), "y", 4)
    result = run(store, "y", INLINE)
    assert result.front is not None
    assert result.front.front == []
    assert result.best is not None
    assert "no trial keeps the limits" in result.unmet


def test_no_number_in_the_second_objective_fails_the_trial(store: Store) -> None:
    options = replace(TRADED, evaluator="python:tests.cli.evaluators.wild", objective="error,loss:max")
    result = searched(store, options, 6)
    rows = trials(store, "x")
    assert [trial.state for trial in rows] == [TrialState.FAILED, TrialState.COMPLETE] * 3
    assert {trial.cause for trial in rows[::2]} == {Cause.DIVERGED}
    assert result.front is not None
    assert [trial.number for trial in result.front.front] == [2]


def test_a_cost_may_come_first(store: Store) -> None:
    result = searched(store, replace(TRADED, objective="macs:max"), 4)
    assert result.best is not None
    assert result.best.values[0] == max(trial.macs or 0 for trial in trials(store, "x"))
    assert result.answer is not None
    assert result.answer.comparison == []  # the price is the same for every seed


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "nsga3", "quasirandom"])
def test_samplers_of_several_objectives_search_within_limits(store: Store, sampler: str) -> None:
    limits: dict[str, Any] = {"most": ("macs=3M", "latency_ms=250"), "least": ("params=75k",)}
    result = searched(store, replace(TWO, sampler=sampler, objective="error,macs,latency_ms", **limits), 30)
    assert result.front is not None
    assert result.front.front
    assert all(t.params and t.params >= 75_000 for t in trials(store, "x"))


# Tables


def bowl_options(folder: Path, **more: Any) -> SearchOptions:
    from tests.workers.tables.making import BOWL, bowl

    (folder / "bowl.yaml").write_text(BOWL)
    table = f"table:{bowl(folder / 't.csv')}"
    return SearchOptions(space=str(folder / "bowl.yaml"), evaluator=table, sampler="random", **more)


@pytest.mark.parametrize("objective", ["error,macs", "params,error", "macs"])
def test_a_cost_need_not_be_a_column(store: Store, tmp_path: Path, objective: str) -> None:
    start(store, specify(bowl_options(tmp_path, objective=objective)), "x", 9)
    run(store, "x", EngineOptions(engine="simulated", workers=3))
    for trial in trials(store, "x"):
        assert trial.values == tuple(trial.metrics[name] for name in objective.split(","))
        assert trial.metrics.get("macs", trial.macs) == trial.macs


def test_a_limit_needs_a_column(tmp_path: Path) -> None:
    said = (
        "--max latency_ms=3: .*has no metric 'latency_ms': its .*; a limit is of one of these, or of a cost: "
    )
    with pytest.raises(NasError, match=said):
        specify(bowl_options(tmp_path, most=("latency_ms=3",)))
    with pytest.raises(NasError, match="--min mac=3: .*did you mean 'macs'"):
        specify(bowl_options(tmp_path, least=("mac=3",)))


# The command line


@pytest.fixture
def finished(nas_here: Nas) -> Nas:
    words = ("search", "vgg", "--evaluator", TRADED.evaluator, "--engine", "inline", "--trials", "10")
    done = nas_here(*words, "--objective", "error,macs", "--study", "two", "--sampler", "random")
    assert done.returncode == 0, done.stderr
    assert "Front: " in done.stdout
    assert "trials, hypervolume " in done.stdout
    assert "Best: trial" not in done.stdout
    assert "anew" not in done.stdout
    return nas_here


def test_fronts_on_the_command_line(finished: Nas) -> None:
    found = json.loads(finished("pareto", "two", "--json").stdout)
    assert {"front", "reference", "hypervolume", "history", "objectives"} <= found.keys()
    numbers = [trial["number"] for trial in found["front"]]
    rows = finished("pareto", "two", "--csv").stdout.splitlines()
    assert rows[0] == "trial,error,macs,params,point"
    assert [int(row.split(",")[0]) for row in rows[1:]] == numbers
    text = finished("pareto", "two").stdout
    assert f"Front: {len(numbers)} of 10 complete trials" in text
    assert "Hypervolume " in text
    assert text.splitlines()[1].split() == ["trial", "error", "macs", "params", "point"]
    assert [row["number"] for row in json.loads(finished("best", "two", "--json").stdout)] == numbers
    assert "Front: " in finished("best", "two").stdout
    shown = finished("show", "two").stdout
    assert "10 trials, min error, min macs" in shown
    assert "Front: " in shown
    seen = json.loads(finished("show", "two", "--json").stdout)
    assert (seen["best"], len(seen["front"]["front"])) == (None, len(numbers))
    wider = json.loads(finished("pareto", "two", "--json", "--reference", "error=1,macs=1G").stdout)
    assert wider["reference"] == {"error": 1.0, "macs": 1e9}


def test_limits_on_the_command_line(nas_here: Nas) -> None:
    words = ("search", "vgg", "--evaluator", TRADED.evaluator, "--engine", "inline", "--trials", "4")
    done = nas_here(*words, "--max", "latency_ms=1", "--study", "no")
    assert done.returncode == 0, done.stderr
    assert "No answer: no trial keeps the limits; the nearest is trial" in done.stdout
    assert "Nearest: trial" in done.stdout
    assert "latency_ms is" in next(line for line in done.stdout.splitlines() if line.startswith("trial 1 "))
    told = nas_here("best", "no", "--json")
    assert "no trial keeps the limits" in told.stderr
    assert len(json.loads(told.stdout)) == 1
    assert "min error, latency_ms <= 1" in nas_here("show", "no").stdout
    done = nas_here(*words, "--max", "macs=1k")
    assert done.returncode == 2
    assert "--max macs=1000: no network of space vgg was found that keeps it" in done.stderr
    assert "Traceback" not in done.stderr


# For real


@pytest.mark.slow
@pytest.mark.ray
def test_digits_through_ray(nas: Nas) -> None:
    """Objectives that are trained, priced and measured, each with a limit."""
    names = ["error", "macs", "latency_ms"]
    done = nas(
        "search", "efficientnet-scaling", "--set", "base=8", "--trials", "3", "--recipe", "epochs=1",
        "--workers", "1", "--study", "r", "--objective", ",".join(names), "--json", "--no-compare",
        "--max", "macs=400k", "--max", "latency_ms=1000", "--min", "accuracy=0.01",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["study"]["counts"]["complete"] == 3
    for trial in json.loads(nas("trials", "r", "--json").stdout):
        assert trial["values"] == [trial["metrics"][name] for name in names]
        assert trial["metrics"]["macs"] == trial["macs"] <= 400_000
    assert found["front"]["front"]


CELLS = ROOT.parent / "shared" / "data" / "nasbench201_cifar10.csv.gz"


@pytest.mark.slow
@pytest.mark.skipif(not CELLS.is_file(), reason=f"{CELLS} is not there")
def test_the_front_of_nsga2_dominates_more_than_that_of_chance_on_trained_cells(tmp_path: Path) -> None:
    from nas.store import open_store
    from workers.tables.nasbench201 import convert

    convert(CELLS, tmp_path / "cells.csv")
    options = SearchOptions(
        space="cell", evaluator=f"table:{tmp_path / 'cells.csv'}", objective="error,macs", data="cifar10"
    )
    volumes: dict[str, list[float]] = {"nsga2": [], "random": []}
    for sampler, found in volumes.items():
        for seed in range(3):
            with open_store("sqlite://") as store:
                start(store, specify(replace(options, sampler=sampler, seed=seed)), "x", 150)
                run(store, "x", EngineOptions(engine="simulated", workers=4))
                found.append(pareto(store, "x", ["error=0.2,macs=200M"]).hypervolume)
    means = {sampler: sum(found) / 3 for sampler, found in volumes.items()}
    assert means["nsga2"] > means["random"], volumes
