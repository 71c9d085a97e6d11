"""Volumes under fronts, by the definition and by Optuna's own count."""

import numpy as np
import pytest

from nas.search.hypervolume import Volume, hypervolume


def test_steps() -> None:
    assert hypervolume([(0.0, 1.0), (1.0, 0.0), (0.5, 2.0), (9.0, 9.0)], (2.0, 2.0)) == 3.0
    assert hypervolume([(3.0, 3.0)], (2.0, 2.0)) == 0.0
    assert hypervolume([], (2.0, 2.0)) == 0.0
    assert hypervolume([(0.5,), (0.25,)], (1.0,)) == 0.75
    assert hypervolume([(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)], (1.0, 2.0, 3.0)) == 6.0


@pytest.mark.parametrize("width", [2, 3, 4])
def test_it_is_what_optuna_counts(width: int) -> None:
    from optuna._hypervolume import compute_hypervolume

    rng = np.random.default_rng(width)
    for count in (1, 2, 7, 40):
        for rows in (rng.random((count, width)), rng.integers(0, 4, (count, width)) / 4):
            corner = np.full(width, 0.9)
            inside = rows[(rows <= corner).all(axis=1)]
            wanted = compute_hypervolume(inside, corner) if len(inside) else 0.0
            assert hypervolume(rows.tolist(), corner.tolist()) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_row_by_row_it_comes_to_the_same(width: int) -> None:
    rows = np.random.default_rng(0).random((40, width)).tolist()
    corner = [0.9] * width
    volume = Volume(corner)
    for count, row in enumerate(rows, 1):
        before = volume.value
        assert volume.add(row) == pytest.approx(volume.value - before, abs=1e-12)
        assert volume.value == pytest.approx(hypervolume(rows[:count], corner), abs=1e-12)
    assert volume.add(rows[0]) == 0.0


def test_what_is_as_bad_as_the_corner_is_on_the_front_without_volume() -> None:
    volume = Volume((2.0, 2.0))
    assert [volume.add(row) for row in ((0.0, 2.0), (1.0, 1.0), (1.0, 1.5))] == [0.0, 1.0, 0.0]
    assert len(volume) == 2
