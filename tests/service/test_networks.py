"""Networks with several trials each, and what a study has made of draws and slots."""

import statistics
from dataclasses import replace

import pytest

from nas.records import Limit, Objective, TrialState
from nas.search.driver import Driver
from nas.search.events import Progress
from nas.search.study import Study
from nas.service import studies
from nas.service.engines import EngineOptions
from nas.service.pareto import pareto
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.service.usage import usage
from nas.store import Store
from tests.search.scripted import Recorder, ScriptedSlots, VirtualClock

INLINE = EngineOptions(engine="inline")


@pytest.fixture
def repeated(store: Store) -> Store:
    """A finished study `s`: three trials for each of four networks of vgg, and one that is cut short."""
    asked = SearchOptions(
        space="vgg",
        study="s",
        evaluator="python:tests.cli.evaluators.quick",
        trials=13,
        repeat=3,
        stopper="none",
    )
    begin(store, asked, INLINE)
    run(store, "s", INLINE, compare=False)
    return store


def test_budget_counts_trials_and_repeats_follow_each_other(repeated: Store) -> None:
    rows = repeated.trials(repeated.study("s").id)
    assert len(rows) == 13
    assert all(rows[i].point == rows[i - i % 3].point for i in range(13))
    assert len({str(row.point) for row in rows}) == 5
    assert len({row.key for row in rows}) == len({row.seed for row in rows}) == 13


def test_networks_are_ranked_by_their_mean(repeated: Store) -> None:
    rows = repeated.trials(repeated.study("s").id)
    found = studies.repeated(repeated, "s", 9)
    assert [network.n for network in found].count(3) == 4
    assert [network.mean for network in found] == sorted(network.mean for network in found)
    for network in found:
        values = [rows[n - 1].values[0] for n in network.numbers]
        assert network.mean == statistics.fmean(values)
        assert network.sd == (statistics.stdev(values) if len(values) > 1 else 0.0)
    seen = studies.view(repeated, "s")
    assert seen.network == found[0]
    assert studies.best(repeated, "s", 5) == [network.trial for network in found]
    assert seen.best is not None
    assert seen.best.values == (found[0].mean,)
    assert seen.answer is not None
    assert seen.answer.best == found[0].trial.number


def test_a_lucky_repeat_does_not_keep_a_limit_that_its_network_misses(repeated: Store) -> None:
    free = replace(repeated.study("s").spec, sampler="random")
    studies.start(repeated, free, "free", 12)
    run(repeated, "free", INLINE, compare=False)
    nearest = studies.repeated(repeated, "free")[0]
    lucky = min(row.values[0] for row in repeated.trials(repeated.study("free").id))
    limit = Limit("error", (lucky + nearest.mean) / 2)
    studies.start(repeated, replace(free, limits=(limit,)), "limited", 12)
    result = run(repeated, "limited", INLINE, compare=False)
    assert result.best is not None
    assert result.best.values == (nearest.mean,)
    assert "no trial keeps the limits" in result.unmet


def test_a_front_is_of_means(repeated: Store) -> None:
    spec = repeated.study("s").spec
    studies.start(repeated, replace(spec, objectives=(*spec.objectives, Objective("macs"))), "two", 12)
    heard = Recorder()
    run(repeated, "two", INLINE, listener=heard, compare=False)
    means = {network.trial.number: network.trial.values for network in studies.repeated(repeated, "two", 4)}
    assert len(means) == 4
    found = pareto(repeated, "two")
    assert found.complete == 4
    assert {trial.number: trial.values for trial in found.front}.items() <= means.items()
    last = [event for event in heard.events if isinstance(event, Progress)][-1]
    assert {told.number: told.values for told in last.told} == means


def test_a_study_without_repeats_has_no_spread(store: Store) -> None:
    begin(store, SearchOptions(space="vgg", study="s", evaluator="cost", objective="macs", trials=3), INLINE)
    run(store, "s", INLINE, compare=False)
    assert studies.view(store, "s").network is None
    assert studies.repeated(store, "s") == []


def test_two_drivers_share_the_repeats(store: Store) -> None:
    asked = SearchOptions(space="vgg", study="s", evaluator="cost", objective="macs", trials=12, repeat=4)
    begin(store, asked, INLINE)
    clock = VirtualClock()
    drivers = [
        Driver(Study(store, "s"), ScriptedSlots(2, lambda _: [(1.0, {"macs": 1.0})], clock), clock=clock)
        for _ in range(2)
    ]
    for driver in drivers:
        driver.study.join()
    for _ in range(1000):
        for driver in drivers:
            driver._turn()
        if store.study("s").counts[TrialState.COMPLETE] == 12:
            break
    rows = store.trials(store.study("s").id)
    assert len({row.key for row in rows}) == 12
    points = [str(row.point) for row in rows]
    assert sorted(points.count(point) for point in set(points))[-1] == 4
    assert len(set(points)) in (3, 4)


# What came of draws and slots


def test_acceptance_counts_networks_among_draws(repeated: Store) -> None:
    row = repeated.study("s")
    found = usage(repeated, row)
    assert found.accepted == 5
    assert found.acceptance == 5 / (5 + sum(repeated.refusals(row.id).values()))
    assert found.utilisation is not None
    assert 0 < found.utilisation <= 1


def test_utilisation_is_told_while_it_runs(store: Store) -> None:
    asked = SearchOptions(space="vgg", study="s", evaluator="python:tests.cli.evaluators.quick", trials=6)
    begin(store, asked, INLINE)
    clock, heard = VirtualClock(), Recorder()
    Driver(Study(store, "s"), ScriptedSlots(2, four_seconds, clock), clock=clock, listener=heard).run()
    shares = heard.of(Progress)[-1]
    assert shares.acceptance is not None
    assert shares.utilisation is not None
    assert 0.9 < shares.utilisation <= 1


def four_seconds(_: object) -> list[tuple[float, dict[str, float]]]:
    """A trial of four seconds."""
    return [(4.0, {"error": 0.5})]
