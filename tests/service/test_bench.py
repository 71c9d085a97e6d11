"""Samplers compared on a table, and a whole search on one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import NasError, UnknownNameError
from nas.service.bench import BenchOptions, bench
from nas.service.engines import EngineOptions, check_engine, check_evaluator
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.store import open_store
from tests.conftest import Nas
from tests.workers.tables.making import BOWL, bowl, write


@pytest.fixture
def options(tmp_path: Path) -> SearchOptions:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    return SearchOptions(
        space=str(tmp_path / "bowl.yaml"), evaluator=f"table:{bowl(tmp_path / 't.csv')}", sampler="random"
    )


def test_a_specification_names_the_content_and_its_epochs(options: SearchOptions, tmp_path: Path) -> None:
    spec = specify(options)
    name, mark = spec.evaluator.split("@")
    assert name == f"table:{tmp_path / 't.csv'}"
    assert len(mark) == 8
    assert spec.recipe["epochs"] == 3


def test_a_recipe_value_that_a_table_does_not_heed_is_a_mistake(options: SearchOptions) -> None:
    assert specify(replace(options, recipe={"epochs": 2})).recipe["epochs"] == 2
    with pytest.raises(NasError, match=r"--recipe lr=0.1: .* trains nothing, .* heeds: epochs"):
        specify(replace(options, recipe={"lr": 0.1}))


def test_fewer_trials_than_repeats_are_a_mistake(options: SearchOptions) -> None:
    assert specify(replace(options, repeat=3, trials=3)).repeat == 3
    with pytest.raises(NasError, match="--repeat 7 with --trials 6: not one network gets all its repeats"):
        specify(replace(options, repeat=7, trials=6))


@pytest.mark.slow
def test_regrets_fall_to_nothing_once_all_is_tried(options: SearchOptions) -> None:
    heard: list[tuple[str, int]] = []
    asked = BenchOptions(search=options, searches=("random",), seeds=2, trials=200, workers=4)
    found = bench(asked, on_study=lambda *said: heard.append(said))
    assert heard == [("random", seed) for seed in range(2)]
    assert found.best == pytest.approx(0.01)
    (standing,) = found.standings
    assert [r.trials for r in standing.regrets] == [1, 2, 5, 10, 20, 50, 100, 200]
    means = [r.mean for r in standing.regrets if r.mean is not None]
    assert means == sorted(means, reverse=True)
    assert standing.regrets[-1].mean == pytest.approx(0, abs=1e-9)
    assert standing.virtual_s >= 3 * sum(range(201)) / 4
    for regret in standing.regrets:
        assert regret.mean_interval is not None
        assert regret.mean is not None
        assert regret.mean_interval[0] - 1e-12 <= regret.mean <= regret.mean_interval[1] + 1e-12


def test_a_bench_is_the_same_again(options: SearchOptions) -> None:
    asked = BenchOptions(search=options, searches=("random",), seeds=2, trials=20, workers=4)
    one, again = (bench(asked).standings[0] for _ in range(2))
    assert (again.table == one.table).all()


def test_a_bench_needs_a_table(options: SearchOptions) -> None:
    with pytest.raises(NasError, match="has no table of results: type --evaluator table:PATH"):
        bench(BenchOptions(search=replace(options, evaluator="cost")))
    with pytest.raises(UnknownNameError):
        bench(BenchOptions(search=options, searches=("tpee",)))
    with pytest.raises(NasError, match="--sampler tpe is named twice"):
        bench(BenchOptions(search=options, searches=("tpe", "random", "tpe")))
    with pytest.raises(NasError, match="--seeds 0"):
        bench(BenchOptions(search=options, seeds=0))


def test_a_bench_whose_trials_all_fail_says_why(options: SearchOptions, tmp_path: Path) -> None:
    rows = [[width, "nan" if width < 200 else 0.5] for width in range(1, 201)]
    write(tmp_path / "t.csv", ["width", "error"], rows)
    with pytest.raises(NasError, match=r"sampler random, seed 0: 5 trials in a row .* metric error is nan"):
        bench(BenchOptions(search=options, searches=("random",), seeds=1))


def test_an_address_is_for_ray_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NasError, match="the simulated engine has no cluster"):
        check_engine(EngineOptions(engine="simulated", address="host:1"))
    monkeypatch.setenv("NAS_ADDRESS", "no-port")
    check_engine(EngineOptions(engine="simulated"))
    with pytest.raises(NasError, match="--address 'no-port': it has no port"):
        check_engine(EngineOptions())


def test_bench_on_the_command_line(options: SearchOptions, nas_here: Nas) -> None:
    words = ("bench", options.space, "--evaluator", options.evaluator, "--sampler", "random", "--seeds", "2")
    done = nas_here(*words, "--trials", "10", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [r["trials"] for r in found["standings"][0]["regrets"]] == [1, 2, 5, 10]
    done = nas_here(*words, "--trials", "5")
    assert "random: " in done.stdout
    assert "of virtual time a study" in done.stdout


def test_a_search_on_virtual_workers(options: SearchOptions, nas_here: Nas) -> None:
    words = ("search", options.space, "--evaluator", options.evaluator, "--sampler", "random")
    done = nas_here(*words, "--engine", "simulated", "--trials", "30", "--study", "b")
    assert done.returncode == 0, done.stderr
    assert "b: finished" in done.stdout
    assert "16 slots" in done.stdout
    assert "anew" not in done.stdout  # a table has one result a network
    assert "comparison" not in done.stdout
    rows = json.loads(nas_here("trials", "b", "--json").stdout)
    rows = rows["rows"] if isinstance(rows, dict) else rows
    assert {row["wall_s"] == 3 * row["point"]["width"] for row in rows} == {True}


def test_virtual_workers_are_not_for_what_works(options: SearchOptions, nas_here: Nas) -> None:
    said = "evaluator 'train' works, and says no seconds for a virtual clock; type --engine ray"
    for evaluator in ("cost", options.evaluator, "proxy:naswot", "python:tests.cli.evaluators.quick"):
        check_evaluator(EngineOptions(engine="simulated"), evaluator)
    check_evaluator(EngineOptions(), "train")
    with pytest.raises(NasError, match="'latency' works"):
        check_evaluator(EngineOptions(engine="simulated"), "latency")
    assert said in nas_here("search", "lenet", "--engine", "simulated").stderr
    with open_store() as store:
        start(store, specify(SearchOptions(space="lenet")), "s", 2)
    done = nas_here("resume", "s", "--engine", "simulated")
    assert (done.returncode, said in done.stderr) == (2, True)


def test_mistakes_are_one_message(options: SearchOptions, nas_here: Nas) -> None:
    for words, message in (
        (("--evaluator", "table:nowhere.csv"), "nowhere.csv cannot be read: No such file"),
        (("--evaluator", options.evaluator, "--objective", "accuracy"), "has no metric 'accuracy'"),
        (("--evaluator", options.evaluator, "--recipe", "epochs=9"), "it has them after 1, 2, 3"),
    ):
        done = nas_here("search", options.space, *words, "--engine", "simulated")
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
