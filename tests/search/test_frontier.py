"""Where studies with several objectives stand."""

import pytest

from nas.records import Objective
from nas.search.frontier import Frontier, Step, Told, frontier

AIMS = (Objective("error"), Objective("score", minimize=False))
ROWS = [
    Told(4, (0.5, 2.0)),
    Told(1, (0.1, 1.0)),
    Told(2, (0.1, 1.0)),
    Told(3, (0.2, 5.0), feasible=False),
    Told(5, (0.3, 3.0)),
    Told(6, (0.4, 0.0)),
]


def test_the_front_has_each_tie_once_and_nothing_beyond_a_limit() -> None:
    found = frontier(ROWS, AIMS)
    assert found.numbers == (1, 5)
    assert found.reference == (0.5, 0.0)
    assert found.hypervolume == pytest.approx(0.2 * 3 + 0.2 * 1)
    assert found.history == []


def test_the_history_has_a_step_a_trial_that_keeps_the_limits() -> None:
    found = frontier(ROWS, AIMS, (1.0, -1.0), history=True)
    assert [(step.number, step.size) for step in found.history] == [(4, 1), (1, 2), (2, 2), (5, 2), (6, 2)]
    volumes = [step.hypervolume for step in found.history]
    assert volumes == sorted(volumes)
    assert volumes[0] == pytest.approx(0.5 * 3)
    assert volumes[-1] == pytest.approx(found.hypervolume)
    assert found.reference == (1.0, -1.0)


def test_nothing_told_and_nothing_feasible() -> None:
    assert frontier([], AIMS) == Frontier()
    found = frontier([Told(1, (0.5, 2.0), feasible=False)], AIMS, history=True)
    assert (found.numbers, found.hypervolume, found.history) == ((), 0.0, [])


def test_one_objective_has_a_front_of_its_best() -> None:
    found = frontier([Told(1, (3.0,)), Told(2, (1.0,)), Told(3, (1.0,))], AIMS[:1], history=True)
    assert (found.numbers, found.hypervolume) == ((2,), 2.0)
    assert found.history == [Step(1, 1, 0.0), Step(2, 1, 2.0), Step(3, 1, 2.0)]
