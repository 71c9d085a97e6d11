"""What every kind of store promises: lists filtered and sorted by anything, page by page."""

import math

import pytest

from nas.records import TrialState
from nas.store import Store
from nas.store.rows import Filter, Named, Sort, StudyRow
from tests.store.makers import COSTS, candidate, outcome

S = TrialState
LOSS, WIDTH, NORM, MACS = (
    Named("metric", "loss"),
    Named("parameter", "width"),
    Named("parameter", "norm"),
    Named("trial", "macs"),
)
LOSSES = {1: 0.4, 2: 0.1, 3: math.nan, 4: 0.4, 5: 0.2}


@pytest.fixture
def listed(store: Store, study: StudyRow, driver: int) -> int:
    """Ten trials: 1 to 5 complete (3 told NaN), 6 failed, the others running; 9 and 10 have no width."""
    made = []
    for i in range(1, 11):
        width = {} if i > 8 else {"width": i % 3 + 0.5}
        labels = {"depth": i, "norm": ("batch", "none")[i % 2], **width}
        made.append(candidate(i, labels=labels, cost={**COSTS, "macs": 100 - i // 2}))
    store.claim(study.id, driver, made)
    ends = [outcome(n, 0.5, metrics={"loss": loss}) for n, loss in LOSSES.items()]
    store.tell(study.id, driver, [*ends, outcome(6, state=S.FAILED, values=(), metrics={})])
    return study.id


@pytest.mark.parametrize("some", [False, True])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort(LOSS), [2, 5, 1, 4, 3, 6, 7, 8, 9, 10]),
        (Sort(LOSS, descending=True), [1, 4, 5, 2, 3, 6, 7, 8, 9, 10]),
        (Sort(WIDTH), [3, 6, 1, 4, 7, 2, 5, 8, 9, 10]),
        (Sort(WIDTH, descending=True), [2, 5, 8, 1, 4, 7, 3, 6, 9, 10]),
        (Sort(NORM), [2, 4, 6, 8, 10, 1, 3, 5, 7, 9]),
        (Sort(NORM, descending=True), [1, 3, 5, 7, 9, 2, 4, 6, 8, 10]),
        (Sort(MACS), [10, 8, 9, 6, 7, 4, 5, 2, 3, 1]),
        (Sort(Named("trial", "state")), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (Sort(Named("metric", "unknown")), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
def test_each_page_is_a_part_of_the_whole(
    store: Store, listed: int, sort: Sort, expected: list[int], some: bool
) -> None:
    """Of all trials, and of all that meet a condition which all meet: two ways to ask."""
    where = [Filter(MACS, ">", 0)] if some else []
    assert store.find_numbers(listed, sort=sort, where=where) == expected
    for offset in (0, 1, 4, 9, 10):
        for limit in (1, 4, 20):
            rows = store.find_trials(listed, sort=sort, where=where, limit=limit, offset=offset)
            assert [row.number for row in rows] == expected[offset : offset + limit]


@pytest.mark.parametrize(
    ("states", "where", "sort", "expected"),
    [
        ([], [Filter(LOSS, "<", 0.3)], Sort(LOSS, descending=True), [5, 2]),
        ([S.COMPLETE], [Filter(LOSS, ">", 0.0), Filter(LOSS, "<=", 0.4)], None, [1, 2, 4, 5]),
        (
            [S.COMPLETE, S.RUNNING],
            [Filter(WIDTH, ">", 1.0), Filter(NORM, "=", "none")],
            Sort(WIDTH),
            [1, 7, 5],
        ),
        ([S.COMPLETE], [Filter(MACS, "<", 99)], Sort(Named("trial", "value_0")), [4, 5]),
        ([], [Filter(NORM, "!=", "none"), Filter(LOSS, ">=", 0.1)], Sort(NORM), [2, 4]),
        ([S.FAILED], [], Sort(LOSS), [6]),
        ([S.QUEUED], [Filter(MACS, ">", 0)], Sort(MACS), []),
    ],
)
def test_conditions_and_orders_go_together(
    store: Store, listed: int, states: list[S], where: list[Filter], sort: Sort | None, expected: list[int]
) -> None:
    assert store.find_numbers(listed, states=states, where=where, sort=sort) == expected
    rows = store.find_trials(listed, states=states, where=where, sort=sort, limit=1, offset=1)
    assert [row.number for row in rows] == expected[1:2]


def test_other_studies_stay_out(store: Store, listed: int) -> None:
    other = store.create_study("other", store.study_by_id(listed).spec, 9, "").id
    store.enqueue(other, [candidate(1), candidate(2, labels={"width": 9.0})])
    assert store.find_numbers(other, where=[Filter(WIDTH, ">", 1.0)], sort=Sort(LOSS)) == [1, 2]
    assert store.parameter_labels(other) == ["bias", "depth", "kernels[0]", "kernels[1]", "norm", "width"]
    assert store.parameter_labels(listed) == ["depth", "norm", "width"]
    assert store.find_numbers(listed, where=[Filter(WIDTH, ">", 9.0)]) == []


def test_trials_are_picked_in_the_order_of_their_numbers_list(store: Store, listed: int) -> None:
    assert [row.number for row in store.pick_trials(listed, [7, 2, 99, 5])] == [7, 2, 5]
    assert store.pick_trials(listed, []) == []
