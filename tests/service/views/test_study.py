"""A study's page: where it stands, its best trial as `nas best` says it, its space as a file."""

import subprocess
import sys
from pathlib import Path

import pytest

import nas
from nas.errors import StudyNotFoundError
from nas.records import Ending, Limit, Objective, TrialState
from nas.service.pareto import leaders, pareto
from nas.service.plain import plain
from nas.service.views.study import study_page
from nas.store import Store
from tests.service.views.making import Told, driver_of, spec, study


def test_one_objective(store: Store) -> None:
    row = study(store, [Told((0.5,)), Told((0.25,)), Told((0.1,), TrialState.PRUNED)])
    store.count_refusals(row.id, {"params": 3})
    page = study_page(store, "one")
    assert page.best == leaders(store, row)[0] == store.trial(row.id, 2)
    assert (page.front_size, page.unmet, page.repeats, page.ending) == (None, "", [], None)
    assert (page.refusals, page.acceptance) == ({"params": 3}, 0.5)
    assert page.metrics[0] == "error"
    assert {"macs", "paths"} <= set(page.metrics)
    assert "filters[0]" in page.parameters
    assert (page.spec["data"], page.spec["sampler"]) == ("digits", "random")
    assert "space" not in page.spec
    assert page.commands["trial"] == "nas trial one 2"
    assert page.ending_detail == "Drivers are at work on it."
    assert plain(page)["line"]["name"] == "one"


def test_the_space_can_be_read_again(store: Store, tmp_path: Path) -> None:
    study(store, [])
    file = tmp_path / "again.yaml"
    file.write_text(study_page(store, "one").space_yaml)
    assert nas.load_space(str(file)).raw == nas.load_space("alexnet").raw


def test_several_objectives(store: Store) -> None:
    told = [Told((0.5, 10.0)), Told((0.4, 20.0)), Told((0.5, 10.0)), Told((0.6, 30.0)), Told((0.9, 1.0))]
    study(store, told, spec(Objective("error"), Objective("ms")))
    page = study_page(store, "one")
    assert page.front_size == len(pareto(store, "one").front) == 3
    assert page.best == store.trial(1, 2)
    assert "front" in page.commands


def test_limits_that_nothing_keeps(store: Store) -> None:
    told = [Told((0.5,), metrics={"ms": 9.0}), Told((0.6,), metrics={"ms": 7.0})]
    row = study(store, told, spec(limits=(Limit("ms", 5.0),)))
    page = study_page(store, "one")
    assert page.best == leaders(store, row)[0]
    assert page.unmet == "no trial keeps the limits; the nearest is trial 2: ms is 7: the limit is ms <= 5"
    assert page.limits == ["ms <= 5"]


def test_repeats(store: Store) -> None:
    told = [Told((0.5,))] * 40 + [Told((0.1,)), Told((0.3,))]
    row = study(store, told, spec(repeat=2))
    page = study_page(store, "one")
    assert page.repeats == [1, 41]
    assert page.best == leaders(store, row)[0]
    assert page.best is not None
    assert page.best.values == ((0.5 + 0.1) / 2,)


def test_an_empty_study_at_its_end(store: Store) -> None:
    row = study(store, [], spec(Objective("error"), Objective("macs")))
    store.end_driver(driver_of(store, row))
    store.set_ending(row.id, Ending.EXHAUSTED)
    page = study_page(store, "one")
    assert (page.best, page.front_size, page.acceptance, page.utilisation) == (None, 0, None, None)
    assert page.ending == "exhausted"
    assert "20 trials of its budget are left" in page.ending_detail
    assert "trial" not in page.commands


def test_an_unknown_study(store: Store) -> None:
    study(store, [])
    with pytest.raises(StudyNotFoundError, match="did you mean 'one'"):
        study_page(store, "on")


def test_nothing_heavy_is_loaded() -> None:
    views = "compare, curves, front, history, importance, overview, parallel, study, timeline"
    code = f"""import sys
from nas.service.views import {views}
print({{"torch", "ray", "optuna", "scipy"}} & set(sys.modules))"""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "set()\n"
