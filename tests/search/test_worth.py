"""What trials are worth to a model of one value."""

from dataclasses import replace

import numpy as np

from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.search.worth import worth

ERROR = (Objective("error"),)


def row(number: int, *values: float, state: TrialState = TrialState.COMPLETE, excess: float = 0.0) -> Past:
    return Past(number, state, {"width": number}, values, excess=(excess,))


def order(rows: list[Past], objectives: tuple[Objective, ...] = ERROR) -> list[int]:
    """Numbers, the most wanted first."""
    found = worth(rows, objectives, np.random.default_rng(0))
    return [rows[i].number for i in np.argsort(found, kind="stable")]


def test_less_is_better_unless_more_is() -> None:
    rows = [row(1, 0.3), row(2, 0.1), row(3, 0.2)]
    assert order(rows) == [2, 3, 1]
    assert order(rows, (Objective("accuracy", minimize=False),)) == [1, 3, 2]


def test_limits_come_first() -> None:
    rows = [row(1, 0.1, excess=2.0), row(2, 0.2, excess=1.0), row(3, 0.9), row(4, 0.5, excess=-3.0)]
    assert order(rows) == [4, 3, 2, 1]


def test_a_pruned_trial_is_no_better_than_the_middle() -> None:
    rows = [row(1, 0.1), row(2, 0.2), row(3, 0.3), row(4, 0.0, state=TrialState.PRUNED)]
    assert order(rows)[0] == 1
    assert order(rows).index(4) >= 1


def test_several_objectives_are_weighed_anew_each_time() -> None:
    """No row that another is better than in everything is ever first; each end of the front is at times."""
    rows = [row(1, 0.1, 9.0), row(2, 0.9, 1.0), row(3, 0.95, 9.5), row(4, 0.4, 4.0)]
    two = (Objective("error"), Objective("macs"))
    leaders = set()
    for seed in range(60):
        found = worth(rows, two, np.random.default_rng(seed))
        leaders.add(rows[int(np.argmin(found))].number)
    assert leaders == {1, 2, 4}


def test_a_pruned_trial_that_lacks_objectives_is_last_in_them() -> None:
    two = (Objective("error"), Objective("macs"))
    rows = [row(1, 0.1, 9.0), row(2, 0.2, 8.0), replace(row(3, 0.15), state=TrialState.PRUNED)]
    assert order(rows, two)[-1] == 3
