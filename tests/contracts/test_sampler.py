"""What every sampler promises, over all of the registry."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nas.errors import SamplerError, UnknownNameError
from nas.records import AttemptEnd, Objective, TrialState
from nas.search.abilities import check_sampler, conditional as varying
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask, abilities
from nas.search.study import Study
from nas.space.space import Space
from nas.store import Store
from tests.search.conftest import MakeStudy, make_study, store
from tests.search.playing import ERROR, TWO, able, early, opposed, past, play, slow, small_is_bad
from tests.search.spaces import conditional, tiny

__all__ = ["make_study", "store"]  # fixtures


def mixed() -> Space:
    """Every kind of parameter that is always there."""
    return tiny(
        {
            "width": {"int": [8, 64], "step": 8},
            "magnitude": {"int": [1, 1000], "log": True},
            "lr": {"float": [1e-4, 1e-1], "log": True},
            "share": {"float": [0.0, 1.0]},
            "factor": {"float": [1.0, 1.4], "step": 0.05},
            "pair": {"choice": [[1, 2], [2, 1], [3, 3]]},
            "flag": {"choice": [True, 1, "1"]},
            "kernels": {"choice": [1, 3, 5], "length": 3},
        }
    )


def discrete() -> Space:
    """Thirty-six points."""
    return tiny({"width": {"int": [1, 12]}, "kind": {"choice": ["a", "b", "c"]}})


SPACES = {"tiny": tiny, "mixed": mixed, "conditional": conditional, "discrete": discrete}
NAMES = SAMPLERS.names()
CASES = [(name, kind) for name in NAMES for kind in SPACES]


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, Space]:
    """A sampler with a space that it can search."""
    name, space = request.param[0], SPACES[request.param[1]]()
    if not able(name, space):
        pytest.skip(f"{name} does not claim {request.param[1]} spaces")
    return name, space


Case = tuple[str, Space]


def ask(space: Space, history: list[Past], draw: int = 0, count: int = 1, seed: int = 7) -> Ask:
    return Ask(space=space, history=history, seed=seed, draw=draw, count=count)


def trial(name: str) -> int:
    """How many trials tests play: past the random start of every sampler, of which the longest is 24."""
    return 12 if early(name) else 30


def some(name: str) -> int:
    """Of how many trials, six of ten pruned, enough are complete for a sampler to speak."""
    return 30 if slow(name) else 60


def test_points_are_legal_and_in_draw_order(case: Case) -> None:
    name, space = case
    count = 2 if slow(name) else 5
    for length in (0, 30) if slow(name) else (0, 5, 30, 260):
        found = SAMPLERS[name]().propose(ask(space, past(space, length), draw=40, count=count)).items
        assert [proposal.draw for proposal in found] == list(range(40, 40 + count))
        for proposal in found:
            assert space.validate(proposal.point) == proposal.point


def test_another_seed_gives_other_points(case: Case) -> None:
    name, space = case
    points = [[p.labels for p in play(name, space, small_is_bad, 5, seed=seed)] for seed in range(3)]
    assert points[0] != points[1] != points[2]


def test_the_same_seed_gives_the_same_points_also_resumed_from_stored_rows_before_every_ask(
    case: Case,
) -> None:
    name, space = case
    whole = play(name, space, small_is_bad, trial(name), seed=3)
    broken = play(name, space, small_is_bad, trial(name), seed=3, fresh=True)
    assert [p.values for p in whole] == [p.values for p in broken]
    assert [p.labels for p in whole] == [p.labels for p in thawed(broken)]


def thawed(rows: list[Past]) -> list[Past]:
    """With tuples again where JSON has made lists."""
    return [
        replace(p, labels={k: tuple(v) if isinstance(v, list) else v for k, v in p.labels.items()})
        for p in rows
    ]


def test_a_fresh_one_proposes_what_a_used_one_does(case: Case) -> None:
    name, space = case
    sampler, history = SAMPLERS[name](), past(space, 240, running=0)
    for length in (14,) if slow(name) else (0, 9, 50, 201):
        request = ask(space, history[:length], draw=length, count=2)
        fresh = SAMPLERS[name]().propose(request)
        assert sampler.propose(request) == fresh
        assert sampler.propose(request) == fresh


def test_the_order_of_the_history_does_not_matter(case: Case) -> None:
    name, space = case
    history = past(space, 15 if slow(name) else 230)
    there, back = ask(space, history, count=2), ask(space, history[::-1], count=2)
    assert SAMPLERS[name]().propose(there) == SAMPLERS[name]().propose(back)


def test_points_of_a_batch_differ_from_each_other_and_from_those_running(case: Case) -> None:
    name, space = case
    if name in ("random", "quasirandom") and space.name == "tiny" and space.counter.total is not None:
        pytest.skip("draws each by itself may meet in a small space")
    history = past(space, 40, running=3)
    count = 6 if space.counter.total == 36 else 4 if slow(name) else 16
    batch = SAMPLERS[name]().propose(ask(space, history, draw=40, count=count)).items
    points = [repr(item.point) for item in batch]
    assert len(set(points)) == len(points)
    if not abilities(name).counts:
        busy = [space.labels(space.validate(item.point)) for item in batch]
        assert not [p for p in history if p.state is TrialState.RUNNING and p.labels in busy]


def test_it_searches_several_objectives_where_it_claims_to(case: Case) -> None:
    name, space = case
    three = (*TWO, Objective("third"))
    if not abilities(name).several:
        with pytest.raises(SamplerError, match=f"{name}.*one objective, not from error, score.*use one of"):
            check_sampler(name, space, TWO)
        return
    for objectives, values in ((TWO, opposed), (three, thrice)):
        rows = play(
            name, space, values, 11 if slow(name) else 20 if early(name) else 40, objectives=objectives
        )
        assert len({repr(p.labels) for p in rows}) > 8


def thrice(labels: Mapping[str, Any]) -> tuple[float, ...]:
    return (*opposed(labels), float(len(labels)))


def test_pruned_trials_with_fewer_values_are_borne(case: Case) -> None:
    name, space = case
    rows = [replace(p, attributes={"generation": 0}) for p in past(space, some(name), pruned=6)]
    assert SAMPLERS[name]().propose(ask(space, rows, draw=60)).items


@pytest.mark.parametrize("told", [1, 2])
def test_pruned_trials_of_several_objectives_are_borne(case: Case, told: int) -> None:
    name, space = case
    if not abilities(name).several:
        pytest.skip(f"{name} learns from one objective")
    rows = [
        replace(p, values=opposed(p.labels)[: told if p.state is TrialState.PRUNED else 2])
        for p in past(space, some(name), running=0, pruned=6)
    ]
    assert SAMPLERS[name]().propose(replace(ask(space, rows, draw=60), objectives=TWO)).items


@pytest.mark.parametrize("name", NAMES)
def test_a_study_resumed_at_any_point_is_the_undisturbed_one(
    name: str, make_study: MakeStudy, store: Store
) -> None:
    budget = 13 if early(name) else 60
    points = []
    for label, every in (("whole", budget), ("broken", 7)):
        study = make_study(tiny(), budget=budget, sampler=name, name=label)
        for _ in range(0, budget, every):
            study = Study(store, label)
            with study.joined():
                for _ in range(min(every, budget - store.study(label).used)):
                    tell_one(study)
        points.append([row.point for row in store.trials(study.row.id)])
    assert len(points[0]) == budget
    assert points[0] == points[1]


def tell_one(study: Study) -> None:
    for request in study.ask():
        value = small_is_bad(study.space.labels(request.point))[0]
        end = AttemptEnd(request.number, request.attempt, {"error": value})
        assert study.tell([study.outcome(end, wall_s=0.1)]) == [True]


# What each can do


def test_what_varies_is_found() -> None:
    assert varying(conditional()) == ["widths", "factor"]
    assert varying(mixed()) == []


@pytest.mark.parametrize("name", NAMES)
def test_conditional_spaces_are_refused_by_name_where_not_claimed(name: str) -> None:
    if abilities(name).conditional:
        check_sampler(name, conditional(), ERROR)
        return
    with pytest.raises(SamplerError, match=r"tiny has widths, factor; use one of .*tpe"):
        check_sampler(name, conditional(), ERROR)


@pytest.mark.parametrize("name", NAMES)
def test_long_searches_are_refused_where_asks_are_slow(name: str) -> None:
    most = abilities(name).trials
    check_sampler(name, tiny(), ERROR, trials=most or 100_000)
    if most is not None:
        with pytest.raises(SamplerError, match=f"up to {most:,} are allowed; use one of"):
            check_sampler(name, tiny(), ERROR, trials=most + 1)


def test_unknown_samplers_list_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tpe'"):
        check_sampler("tpee", tiny())


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("random", "quasirandom", "grid")])
def test_those_that_learn_beat_chance(name: str) -> None:
    """A separable bowl over 40^3 points: the median of the last points is nearer to its bottom."""
    space = tiny({"width": {"int": [1, 40]}, "b": {"int": [1, 40]}, "c": {"int": [1, 40]}})

    def bowl(labels: dict[str, int]) -> tuple[float, ...]:
        return (float(sum((value - 30) ** 2 for value in labels.values())),)

    count = 20 if slow(name) else 60 if early(name) else 160
    found = [p.values[0] for p in play(name, space, bowl, count)[-8:]]  # type: ignore[arg-type]
    chance = [p.values[0] for p in play("random", space, bowl, 100)]  # type: ignore[arg-type]
    assert np.median(found) < np.median(chance) / 2
