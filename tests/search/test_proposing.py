"""What is proposed is tried, to the last network of a space."""

import pytest

from nas.records import Ending, Objective
from nas.search.driver import drive
from tests.search.conftest import MakeStudy, make_study, store
from tests.search.spaces import tiny
from workers.slots.simulated import SimulatedSlots

__all__ = ["make_study", "store"]  # fixtures


@pytest.mark.parametrize(("slots", "repeat"), [(2, 1), (4, 1), (4, 3)])
def test_networks_prepared_before_a_space_is_exhausted_are_tried(
    make_study: MakeStudy, slots: int, repeat: int
) -> None:
    """Draws of logarithms are not even, so that nobody counts what is left: a thousand draws say it."""
    space = tiny({"width": {"int": [1, 7], "log": True}})
    study = make_study(
        space, budget=50, evaluator="cost", objectives=(Objective("params"),), sampler="random", repeat=repeat
    )
    assert drive(study, SimulatedSlots(slots)).ending is Ending.EXHAUSTED
    widths = [row.point["width"] for row in study.store.trials(study.row.id)]
    assert sorted(widths) == sorted([*range(1, 8)] * repeat)
