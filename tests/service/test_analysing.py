"""What a study says of its space: known answers of made-up studies."""

import numpy as np
import pytest

from nas.errors import NasError, UnknownNameError
from nas.records import Limit, Objective, TrialState
from nas.service.analysing import analyse, what_if
from nas.store import Store
from tests.service.views.making import Told, point, spec, study


def drawn(count: int) -> list[Told]:
    """Wide first layers are good, and so is dropout of 0.5."""
    found = []
    for i in range(count):
        there = point(i).point
        error = 1 - there["filters"][0] / 1000 - 0.2 * (there["dropout"] == 0.5)
        found.append(Told((error,), metrics={"same": 1.0}, macs=100 + i))
    return found


def test_an_analysis(store: Store) -> None:
    told = drawn(120)
    study(store, told)
    found = analyse(store, "one")
    values = [each.values[0] for each in told]
    assert (found.space, found.data, found.metric, found.n) == ("alexnet", "digits", "error", 120)
    assert (found.best, found.edf.n, found.edf.x) == (min(values), 120, sorted(set(values)))
    assert [each.share for each in found.quantiles] == [0.1, 0.25, 0.5, 0.75, 0.9]
    assert found.quantiles[2].value == pytest.approx(np.median(values))
    assert [each.count for each in found.expected] == [1, 2, 5, 10, 20, 50, 100]
    assert found.expected[0].value == pytest.approx(np.mean(values))
    (first,) = (each for each in found.good_ranges if each.parameter == "filters[0]")
    assert (first.domain_low, first.domain_high, first.coverage) == (32, 512, 1)
    assert first.low > 250
    (dropout,) = (each for each in found.good_choices if each.parameter == "dropout")
    assert (dropout.choices[0].value, dropout.choices[0].share > 0.9) == ("0.5", True)
    assert sum(each.drawn for each in dropout.choices) == pytest.approx(1)
    assert found.importance.pending
    assert found.caution == ""


def test_only_networks_that_meet_conditions(store: Store) -> None:
    study(store, drawn(60))
    found = analyse(store, "one", where=["macs>=130", "dropout=0.5"])
    assert found.where == ["macs>=130", "dropout=0.5"]
    assert found.n == sum(point(i).point["dropout"] == 0.5 for i in range(30, 60))
    with pytest.raises(NasError, match="no complete trial that meets macs<1 has a finite error"):
        analyse(store, "one", where=["macs<1"])
    with pytest.raises(UnknownNameError, match="where: unknown name 'nope'"):
        analyse(store, "one", where=["nope<1"], dashes="")


def test_what_narrowing_would_do(store: Store) -> None:
    study(store, drawn(80))
    found = what_if(store, "one", ["dropout=0.5"])
    kept = sum(point(i).point["dropout"] == 0.5 for i in range(80))
    assert (found.narrowed.kept, found.total, found.share) == (kept, 80, kept / 80)
    assert (found.better, found.odds > 0.7, found.odds_low > 0.5) == ("inside", True, True)
    assert [side.name for side in found.sides] == ["inside", "outside", "all"]
    assert [side.n for side in found.sides] == [kept, 80 - kept, 80]
    assert found.sides[0].mean < found.sides[1].mean
    one = what_if(store, "one", ["dropout=0.5"], against=["dropout=0.25"])
    assert one.sides[1].n == sum(point(i).point["dropout"] == 0.25 for i in range(80))
    assert one.total == 80
    with pytest.raises(NasError, match="--if 'macs<1': none meets the condition"):
        what_if(store, "one", ["macs<1"])


def test_what_is_compared_against_may_be_missing(store: Store) -> None:
    study(store, drawn(20))
    with pytest.raises(NasError, match="--against 'macs>=100': no other network meets it"):
        what_if(store, "one", ["macs>=100"], against=["macs>=100"])
    with pytest.raises(NasError, match="--if 'macs<1': none meets the condition"):
        what_if(store, "one", ["macs<1"], against=["macs>=100"])


def test_more_may_be_better(store: Store) -> None:
    told = [Told((1 - each.values[0],)) for each in drawn(80)]
    study(store, told, spec(Objective("score", minimize=False)))
    found = analyse(store, "one")
    assert found.best == max(each.values[0] for each in told)
    assert found.quantiles[0].value > found.quantiles[-1].value
    assert found.expected[-1].value > found.expected[0].value
    assert what_if(store, "one", ["dropout=0.5"]).better == "inside"


def test_good_networks_keep_the_limits(store: Store) -> None:
    told = [Told(each.values, metrics={"ms": float(i % 2)}) for i, each in enumerate(drawn(80))]
    study(store, told, spec(limits=(Limit("ms", 0.5),)))
    found = analyse(store, "one")
    assert found.n == 80
    assert {each.n for each in found.good_ranges} == {40}


def test_what_results_do_not_show_is_said(store: Store) -> None:
    pruned = [Told((0.9,), state=TrialState.PRUNED)]
    study(store, [*drawn(30), *pruned], spec(sampler="tpe"))
    found = analyse(store, "one")
    assert found.n == 30
    assert "not drawn independently (one by tpe)" in found.caution
    assert "pruned trials are left out (1 of one)" in found.caution


def test_nothing_to_analyse(store: Store) -> None:
    study(store, [Told(state=TrialState.RUNNING)])
    with pytest.raises(NasError, match="study 'one' has no complete trial yet"):
        analyse(store, "one")
    study(store, [Told((0.5,), metrics={"loss": float("nan")})], name="two")
    with pytest.raises(NasError, match="study 'two': no complete trial has a finite loss"):
        analyse(store, "two", metric="loss")
