"""Nothing is trained that breaks a limit or is known, where fewer than one draw in a hundred is worth it."""

import pytest

from tests.benchmarks.waste import waste


@pytest.mark.parametrize(
    ("space", "sampler", "trials", "ending"),
    [
        ("vgg", "tpe", 300, "exhausted"),
        ("mobilenet", "random", 300, "exhausted"),
        pytest.param("alexnet", "random", 40, "finished", marks=pytest.mark.slow),
        pytest.param("alexnet", "evolution", 40, "finished", marks=pytest.mark.slow),
        pytest.param("senet", "tpe", 40, "finished", marks=pytest.mark.slow),
    ],
)
def test_tight_limits_cost_nothing_but_draws(space: str, sampler: str, trials: int, ending: str) -> None:
    found = waste(space, trials, sampler)
    assert 0 < found.uniform < 0.01
    assert (found.infeasible_trained, found.trained_twice) == (0, 0)
    assert found.ending == ending
    assert found.trials == trials or "points of the space that obey its rules have been tried" in found.detail
