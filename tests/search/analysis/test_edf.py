"""Distributions: exact shares, scipy's own, and expectations against simulation."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import ecdf

import nas
from nas.errors import NasError
from nas.search.analysis import edf

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


def test_by_hand() -> None:
    found = edf([0.3, 0.1, 0.3, 0.2])
    assert (found.x, found.y, found.n) == ([0.1, 0.2, 0.3], [0.25, 0.5, 1.0], 4)
    assert [found.at(x) for x in (0.05, 0.1, 0.15, 0.3, 9.0)] == [0, 0.25, 0.25, 1, 1]
    assert [found.quantile(share) for share in (0.2, 0.25, 0.5, 0.51, 1.0)] == pytest.approx(
        [0.1, 0.15, 0.25, 0.3, 0.3]
    )
    assert found.mean() == pytest.approx(0.225)
    assert found.area(0.3) == pytest.approx(0.25 * 0.2 + 0.25 * 0.1)


def test_weights_by_hand() -> None:
    found = edf([3.0, 1.0, 2.0], [1, 2, 1])
    assert (found.x, found.y) == ([1.0, 2.0, 3.0], pytest.approx([0.5, 0.75, 1.0]))


@settings(max_examples=30)
@given(VALUES)
def test_as_scipy_has_it(values: list[float]) -> None:
    found, theirs = edf(values), ecdf(values).cdf
    assert found.x == theirs.quantiles.tolist()
    assert found.y == pytest.approx(theirs.probabilities)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_expected_best_is_what_draws_find(count: int) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=20).round(1)
    found, drawn = edf(values), rng.choice(values, (40_000, count))
    assert found.expected_minimum(count) == pytest.approx(drawn.min(axis=1).mean(), abs=0.02)
    assert found.expected_maximum(count) == pytest.approx(drawn.max(axis=1).mean(), abs=0.02)


def test_thinned_keeps_the_ends() -> None:
    found = edf(np.arange(1000.0))
    drawn = found.thinned(10)
    assert (len(drawn.x), drawn.x[0], drawn.x[-1], drawn.y[-1]) == (10, 0, 999, 1)
    assert found.thinned(2000) is found


@pytest.mark.parametrize(
    ("values", "weights", "said"),
    [
        ([], None, "no numbers"),
        ([1.0, float("nan")], None, "number 2 is nan"),
        ([1.0, 2.0], [1.0], "1 against 2"),
        ([1.0, 2.0], [-1.0, 2.0], "0 or more"),
        ([1.0, 2.0], [0.0, 0.0], "not all 0"),
    ],
)
def test_what_is_no_sample(values: list[float], weights: list[float] | None, said: str) -> None:
    with pytest.raises(NasError, match=said):
        edf(values, weights)


def test_from_python() -> None:
    assert nas.analysis.edf is edf
