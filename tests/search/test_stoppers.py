"""One suite over all stoppers, and what each one is for."""

import pytest

from nas.search.stoppers import STOPPERS


@pytest.mark.parametrize("name", STOPPERS.names())
def test_no_stopper_ends_the_best_or_the_first(name: str) -> None:
    stopper = STOPPERS[name]()
    others = [{1: 0.5, 2: 0.4, 3: 0.3} for _ in range(10)]
    assert not stopper.hopeless({1: 0.2, 2: 0.1}, others)
    assert not stopper.hopeless({1: 0.9, 2: 0.9}, [])
    assert not stopper.hopeless({}, others)


def test_median_ends_what_stays_behind() -> None:
    stopper = STOPPERS["median"]()
    others = [{1: 0.5, 2: 0.4, 3: 0.3} for _ in range(5)]
    assert stopper.hopeless({1: 0.9, 2: 0.8}, others)
    assert not stopper.hopeless({1: 0.9}, others)
    assert not stopper.hopeless({1: 0.9, 2: 0.8}, others[:4])
