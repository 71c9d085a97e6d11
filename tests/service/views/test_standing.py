"""What is best by columns is what is best by rows."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from nas.records import Limit, Objective
from nas.search.frontier import Told as Row, frontier
from nas.search.outcome import excess_of
from nas.service.views.standing import contenders, numbers_of, ranked
from nas.store import open_store
from tests.service.views.making import Told, spec, study

AIMS = (Objective("error"), Objective("score", minimize=False), Objective("ms"))
SMALL = st.integers(0, 4).map(float)
TRIALS = st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=25)


@settings(max_examples=15)
@given(TRIALS, st.booleans())
def test_fronts_and_ranks(values: list[tuple[float, float, float]], limited: bool) -> None:
    limits = (Limit("ms", 2.0),) if limited else ()
    with open_store("sqlite://") as store:
        row = study(store, [Told(each) for each in values], spec(*AIMS, limits=limits))
        rivals = contenders(store, row)
        rows = [
            Row(n, each, all(amount <= 0 for amount in excess_of({"ms": each[2]}, limits)))
            for n, each in enumerate(values, 1)
        ]
        assert set((rivals.first[rivals.leading] + 1).tolist()) == set(frontier(rows, AIMS).numbers)
        if best := store.best(row.id, 5):
            assert [numbers_of(rivals, entry)[0] for entry in ranked(rivals, 5)] == [t.number for t in best]


@pytest.mark.parametrize("minimize", [True, False])
def test_no_number_is_never_best(minimize: bool) -> None:
    values = [math.nan, 1.0, 2.0, -math.inf, math.inf]
    with open_store("sqlite://") as store:
        row = study(store, [Told((value,)) for value in values], spec(Objective("score", minimize)))
        rivals = contenders(store, row)
        assert [n for entry in ranked(rivals, 9) for n in numbers_of(rivals, entry)] == [
            trial.number for trial in store.best(row.id, 9)
        ]
