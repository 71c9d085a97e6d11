"""What samplers see of a long past."""

from dataclasses import replace

from nas.records import Objective, TrialState
from nas.search.history import Past, bounded

GREATER = (Objective("accuracy", minimize=False),)


def rows(values: list[float]) -> list[Past]:
    return [Past(n, TrialState.COMPLETE, {}, (value,)) for n, value in enumerate(values, 1)]


def test_short_histories_stay_whole() -> None:
    history = rows([3, 1, 2])
    assert bounded(history, best=2, latest=2) == history


def test_keeps_best_and_latest_and_running() -> None:
    history = [*rows([5, 1, 4, 2, 3, 9, 8]), Past(8, TrialState.RUNNING, {})]
    assert [past.number for past in bounded(history, best=2, latest=2)] == [2, 4, 6, 7, 8]
    assert [past.number for past in bounded(history, GREATER, best=2, latest=2)] == [1, 3, 6, 7, 8]


def test_ties_go_to_the_earlier() -> None:
    assert [past.number for past in bounded(rows([1, 1, 1, 1, 1]), best=1, latest=2)] == [1, 4, 5]


def test_what_keeps_the_limits_comes_before_what_does_not() -> None:
    beyond = [replace(past, excess=(past.number / 10, -1.0)) for past in rows([1, 2])]
    kept = [replace(past, number=past.number + 2, excess=(0.0, -1.0)) for past in rows([9, 8])]
    history = [*beyond, *kept, *(replace(past, number=past.number + 4) for past in rows([5, 5]))]
    assert [past.number for past in bounded(history, best=3, latest=2)] == [1, 3, 4, 5, 6]
    assert (beyond[1].violation, beyond[1].feasible, kept[0].feasible) == (0.2, False, True)
    both = [replace(past, values=(past.values[0], 1.0)) for past in history]
    aims = (Objective("error"), Objective("macs"))
    assert [past.number for past in bounded(both, aims, best=2, latest=2)] == [3, 4, 5, 6]
    assert [past.number for past in bounded(both, aims, best=3, latest=2)] == [1, 3, 4, 5, 6]
