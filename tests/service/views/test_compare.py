"""Distributions beside each other: exact shares, scipy's test, an interval that holds what it should."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from nas.errors import NasError, StudyNotFoundError
from nas.records import Limit, Objective
from nas.service.views.compare import compare
from nas.store import Store
from tests.service.views.making import Told, spec, study


def told(values: list[float]) -> list[Told]:
    return [Told((value,), macs=100 + i) for i, value in enumerate(values)]


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


def test_limits_and_empty_studies(store: Store) -> None:
    limited = spec(limits=(Limit("ms", 5.0),))
    study(store, [], name="empty")
    study(store, [Told((0.1,), metrics={"ms": 9.0}), Told((0.2,), metrics={"ms": 1.0})], limited, name="two")
    found = compare(store, ["empty", "two"])
    assert (found.minimize, found.tests) == (True, [])
    assert [(each.n, each.best, each.median) for each in found.studies] == [
        (0, None, None),
        (2, 0.2, pytest.approx(0.15)),
    ]
    assert [(each.space, each.data) for each in found.studies] == [("alexnet", "digits")] * 2


def test_what_does_not_match_is_refused_and_named(store: Store) -> None:
    study(store, told([0.5]), name="a")
    study(store, told([0.5]), spec(data="cifar10"), name="b")
    study(store, told([0.5]), spec(Objective("score", minimize=False)), name="c")
    study(store, told([0.5]), spec(Objective("score")), name="d")
    with pytest.raises(NasError, match="different data.*: digits in a, cifar10 in b;"):
        compare(store, ["a", "b"])
    with pytest.raises(NasError, match="different metrics: error in a, score in c and d; .*--metric params"):
        compare(store, ["a", "c", "d"])
    with pytest.raises(NasError, match="score is maximized in c, minimized in d;"):
        compare(store, ["c", "d"])
    assert compare(store, ["a", "c"], metric="macs").metric == "macs"


def test_networks_of_all_studies_meet_conditions(store: Store) -> None:
    study(store, told([0.1, 0.2, 0.3]), name="a")
    study(store, told([0.4, 0.5]), name="b")
    found = compare(store, ["a", "b"], where=["macs>100"])
    assert [(each.n, each.edf_x) for each in found.studies] == [(2, [0.2, 0.3]), (1, [0.5])]


def test_at_equal_costs_only_what_costs_do_not_explain_is_left(store: Store) -> None:
    rng = np.random.default_rng(0)
    big, small = rng.uniform(2000, 4000, 60), rng.uniform(1000, 3000, 60)
    for name, macs in (("big", big), ("small", small)):
        errors = 1 - macs / 5000 + rng.normal(0, 0.01, 60)
        rows = [Told((float(e),), macs=int(m)) for e, m in zip(errors, macs, strict=True)]
        study(store, rows, name=name)
    found = compare(store, ["big", "small"], matched="macs")
    assert found.tests[0].better == "big"
    assert found.matched is not None
    (test,) = found.matched.tests
    assert (test.better, test.ci_low < 0.5 < test.ci_high) == ("", True)
    assert 2000 <= found.matched.low < found.matched.high <= 3000
    assert sum(each.n for each in found.matched.studies) < 120
    with pytest.raises(NasError, match="it is what is compared"):
        compare(store, ["big", "small"], matched="error")


def test_costs_that_do_not_meet_match_nothing(store: Store) -> None:
    study(store, [Told((0.1 * i,), macs=100 + i) for i in range(12)], name="a")
    study(store, [Told((0.1 * i,), macs=900 + i) for i in range(12)], name="b")
    found = compare(store, ["a", "b"], matched="macs").matched
    assert found is not None
    assert (found.tests, found.studies) == ([], [])
    assert found.why_not.startswith("no range of costs")


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
