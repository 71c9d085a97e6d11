"""Fronts found at once, and carried on while rows come and change, are those of the definition."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from nas.search import fronts
from nas.search.fronts import carried, dominates, front

VALUE = st.integers(0, 4).map(float) | st.sampled_from([math.inf, -math.inf])
NOTHING = (math.nan,) * 3
ROW = st.tuples(VALUE, VALUE, VALUE) | st.just(NOTHING)
CHANGES = st.lists(st.tuples(st.integers(0, 14), ROW), max_size=4)
SHAPE = (-1, 3)


def by_definition(rows: NDArray[np.float64]) -> list[int]:
    there = {place: row for place, row in enumerate(rows.tolist()) if not math.isnan(row[0])}
    ahead = [
        place for place, row in there.items() if not any(dominates(other, row) for other in there.values())
    ]
    return [place for place in ahead if there[place] not in [there[e] for e in ahead if e < place]]


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.tuples(*[VALUE] * width), min_size=1, max_size=30))
)
def test_at_once(rows: list[tuple[float, ...]]) -> None:
    brute = [not any(dominates(other, row) for other in rows) for row in rows]
    assert front(np.array(rows, dtype=float)).tolist() == brute


@given(st.lists(ROW, max_size=12), st.lists(st.tuples(st.lists(ROW, max_size=3), CHANGES), max_size=5))
def test_carried_on(
    begun: list[tuple[float, ...]],
    steps: list[tuple[list[tuple[float, ...]], list[tuple[int, tuple[float, ...]]]]],
) -> None:
    rows, known = list(begun), None
    for come, changed in [([], []), *steps]:
        rows += come
        for place, row in changed:
            if place < len(rows):
                rows[place] = row
        known = carried(np.array(rows, dtype=float).reshape(SHAPE), known)
        assert known.ahead.tolist() == by_definition(known.losses)


def test_an_earlier_snapshot_after_a_later_one() -> None:
    rows = np.random.default_rng(0).random((40, 3))
    later = carried(rows)
    assert carried(rows[:20], later).ahead.tolist() == by_definition(rows[:20])


def test_in_pieces_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(1).random((300, 3))
    before = carried(rows[:200])
    monkeypatch.setattr(fronts, "PAIRS", 7)
    assert carried(rows, before).ahead.tolist() == by_definition(rows)


def test_what_was_ahead_is_compared_with_what_is_new_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(2).random((500, 3))
    before = carried(rows[:-1])
    asked: list[int] = []
    whole = fronts.front

    def counted(array: NDArray[np.float64]) -> NDArray[np.bool_]:
        asked.append(len(array))
        return whole(array)

    monkeypatch.setattr(fronts, "front", counted)
    assert carried(rows, before).ahead.tolist() == by_definition(rows)
    assert asked == [1]
