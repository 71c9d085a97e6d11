"""What samplers see of a long past."""

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
