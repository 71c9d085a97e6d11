"""Good values: the closed form is the bootstrap of the paper, and known answers come out."""

import numpy as np
import pytest

from nas.errors import NasError
from nas.search.analysis import good_choices, good_range
from nas.search.analysis.good import best_shares


def test_shares_by_hand() -> None:
    """Two draws of four, with replacement: the best misses both with (3/4)^2, and so on."""
    shares = best_shares(np.array([0.4, 0.1, 0.3, 0.2]), 0.5)
    assert shares == pytest.approx([1 / 16, 7 / 16, 3 / 16, 5 / 16])
    assert best_shares(np.array([0.1, 0.1, 0.3, 0.2]), 0.5) == pytest.approx([3 / 8, 3 / 8, 1 / 16, 3 / 16])


def test_the_closed_form_is_what_draws_find() -> None:
    rng = np.random.default_rng(0)
    errors = rng.normal(size=40)
    drawn = rng.integers(40, size=(20_000, 10))
    wins = drawn[np.arange(20_000), np.argmin(errors[drawn], axis=1)]
    assert best_shares(errors) == pytest.approx(np.bincount(wins, minlength=40) / 20_000, abs=0.01)


def test_the_range_of_a_parameter_with_a_known_optimum() -> None:
    rng = np.random.default_rng(1)
    depth = rng.integers(2, 30, 400).astype(float)
    found = good_range(depth, (depth - 20) ** 2 / 200 + rng.normal(0, 0.1, 400))
    assert found.low <= 20 <= found.high
    assert 12 < found.low <= found.best <= found.high < 28
    assert found.n == 400


def test_the_range_covers_the_optimum_as_often_as_it_says() -> None:
    """Where noise is of the size of the valley's walls, the range must still hold the best value."""
    rng, held = np.random.default_rng(2), 0
    for _ in range(200):
        width = rng.uniform(0, 1, 100)
        found = good_range(width, (width - 0.6) ** 2 + rng.normal(0, 0.02, 100))
        held += found.low <= 0.6 <= found.high
    assert held >= 185


def test_a_parameter_that_decides_nothing_has_the_whole_range() -> None:
    rng = np.random.default_rng(3)
    found = good_range(rng.uniform(0, 1, 2000), rng.normal(size=2000), share=0.005)
    assert found.low < 0.15
    assert found.high > 0.85


def test_choices() -> None:
    rng = np.random.default_rng(4)
    pools = rng.choice(["max", "average"], 200).tolist()
    found = good_choices(pools, [0.1 * (pool == "average") + rng.normal(0, 0.02) for pool in pools])
    first, second = found.choices
    assert (first.value, second.value, found.n) == ("max", "average", 200)
    assert first.share > 0.99
    assert first.drawn + second.drawn == pytest.approx(1)


def test_pairs_belong_together() -> None:
    with pytest.raises(NasError, match="3 against 2"):
        good_range([1.0, 2.0, 3.0], [1.0, 2.0])
