"""CMA-ES: generations told again from the history, runs that end, and what it is good at."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nas.records import AttemptEnd, TrialState
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask
from nas.search.samplers.cmaes import CmaesSampler, _worth
from nas.search.study import Study
from nas.space.space import Space
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.playing import ERROR, past, play, small_is_bad
from tests.search.spaces import conditional, tiny

SIZE = 8
"""Of a generation of four axes: 4 + 3 ln 4."""


def numbers() -> Space:
    return tiny({f"x{i}": {"int": [1, 40]} for i in range(3)} | {"width": {"int": [1, 40]}})


def valley(labels: Mapping[str, Any]) -> tuple[float, ...]:
    """A quadratic whose axes lie askew, ten times as steep along the last as along the first."""
    sums = np.cumsum([value - 30.0 for value in labels.values()])
    return (float(sum(100 ** (i / 3) * at * at for i, at in enumerate(sums))),)


def asked(history: Sequence[Past], count: int = 1, space: Space | None = None, **more: Any) -> Ask:
    return Ask(space=space or numbers(), history=history, seed=0, draw=len(history), count=count, **more)


def marks(rows: Sequence[Past], name: str) -> list[Any]:
    return [row.attributes[name] for row in rows]


def test_a_generation_is_told_when_it_is_whole_and_named_in_the_next() -> None:
    rows = play("cmaes", numbers(), valley, 3 * SIZE)
    assert marks(rows, "generation") == [0] * SIZE + [1] * SIZE + [2] * SIZE
    assert all("told" not in row.attributes for row in rows[:SIZE])
    assert marks(rows[SIZE:], "told") == [[*range(1, 9)]] * SIZE + [[*range(9, 17)]] * SIZE


def test_an_ask_replays_only_what_is_new() -> None:
    space, sampler = numbers(), CmaesSampler()
    rows = play("cmaes", space, valley, 4 * SIZE + 2)
    sampler.propose(asked(rows[: 3 * SIZE + 1], space=space))
    climb = sampler._climb
    told: list[int] = []
    climb.tell = lambda ranked, best: told.append(len(ranked))  # type: ignore[union-attr, method-assign]
    sampler.propose(asked(rows[: 3 * SIZE + 5], space=space))
    assert (told, sampler._climb is climb) == ([], True)
    sampler.propose(asked(rows, space=space))
    assert (told, sampler._climb is climb) == ([SIZE], True)


def test_a_late_result_changes_nothing_that_was_told() -> None:
    """The first trial ends when the second generation has begun: its number says it came first."""
    rows = play("cmaes", numbers(), valley, SIZE)
    rows.append(replace(rows[0], number=SIZE + 1, values=(0.0,)))
    late = replace(rows[0], state=TrialState.RUNNING, values=())
    others = [late, *rows[1:]]
    begun = CmaesSampler().propose(asked(others, 1)).items[0]
    assert begun.attributes["told"] == [*range(2, SIZE + 2)]
    next_one = Past(SIZE + 2, TrialState.RUNNING, numbers().labels(begun.point), attributes=begun.attributes)
    before = CmaesSampler().propose(asked([*others, next_one], 3))
    after = CmaesSampler().propose(asked([*rows, next_one], 3))
    assert before == after


def test_of_two_drivers_that_disagree_the_first_trial_is_right() -> None:
    rows = play("cmaes", numbers(), valley, SIZE + 3)
    one, other = rows[-2], rows[-1]
    one = replace(one, attributes={**one.attributes, "told": [*range(2, 10)]})
    rows = [replace(row, attributes={**row.attributes, "generation": 0}) for row in rows[:-2]]
    assert len(rows) == SIZE + 1
    one, other = replace(one, number=20), replace(other, number=21)
    whole = CmaesSampler().propose(asked([*rows, one, other]))
    same = replace(other, attributes={**other.attributes, "told": [1, 2, 3]})
    assert CmaesSampler().propose(asked([*rows, one, same])).items[0].point == whole.items[0].point
    turned = CmaesSampler().propose(asked([*rows, replace(one, number=22), other]))
    assert turned.items[0].point != whole.items[0].point


def test_enqueued_trials_count_for_the_first_generation_only() -> None:
    space = numbers()
    strangers = [replace(row, attributes={}) for row in play("random", space, valley, SIZE)]
    found = CmaesSampler().propose(asked(strangers, space=space)).items[0]
    assert found.attributes["generation"] == 1
    rows = play("cmaes", space, valley, 2 * SIZE - 1)
    late = replace(strangers[0], number=2 * SIZE)
    assert CmaesSampler().propose(asked([*rows, late], space=space)).items[0].attributes["generation"] == 1


def test_enqueued_trials_pull_the_first_steps() -> None:
    space = conditional()
    good = space.labels(space.draw(np.random.default_rng(2)))
    value = {True: 0.0, False: 1.0}
    rows = [
        replace(row, attributes={}, values=(value[row.number > 6],)) for row in past(space, 9, 1, 0, pruned=0)
    ]
    rows = [replace(row, labels=good) if row.number > 6 else row for row in rows]
    batch = CmaesSampler().propose(replace(asked(rows, 40, space), seed=3)).items
    plain = CmaesSampler().propose(replace(asked([], 40, space), seed=3)).items
    assert batch[0].attributes["generation"] == 1

    def alike(items: Any) -> int:
        return sum(space.labels(item.point).get("kind") == good["kind"] for item in items)

    assert alike(batch) > alike(plain)


def test_a_run_that_finds_nothing_better_gives_way_to_a_larger_one() -> None:
    rows = play("cmaes", numbers(), lambda labels: (1.0,), 300)
    runs = marks(rows, "run")
    assert set(runs) == {0, 1}
    first = [row for row in rows if row.attributes["run"] == 1 and row.attributes["generation"] == 0]
    assert len(first) == 2 * SIZE
    assert rows[runs.index(1)].attributes["generation"] == 0


def test_a_settled_choice_keeps_the_optimiser_sound() -> None:
    space = tiny({"width": {"int": [1, 4]}, "a": {"choice": ["x", "y"]}})
    CmaesSampler().propose(asked([], space=space))  # imports, whose warnings are not ours
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        rows = play("cmaes", space, lambda labels: (float(labels["a"] == "x"),), 160)
    late = [row.labels["a"] for row in rows[60:160]]
    assert 0.5 < late.count("y") / 100 < 1


def test_a_small_space_is_searched_to_the_last_network(make_study: MakeStudy, store: Store) -> None:
    study = make_study(tiny({"width": {"int": [1, 30]}}), budget=40, sampler="cmaes", name="small")
    with study.joined():
        while requests := Study.ask(study, 3):
            for request in requests:
                told = small_is_bad(study.space.labels(request.point))[0]
                study.tell([study.outcome(AttemptEnd(request.number, 1, {"error": told}), wall_s=0.1)])
    rows = store.trials(study.row.id)
    assert sorted(row.point["width"] for row in rows) == [*range(1, 31)]
    assert max(row.attributes.get("run", 0) for row in rows) > 0


def test_axes_that_lie_askew_are_learnt() -> None:
    def best(name: str) -> float:
        played = [play(name, numbers(), valley, 200, seed=seed) for seed in range(3)]
        return float(np.median([min(row.values for row in rows) for rows in played]))

    assert best("cmaes") < best("evolution") / 2


def test_pruned_trials_come_last_and_limits_first() -> None:
    def row(value: float, state: str = "complete", epochs: int = 9, excess: float = 0.0) -> Past:
        return Past(1, TrialState(state), {}, (value,), epochs, excess=(excess,))

    order = [
        row(1),
        row(3),
        row(0, "pruned", 5),
        row(2, "pruned", 5),
        row(0, "pruned", 2),
        row(0, excess=0.5),
    ]
    worths = [_worth(past, ERROR) for past in order]
    assert worths == sorted(worths)
    assert len(set(worths)) == len(order)


def test_a_space_of_one_point_is_no_trouble() -> None:
    space = tiny({"width": {"int": [3, 3]}})
    assert SAMPLERS["cmaes"]().propose(asked([], 2, space)).items[1].point == {"width": 3}


@pytest.mark.parametrize("missing", [1, SIZE + 1])
def test_a_history_with_holes_is_borne(missing: int) -> None:
    rows = play("cmaes", numbers(), valley, 2 * SIZE + 1)
    kept = [row for row in rows if row.number != missing]
    assert CmaesSampler().propose(asked(kept)).items[0].attributes["generation"] == 2
