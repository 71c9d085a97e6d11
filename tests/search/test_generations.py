"""Genetic samplers: generations, survivors, fronts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nas.records import AttemptEnd, Objective, TrialState
from nas.search.fronts import dominates, front, leading
from nas.search.generations import POPULATION
from nas.search.history import Past, bounded
from nas.search.hypervolume import hypervolume
from nas.search.samplers import SAMPLERS, Ask
from nas.search.study import Study
from nas.space.space import Space
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.playing import TWO, opposed, past, play
from tests.search.spaces import conditional, tiny

BOTH = (Objective("error"), Objective("macs"))
NAMES = ["nsga2", "nsga3"]


def grid_of_nine() -> Space:
    return tiny({f"x{i}": {"int": [0, 20]} for i in range(8)} | {"width": {"int": [1, 4]}})


def zdt1(labels: Mapping[str, Any]) -> tuple[float, ...]:
    """Zitzler, Deb & Thiele 2000, doi:10.1162/106365600568202, on a grid: a convex front."""
    x = [labels[f"x{i}"] / 20 for i in range(8)]
    g = 1 + 9 * sum(x[1:]) / 7
    return (x[0], g * (1 - (x[0] / g) ** 0.5))


@pytest.mark.parametrize("name", [*NAMES, "tpe"])
def test_the_front_dominates_more_than_that_of_chance(name: str) -> None:
    count = 60 if name == "tpe" else 160
    volumes = {
        sampler: [
            hypervolume([p.values for p in rows], (1.1, 11.0))
            for seed in range(5)
            for rows in [play(sampler, grid_of_nine(), zdt1, count, seed=seed, objectives=BOTH)]
        ]
        for sampler in (name, "random")
    }
    better = [a > b for a, b in zip(volumes[name], volumes["random"], strict=True)]
    assert all(better), volumes


@pytest.mark.parametrize("name", NAMES)
def test_rebuilt_it_proposes_what_the_undisturbed_one_does(name: str) -> None:
    whole, broken = (
        play(name, conditional(), opposed, 5 * POPULATION, objectives=TWO, fresh=fresh)
        for fresh in (False, True)
    )
    assert [str(p.labels).replace("[", "(").replace("]", ")") for p in whole] == [
        str(p.labels).replace("[", "(").replace("]", ")") for p in broken
    ]
    assert [p.attributes for p in whole] == [p.attributes for p in broken]
    assert {p.attributes["generation"] for p in whole} == set(range(5))


def test_attributes_go_through_the_store(make_study: MakeStudy, store: Store) -> None:
    study = make_study(conditional(), budget=3 * POPULATION, sampler="nsga2", objectives=TWO)
    for _ in range(9):
        study = Study(store, "s")
        with study.joined():
            for request in study.ask(8):
                first, second = opposed(study.space.labels(request.point))
                metrics = {"error": first, "score": second}
                study.tell([study.outcome(AttemptEnd(request.number, request.attempt, metrics), wall_s=1)])
    generations = [row.attributes.get("generation") for row in store.trials(study.row.id)]
    assert generations.count(1) >= POPULATION
    stored = store.study_attributes(study.row.id)["sampler"]
    assert stored["generation"] >= 1
    assert len(stored["parents"]) == POPULATION


def test_parents_are_settled_when_a_generation_begins() -> None:
    """A trial of generation 0 that ends late changes nothing any more in generation 1."""
    space, sampler = grid_of_nine(), SAMPLERS["nsga2"]()
    rows = play("nsga2", space, zdt1, POPULATION, objectives=BOTH)
    late = replace(rows[0], number=POPULATION + 1, state=TrialState.RUNNING, values=())
    ask = Ask(space=space, history=[*rows, late], seed=0, draw=30, count=3, objectives=BOTH)
    begun = sampler.propose(ask)
    assert begun.attributes is not None
    assert begun.attributes["generation"] == 1
    ended = replace(late, state=TrialState.COMPLETE, values=(0.0, 0.0))
    later = sampler.propose(replace(ask, history=[*rows, ended], attributes=begun.attributes))
    assert later.attributes is None
    assert [item.attributes for item in later.items] == [{"generation": 1}] * 3


def test_trials_of_another_origin_count_for_the_generation_they_fell_into() -> None:
    space = grid_of_nine()
    rows = [replace(p, attributes={}) for p in play("random", space, zdt1, POPULATION, objectives=BOTH)]
    found = SAMPLERS["nsga2"]().propose(Ask(space=space, history=rows, seed=0, draw=30, objectives=BOTH))
    assert found.items[0].attributes == {"generation": 1}


def test_children_come_from_their_parents() -> None:
    space = grid_of_nine()
    rows = play("nsga2", space, zdt1, POPULATION, objectives=BOTH)
    ask = Ask(space=space, history=rows, seed=0, draw=30, count=16, objectives=BOTH)
    for item in SAMPLERS["nsga2"]().propose(ask).items:
        inherited = [any(p.labels[k] == v for p in rows) for k, v in space.labels(item.point).items()]
        assert sum(inherited) >= 6


# Fronts


def test_fronts_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    for width in (2, 3):
        rows = rng.integers(0, 6, size=(60, width)).astype(float)
        plain = [not any(dominates(other, row) for other in rows.tolist()) for row in rows.tolist()]
        assert front(rows).tolist() == plain


def test_leading_rows_come_front_by_front() -> None:
    rows = [(3.0, 3.0), (1.0, 2.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]
    assert leading(rows, 9) == [1, 2, 4, 3, 0]
    assert leading(rows, 2) == [1, 2]
    assert leading([], 2) == []


def test_a_bounded_history_keeps_the_whole_front() -> None:
    rows = [Past(n, TrialState.COMPLETE, {}, (float(n % 7), float(-n))) for n in range(1, 60)]
    kept = bounded(rows, BOTH, best=10, latest=10)
    losses = np.array([p.values for p in rows[:49]])
    assert {p.number for p, ahead in zip(rows[:49], front(losses), strict=True) if ahead} <= {
        p.number for p in kept
    }
    assert len(kept) == 20


def test_pruned_trials_are_on_no_front() -> None:
    rows = past(tiny(), 300, running=0)
    kept = bounded(rows, BOTH, best=10, latest=10)
    assert len(kept) == 10
