"""Distributions beside each other: exact shares, scipy's test, an interval that holds what it should."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import ks_2samp

from nas.errors import NasError, StudyNotFoundError
from nas.records import Limit, Objective
from nas.service.views.compare import compare, superiority
from nas.store import Store
from tests.service.views.making import Told, spec, study

VALUES = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30)


def told(values: list[float]) -> list[Told]:
    return [Told((value,), macs=100 + i) for i, value in enumerate(values)]


@settings(max_examples=30)
@given(VALUES, VALUES)
def test_superiority_is_the_share_of_pairs(a: list[float], b: list[float]) -> None:
    effect, low, high = superiority(np.array(a), np.array(b))
    pairs = [1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b]
    assert effect == pytest.approx(np.mean(pairs))
    assert 0 <= low <= high <= 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(1), 0
    for _ in range(40):
        a, b = rng.normal(0.5, 1, 80), rng.normal(0, 1, 60)
        _, low, high = superiority(a, b)
        held += low <= 0.63816 <= high  # of normal distributions half a deviation apart
    assert held >= 34


def test_many_values_in_groups() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(0.1, 1, 20_000), rng.normal(0, 1, 20_000)
    effect, low, high = superiority(a, b)
    assert low < effect < high
    assert high - low < 0.02


def test_two_studies(store: Store) -> None:
    rng = np.random.default_rng(0)
    good, bad = rng.normal(0.3, 0.05, 40).tolist(), rng.normal(0.5, 0.05, 30).tolist()
    study(store, told(good), name="good")
    study(store, told(bad), spec(sampler="tpe", seed=3), name="bad")
    found = compare(store, ["good", "bad"])
    assert [(each.name, each.n, each.best) for each in found.studies] == [
        ("good", 40, min(good)),
        ("bad", 30, min(bad)),
    ]
    for each, values in zip(found.studies, (good, bad), strict=True):
        assert each.edf_x == sorted(values)
        assert each.edf_y == pytest.approx([(i + 1) / len(values) for i in range(len(values))])
        assert each.median == pytest.approx(np.median(values))
    (test,) = found.tests
    exact = ks_2samp(good, bad)
    assert [test.statistic, test.p_value] == pytest.approx([exact.statistic, exact.pvalue])
    assert (test.larger, test.better) == ("bad", "good")
    assert test.ci_low <= test.effect <= test.ci_high < 0.5
    assert found.mismatches == ['sampler: "random" in good, "tpe" in bad']
    assert [each.x.metric for each in found.fronts] == ["macs", "macs"]


def test_no_difference(store: Store) -> None:
    values = np.random.default_rng(0).normal(size=60)
    study(store, told(values[::2].tolist()), name="a")
    study(store, told(values[1::2].tolist()), name="b")
    (test,) = compare(store, ["a", "b"]).tests
    assert (test.larger, test.better) == ("", "")
    assert test.p_value > 0.05


def test_ways_limits_and_empty_studies(store: Store) -> None:
    study(store, [], spec(Objective("score", minimize=False)), name="empty")
    limited = spec(Objective("score", minimize=True), limits=(Limit("ms", 5.0),))
    study(store, [Told((0.1,), metrics={"ms": 9.0}), Told((0.2,), metrics={"ms": 1.0})], limited, name="two")
    found = compare(store, ["empty", "two"])
    assert (found.minimize, found.tests) == (False, [])
    assert [(each.n, each.best, each.median) for each in found.studies] == [
        (0, None, None),
        (2, 0.2, pytest.approx(0.15)),
    ]
    assert found.mismatches[0] == "score: minimized in one of empty and two, maximized in the other"


def test_what_cannot_be_compared(store: Store) -> None:
    study(store, told([0.5]), name="a")
    study(store, told([0.5]), name="b")
    with pytest.raises(NasError, match="1 studies to compare"):
        compare(store, ["a"])
    with pytest.raises(NasError, match="each once"):
        compare(store, ["a", "a"])
    with pytest.raises(StudyNotFoundError):
        compare(store, ["a", "nobody"])
    with pytest.raises(NasError, match="study 'a': unknown metric 'loss'"):
        compare(store, ["a", "b"], metric="loss")


def test_a_study_without_a_trial_need_not_know_the_metric(store: Store) -> None:
    study(store, [Told((0.5,), metrics={"loss": 1.0}), Told((0.4,), metrics={"loss": 2.0})], name="one")
    study(store, [], name="new")
    found = compare(store, ["one", "new"], metric="loss")
    assert [(each.name, each.n) for each in found.studies] == [("one", 2), ("new", 0)]
    assert [(front.y.metric, front.total) for front in found.fronts] == [("loss", 2), ("loss", 0)]
