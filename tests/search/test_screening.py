"""Screening: what a proxy judges, what is chosen, and that a stop in between changes nothing."""

from pathlib import Path
from typing import Any

import pytest

from nas.errors import SamplerError
from nas.records import Ending, Objective, Screen, StudySpec
from nas.search.driver import Driver, drive
from nas.search.events import Ended
from nas.search.interrupts import Interrupts
from nas.search.study import Study
from nas.store.rows import TrialRow
from tests.search.conftest import MakeStudy, make_study, store
from tests.search.spaces import tiny
from workers.slots.inline import InlineSlots
from workers.slots.simulated import SimulatedSlots

__all__ = ["make_study", "store"]  # fixtures

PARAMS = Screen("params", "proxy:params", 4)
FEWEST = (Objective("params"),)
WIDTH = {"width": {"int": [1, 60]}}


class Stop:
    """Interrupts a driver after so many of its events."""

    def __init__(self, interrupts: Interrupts, after: int) -> None:
        self.interrupts, self.left = interrupts, after

    def on_event(self, event: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.interrupts.count = 2


def rows(study: Study) -> list[TrialRow]:
    return study.store.trials(study.row.id)


def points(study: Study) -> list[Any]:
    return [row.point for row in rows(study)]


def test_each_trial_is_chosen_from_new_candidates(make_study: MakeStudy) -> None:
    study = make_study(tiny(WIDTH), evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="random")
    ended = drive(study, InlineSlots())
    assert ended.ending is Ending.FINISHED
    scored = study.store.screened(study.row.id)
    assert len(scored) >= 4 * 12
    assert len({row.key for row in scored}) == len(scored)
    scores = {row.key: row.score for row in scored}
    for row in rows(study):
        assert row.attributes["score"] == scores[row.key] == row.params


def test_a_sampler_without_a_mind_of_its_own_takes_the_proxys_best(make_study: MakeStudy) -> None:
    study = make_study(tiny(WIDTH), evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="random")
    drive(study, InlineSlots())
    first = study.store.screened(study.row.id)[:4]
    assert rows(study)[0].params == max(row.score or 0 for row in first)


@pytest.mark.parametrize("sampler", ["random", "tpe", "auto", "evolution", "nsga2"])
def test_a_screened_study_stopped_anywhere_makes_the_same_trials(make_study: MakeStudy, sampler: str) -> None:
    changes: dict[str, Any] = {"evaluator": "cost", "objectives": FEWEST, "sampler": sampler}
    whole = make_study(tiny(WIDTH), name="whole", screen=PARAMS, **changes)
    drive(whole, InlineSlots())
    for after in (2, 5, 14):
        name = f"parts-{after}"
        study = make_study(tiny(WIDTH), name=name, screen=PARAMS, **changes)
        interrupts = Interrupts()
        ended: Ended = drive(study, InlineSlots(), listener=Stop(interrupts, after), interrupts=interrupts)
        assert ended.ending is Ending.PAUSED
        drive(Study(study.store, name), InlineSlots())
        assert points(study) == points(whole), after


def test_a_small_space_is_tried_to_its_end(make_study: MakeStudy) -> None:
    space = tiny({"width": {"int": [1, 9]}})
    study = make_study(space, budget=50, evaluator="cost", objectives=FEWEST, screen=PARAMS)
    ended = drive(study, InlineSlots())
    assert ended.ending is Ending.EXHAUSTED
    assert sorted(row.point["width"] for row in rows(study)) == list(range(1, 10))


def test_a_proxy_that_fails_ranks_its_network_last(
    make_study: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no failure of a trial, and does not stop the study."""
    (tmp_path / "judging.py").write_text(
        "def judge(evaluation):\n"
        "    width = evaluation.request.point['width']\n"
        "    if width % 2:\n"
        "        raise RuntimeError('odd')\n"
        "    yield 1, {'judge': float(width)}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    screen = Screen("judge", "python:judging.judge", 4)
    study = make_study(tiny(WIDTH), evaluator="cost", objectives=FEWEST, screen=screen, sampler="random")
    assert drive(study, InlineSlots()).ending is Ending.FINISHED
    scored = study.store.screened(study.row.id)
    assert {row.score is None for row in scored if row.point["width"] % 2} == {True}
    assert all(row.point["width"] % 2 == 0 for row in rows(study)[:2])


def test_repeats_of_a_chosen_network_all_get_their_trials(make_study: MakeStudy) -> None:
    study = make_study(
        tiny(WIDTH), evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="random", repeat=3
    )
    drive(study, InlineSlots())
    widths = [row.point["width"] for row in rows(study)]
    assert [widths.count(width) for width in dict.fromkeys(widths)] == [3, 3, 3, 3]


def test_chosen_repeats_are_tried_where_the_space_ends(make_study: MakeStudy) -> None:
    space = tiny({"width": {"int": [1, 7]}})
    study = make_study(
        space, budget=50, evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="random", repeat=3
    )
    assert drive(study, SimulatedSlots(1)).ending is Ending.EXHAUSTED
    assert sorted(row.point["width"] for row in rows(study)) == sorted([*range(1, 8)] * 3)


def test_a_lease_lost_under_a_proxy_costs_its_score_alone(make_study: MakeStudy) -> None:
    study = make_study(tiny(WIDTH), evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="random")
    driver = Driver(study, SimulatedSlots(2))
    turn, lost = driver._turn, list[int]()

    def losing() -> Ended | None:
        if driver.attempts.scoring and not lost and study.lease is not None:
            lost.append(study.driver_id)
            study.lease.lost.set()
            driver._polled = None
        return turn()

    driver._turn = losing  # type: ignore[method-assign]
    assert driver.run().ending is Ending.FINISHED
    assert lost
    assert len({row.key for row in rows(study)}) == 12


def test_two_drivers_score_no_more_than_one(make_study: MakeStudy) -> None:
    study = make_study(
        tiny({"width": {"int": [1, 2000]}}),
        budget=20,
        evaluator="cost",
        objectives=FEWEST,
        screen=PARAMS,
        sampler="random",
    )
    drivers = [Driver(Study(study.store, "s"), SimulatedSlots(2), poll_s=0.02) for _ in range(2)]
    for driver in drivers:
        driver.study.join()
    endings: list[Ended | None] = [None, None]
    while None in endings:
        for i, driver in enumerate(drivers):
            endings[i] = endings[i] or driver._turn()
    assert len({row.driver_id for row in rows(study)}) == 2
    assert len({row.key for row in rows(study)}) == 20
    spare = 2 * PARAMS.pool * len(drivers)  # chosen from, as the last trials were begun
    assert study.store.screened_total(study.row.id) <= PARAMS.pool * 20 + spare


def test_who_has_no_slots_for_proxies_is_refused(make_study: MakeStudy) -> None:
    study = make_study(tiny(WIDTH), screen=PARAMS)
    with study.joined(), pytest.raises(SamplerError, match="screened by params.*nas resume s, or begin"):
        study.ask()
    assert not rows(study)


def test_many_slots_score_side_by_side(make_study: MakeStudy) -> None:
    study = make_study(
        tiny(WIDTH), budget=20, evaluator="cost", objectives=FEWEST, screen=PARAMS, sampler="auto"
    )
    assert drive(study, SimulatedSlots(8)).ending is Ending.FINISHED
    assert len(rows(study)) == 20
    assert len({row.key for row in rows(study)}) == 20


def test_a_specification_keeps_its_screen(make_study: MakeStudy) -> None:
    study = make_study(tiny(WIDTH), screen=PARAMS)
    assert StudySpec.from_json(study.spec.to_json()) == study.spec
    assert study.spec.screen == PARAMS
