"""Keys and seeds."""

from typing import Any

import numpy as np
import pytest

from nas.search.keys import draw_rng, draw_seed, trial_key, trial_seed

GIVEN: dict[str, Any] = {
    "arch_id": "a",
    "recipe": {"lr": 0.1, "epochs": 3},
    "evaluator": "train",
    "data": "digits",
}


def test_same_facts_same_key_whatever_their_order() -> None:
    turned = {**GIVEN, "recipe": {"epochs": 3, "lr": 0.1}}
    assert trial_key(**GIVEN) == trial_key(**turned)


@pytest.mark.parametrize(
    "change",
    [{"arch_id": "b"}, {"recipe": {"lr": 0.2}}, {"evaluator": "x"}, {"data": "d"}, {"repeat": 1}],
)
def test_every_fact_counts(change: dict[str, object]) -> None:
    assert trial_key(**{**GIVEN, **change}) != trial_key(**GIVEN)


def test_seeds_fit_torch_and_numpy() -> None:
    seed = trial_seed(trial_key(**GIVEN))
    assert 0 <= seed < 2**31


def test_draws_are_streams_of_their_own() -> None:
    assert len({draw_seed(0, d) for d in range(100)} | {draw_seed(1, d) for d in range(100)}) == 200
    assert draw_rng(3, 4).random() == draw_rng(3, 4).random()
    assert not np.allclose(draw_rng(3, 4).random(5), draw_rng(3, 5).random(5))
