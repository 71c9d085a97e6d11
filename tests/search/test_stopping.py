"""The bar of stopping, on real curves: as good a best network for a third of the training."""

from functools import cache
from statistics import median

import pytest

from tests.benchmarks.stopping import LEAST, SPACE, TABLE, Run, met, searches, shares
from workers.tables.reading import read_sheet


@cache
def three(stopper: str) -> list[Run]:
    """Three studies of a stopper, of half the table each."""
    return searches(stopper, 3, 100)


def test_the_table_is_what_the_benchmark_says() -> None:
    sheet = read_sheet(TABLE)
    errors = [float(value) for value in sheet.columns["error@27"]]
    assert (sheet.rows, min(errors)) == (200, LEAST)
    assert median(errors) > 0.05  # many are bad
    assert TABLE.stat().st_size < 300_000
    assert SPACE.exists()


@pytest.mark.slow
def test_asha_finds_the_same_best_for_a_third_of_the_training() -> None:
    """In the median study of three; the sampler draws the same networks, stopped or not."""
    whole, runs = (three(stopper) for stopper in ("none", "asha"))
    assert met(runs, whole), (shares(runs, whole), [run.best for run in runs])


@pytest.mark.slow
@pytest.mark.parametrize("stopper", ["median", "hyperband", "curve"])
def test_all_save_training_and_lose_hardly_anything(stopper: str) -> None:
    """In the median study of three: two images of 359 at most."""
    whole, runs = (three(name) for name in ("none", stopper))
    assert median(shares(runs, whole)) < 0.8
    assert median(run.best - other.best for run, other in zip(runs, whole, strict=True)) <= 2 / 359
