"""Columns are what the table of trials says, at any time, and what they were stays as it was."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nas.errors import StoreAwayError, UnknownNameError
from nas.records import Cause, EpochReport, Limit, Objective, TrialState
from nas.service.views import columns as module
from nas.service.views.columns import (
    COST,
    NETWORKS,
    PATHS,
    STATES,
    TIMES,
    Columns,
    columns,
    direction,
    evenly,
    finite,
    metric_names,
)
from nas.store import Store, open_store
from nas.store.rows import TrialRow
from tests.service.views.making import Told, add, driver_of, spec, study
from tests.store.makers import candidate, outcome

EVERYTHING = (COST, PATHS, TIMES)


def assert_as_stored(store: Store, found: Columns, loss: bool = True) -> None:
    """Every column against the rows of the store."""
    rows = store.trials(found.study.id)
    assert len(found) == len(rows)
    for place, row in enumerate(rows):
        assert STATES[found.table["state"][place]] is row.state
        value = row.values[0] if row.values else math.nan
        np.testing.assert_equal(found.table["value_0"][place], value)
        np.testing.assert_equal(
            found.table["started_s"][place], math.nan if row.started_s is None else row.started_s
        )
        np.testing.assert_equal(
            found.table["ended_s"][place], math.nan if row.ended_s is None else row.ended_s
        )
        assert found.table["attempt"][place] == row.attempt
        assert found.table["macs"][place] == row.macs
        assert found.table["layers"][place] == row.layers
        assert found.table["paths"][place] == float(min(row.paths or 0, 2**1023))
        code = found.table["worker"][place]
        assert (found.words[code] if code >= 0 else "") == row.worker
        if loss:
            np.testing.assert_equal(found.told["loss"][place], row.metrics.get("loss", math.nan))


def add_result(store: Store, study: int, driver: int, trial: TrialRow, serial: int, *, pruned: bool) -> None:
    """A running trial ends."""
    state = TrialState.PRUNED if pruned else TrialState.COMPLETE
    store.tell(
        study, driver, [outcome(trial.number, 1 / serial, trial.attempt, state, worker=f"w{serial % 2}")]
    )


STEPS = ("claim", "enqueue", "report", "tell", "prune", "lose", "again", "look")


@settings(max_examples=8)
@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_columns_follow_whatever_happens(steps: list[str]) -> None:
    with open_store("sqlite://") as store:
        row = store.create_study("s", spec(), 100, "memory://s")
        driver = store.start_driver(row.id, "node-1", 1, 3600)
        for serial, step in enumerate(["look", *steps, "look"], 1):
            happen(store, row.id, driver, step, serial)


def happen(store: Store, study: int, driver: int, step: str, serial: int) -> None:
    """One step of a study's life."""
    running = [trial for trial in store.trials(study) if trial.state is TrialState.RUNNING]
    match step:
        case "claim":
            store.claim(study, driver, [candidate(2 * serial), candidate(2 * serial + 1)])
        case "enqueue":
            store.enqueue(study, [candidate(1000 + serial)])
        case "again":
            store.claim_queued(study, driver, 1)
        case "report":
            reports = [EpochReport(t.number, t.attempt, serial, {"error": 0.5}, 1.0) for t in running]
            store.report(study, driver, reports)
        case "tell" | "prune" if running:
            add_result(store, study, driver, running[0], serial, pruned=step == "prune")
        case "lose" if running:
            last = running[-1]
            store.requeue(study, driver, last.number, last.attempt, Cause.PREEMPTED, "gone")
        case "look":
            known = bool(store.metric_names(study))
            found = columns(store, "s", groups=EVERYTHING, metrics=["loss"] * known)
            assert_as_stored(store, found, loss=known)


def test_a_snapshot_stays_as_it_was(store: Store) -> None:
    row = study(store, [Told((0.5,)), Told((0.25,))])
    before = columns(store, "one")
    add(store, row, driver_of(store, row), [Told((0.125,))])
    after = columns(store, "one")
    assert (before.values("error").tolist(), len(after)) == ([0.5, 0.25], 3)
    assert after.study.revision > before.study.revision


def test_only_what_has_changed_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row = study(store, [Told((0.5,), metrics={"loss": 1.0})] * 50)
    columns(store, "one", metrics=["loss"])
    read: list[int] = []
    whole = Store.trial_columns

    def counted(self: Store, study: int, names: list[str], after: int | None = None) -> list[list[object]]:
        found = whole(self, study, names, after)
        read.append(len(found[0]))
        return found

    monkeypatch.setattr(Store, "trial_columns", counted)
    columns(store, "one", metrics=["loss"])
    assert read == []
    add(store, row, driver_of(store, row), [Told((0.5,), metrics={"loss": 7.0})])
    assert columns(store, "one", metrics=["loss"]).told["loss"].tolist() == [1.0] * 50 + [7.0]
    assert read == [1]


def test_many_changes_are_read_as_a_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RELOAD", 3)
    row = study(store, [Told((0.5,), metrics={"loss": 1.0})])
    columns(store, "one", metrics=["loss"])
    add(store, row, driver_of(store, row), [Told((0.5,), metrics={"loss": float(i)}) for i in range(5)])
    assert columns(store, "one", metrics=["loss"]).told["loss"].tolist() == [1.0, 0.0, 1.0, 2.0, 3.0, 4.0]


def test_few_studies_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    for name in ("a", "b", "c"):
        study(store, [Told((0.5,))], name=name)
        columns(store, name)
    assert len(module._stores[store]) == 2
    assert columns(store, "a").values("error").tolist() == [0.5]


def test_threads_read_while_the_study_changes(store: Store) -> None:
    row = study(store, [Told((0.5,))])
    driver = driver_of(store, row)

    def look(_: int) -> int:
        found = columns(store, "one", groups=[TIMES, COST])
        assert len({len(column) for column in found.table.values()}) == 1
        return len(found)

    with ThreadPoolExecutor(4) as pool:
        looked = pool.map(look, range(40))
        for _ in range(10):
            add(store, row, driver, [Told((0.25,))])
        assert max(looked) <= 11
    assert look(0) == 11


def test_points_are_told_apart(store: Store) -> None:
    study(store, [Told((0.5,))] * 41)
    codes = columns(store, "one", groups=[NETWORKS]).table["point"]
    assert codes[0] == codes[40]
    assert len(set(codes.tolist())) == len({str(t.point) for t in store.trials(1)})


def test_limits(store: Store) -> None:
    told = [
        Told((0.5,), metrics={"ms": 4.0}),
        Told((0.1,), metrics={"ms": 6.0}),
        Told((0.1,), metrics={"ms": math.nan}),
    ]
    study(store, told, spec(limits=(Limit("ms", 5.0),)))
    assert columns(store, "one").feasible.tolist() == [True, False, False]


def test_a_metric_that_nobody_told(store: Store) -> None:
    study(store, [Told((0.5,))])
    with pytest.raises(UnknownNameError, match="unknown metric 'los': known are .*error"):
        columns(store, "one", metrics=["los"])


def test_an_empty_study(store: Store) -> None:
    row = study(store, [], spec(Objective("error"), Objective("macs"), limits=(Limit("ms", 5.0),)))
    found = columns(store, "one", groups=EVERYTHING, metrics=["error"])
    assert len(found) == 0
    assert found.feasible.tolist() == []
    assert "error" in metric_names(store, row)


def test_which_way_is_better(store: Store) -> None:
    row = study(store, [], spec(Objective("score", minimize=False)))
    assert not direction(row, None).minimize
    assert not direction(row, "accuracy").minimize
    assert direction(row, "macs").minimize


def test_what_is_no_number_is_null() -> None:
    assert finite(np.array([1.0, math.nan, math.inf, -math.inf])) == [1.0, None, None, None]


@given(st.integers(0, 300), st.integers(0, 50))
def test_evenly(count: int, most: int) -> None:
    places = evenly(count, most).tolist()
    assert places == sorted(set(places))
    assert len(places) == min(count, most)
    if places and most > 1:
        assert (places[0], places[-1]) == (0, count - 1)


def test_what_could_not_be_read_is_read_by_who_asks_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = study(store, [Told((0.5,), metrics={"loss": 1.0})])
    columns(store, row)

    def away(*_: object) -> object:
        raise StoreAwayError("away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "metric_column", away)
        with pytest.raises(StoreAwayError):
            columns(store, row, metrics=["loss"], groups=[TIMES])
    add(store, row, driver_of(store, row), [Told((0.4,), metrics={"loss": 2.0})])
    assert_as_stored(store, columns(store, "one", metrics=["loss"], groups=EVERYTHING))
