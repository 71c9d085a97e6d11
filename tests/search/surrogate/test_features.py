"""Distances between networks."""

import numpy as np
import pytest

from nas.search.surrogate import Features, Row
from nas.search.surrogate.features import GROUPS, quantiles
from nas.space.space import Space
from tests.search.spaces import conditional, tiny

EVERY = slice(None)


def test_choices_are_alike_or_not_and_numbers_near_or_far() -> None:
    space = tiny(
        {
            "kind": {"choice": ["a", "b", "c"]},
            "flag": {"choice": [True, 1, "1"]},
            "depth": {"choice": [1, 2, 3]},
            "width": {"int": [1, 101]},
            "rate": {"float": [0.01, 1.0], "log": True},
        }
    )
    rows = [
        Row({"kind": "a", "flag": True, "depth": 1, "width": 1, "rate": 0.01}),
        Row({"kind": "b", "flag": 1, "depth": 2, "width": 51, "rate": 0.1}),
        Row({"kind": "c", "flag": True, "depth": 3, "width": 101, "rate": 1.0}),
    ]
    kind, flag, depth, width, rate = Features(space, rows).distances(EVERY, EVERY)
    assert kind.tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert flag.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert depth[0].tolist() == [0, (1 + 2 * 0.25) / 2, (1 + 2) / 2]
    assert width[0] == pytest.approx([0, 2 * 0.25, 2])
    assert rate[0] == pytest.approx([0, 2 * 0.25, 2])


def test_what_is_not_there_is_far_from_what_is() -> None:
    space = conditional()
    rng = np.random.default_rng(0)
    points = [space.sample(rng) for _ in range(30)]
    features = Features(space, [Row(space.labels(point)) for point in points])
    distances = features.distances(EVERY, EVERY)
    assert np.isfinite(distances).all()
    assert (np.diagonal(distances, axis1=1, axis2=2) == 0).all()
    assert distances == pytest.approx(distances.transpose(0, 2, 1))


def test_labels_of_a_long_vector_share_a_scale() -> None:
    space = tiny({"width": {"int": [1, 9]}, "k": {"choice": [1, 3, 5], "length": GROUPS + 3}})
    rng = np.random.default_rng(0)
    features = Features(space, [Row(space.labels(space.sample(rng))) for _ in range(20)])
    assert len(features.groups) == 2


def test_labels_and_costs_that_never_change_say_nothing() -> None:
    rows = [Row({"width": 3, "lr": 0.01 * i}, {"macs": 5, "params": i}) for i in range(1, 5)]
    features = Features(tiny(), rows)
    assert features.kinds == ["label", "cost"]
    assert features.costs.shape == (4, 1)


def test_costs_of_any_size_are_logarithms() -> None:
    rows = [Row({"width": 1, "lr": 0.1}, {"paths": 2**5000}), Row({"width": 2, "lr": 0.1}, {"paths": 1})]
    assert np.isfinite(Features(tiny(), rows).linear).all()


def test_only_the_order_of_scores_counts() -> None:
    def scored(*scores: float | None) -> Features:
        return Features(_wide(), [Row({"width": i + 1}, score=score) for i, score in enumerate(scores)])

    one, other = scored(1.0, 2.0, 3.0, None), scored(-10.0, 5.0, 1e9, None)
    assert one.scores.tolist() == other.scores.tolist()
    assert one.scores[3, 0] == 0
    assert scored(-np.inf, 1.0, 2.0).scores[0, 0] < scored(-np.inf, 1.0, 2.0).scores[1, 0]
    assert scored(None, None).scores.shape == (2, 0)


def test_quantiles_are_even_and_ties_share_theirs() -> None:
    assert quantiles(np.array([5.0, 1.0, 3.0])) == pytest.approx([0.9674, -0.9674, 0], abs=1e-4)
    assert quantiles(np.array([1.0, 1.0, 1.0])) == pytest.approx([0, 0, 0])


def _wide() -> Space:
    return tiny({"width": {"int": [1, 9]}})
