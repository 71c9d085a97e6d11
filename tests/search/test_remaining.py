"""What a small space has left."""

from collections import Counter

import numpy as np
import pytest

from nas.records import Ending
from nas.search.refuse import STUCK, Pricer
from nas.search.remaining import Remaining
from nas.space.space import Space
from tests.search.conftest import MakeStudy
from tests.search.spaces import conditional, spec_of, tiny
from tests.search.test_driver import run


def grid() -> Space:
    """Twenty-seven points, nine networks."""
    return tiny({"width": {"int": [1, 9]}, "b": {"choice": [1, 2, 3]}})


def remaining(space: Space) -> Remaining:
    """What is left, all priced."""
    found = Remaining(space, Pricer(space, spec_of(space)))
    assert found.due(STUCK + 1)
    while not found.advance():
        pass
    return found


def test_each_network_is_drawn_once_and_then_none() -> None:
    space = grid()
    left, pricer, known = remaining(space), Pricer(space, spec_of(space)), set[str]()
    for draw in range(20):
        for item in left.draw(3, range(draw, draw + 1), known):
            key = pricer.candidate(item).key
            assert key not in known
            known.add(key)
    assert len(known) == 9
    assert left.said == "all 27 points of the space that obey its rules have been tried"


def test_a_batch_repeats_nothing() -> None:
    items = remaining(grid()).draw(0, range(40), frozenset())
    widths = [item.point["width"] for item in items]
    assert len(set(widths)) == len(widths) <= 9


def test_every_point_that_is_left_is_as_likely() -> None:
    space = tiny({"width": {"int": [1, 4]}, "b": {"choice": [1, 2, 3]}})
    left = remaining(space)
    drawn = Counter(
        tuple(item.point.values()) for d in range(6000) for item in left.draw(1, range(d, d + 1), frozenset())
    )
    assert len(drawn) == 12
    expected = 6000 / 12
    chi2 = sum((count - expected) ** 2 / expected for count in drawn.values())
    assert chi2 < 31.3  # 11 degrees of freedom, one in a thousand


@pytest.mark.parametrize(
    "space",
    [
        tiny(),  # a continuous parameter
        tiny({"width": {"int": [1, 200], "log": True}}),  # draws are not even
        tiny({f"w{i}": {"int": [1, 100]} for i in range(9)} | {"width": {"int": [1, 9]}}),  # large
    ],
)
def test_other_spaces_are_never_priced_whole(space: Space) -> None:
    assert not Remaining(space, Pricer(space, spec_of(space))).due(10**6)


def test_conditional_spaces_can_be() -> None:
    space = tiny({"width": {"int": [1, 4]}, "n": {"int": [1, 2]}, "v": {"choice": [1, 2], "length": "n"}})
    assert len(remaining(space).draw(0, range(99), frozenset())) == 4
    assert not Remaining(conditional(), Pricer(conditional(), spec_of(conditional()))).due(10**6)


@pytest.mark.parametrize("sampler", ["random", "tpe", "evolution", "grid"])
def test_a_study_of_a_small_space_tries_all_of_it_and_ends(sampler: str, make_study: MakeStudy) -> None:
    space = tiny({"width": {"int": [1, 150]}}, ["width % 7 != 3 and layers > 0"])
    study = make_study(space, budget=999, sampler=sampler)
    ended, slots = run(study)
    assert ended.ending is Ending.EXHAUSTED
    widths = [width for width in range(1, 151) if width % 7 != 3]
    assert sorted(request.point["width"] for request in slots.submitted) == widths
    assert f"all {len(widths)} points of the space that obey its rules have been tried" in ended.detail
    assert np.sum(list(study.store.refusals(study.row.id).values())) < 5000
