"""The list of studies: lines of counters, found by state and words, with what is left to do."""

import math

import pytest

from nas.errors import NasError, UnknownNameError
from nas.records import Ending, Limit, Objective, TrialState, Wanted
from nas.search.draws import SLOTS
from nas.service.views import overview
from nas.service.views.overview import lines, studies_page
from nas.store import Store
from nas.store.rows import TrialRow
from tests.service.views.making import Told, add, driver_of, spec, study
from tests.store.makers import expire


def test_a_line(store: Store) -> None:
    told = [Told((0.5,)), Told((0.25,)), Told((0.1,), TrialState.PRUNED), Told(state=TrialState.FAILED)]
    row = study(store, [*told, Told(state=TrialState.RUNNING)])
    driver = driver_of(store, row)
    store.set_study_attributes(
        row.id, {f"{SLOTS}{driver}": {"total": 4, "slot_s": 0.0, "since_s": row.created_s}}
    )
    line = studies_page(store).rows[0]
    assert (line.name, line.space, line.data, line.objective) == ("one", "alexnet", "digits", "error")
    assert (line.best, line.best_trial, line.failures, line.used) == (0.25, 2, 1, 5)
    assert (line.standing, line.drivers, line.slots, line.wanted) == ("running", 1, 4, "run")
    assert line.counts["complete"] == 2
    assert line.eta_s is not None
    assert line.eta_s > 0
    assert line.utilisation is not None


def test_eta_is_what_is_left_at_the_latest_rate(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row = study(store, [Told((0.5,))] * 10)
    began_s = store.drivers(row.id)[0].started_s
    monkeypatch.setattr(Store, "now_s", lambda self: began_s + 50)
    assert studies_page(store).rows[0].eta_s == pytest.approx(100)  # 10 in 50 s, 20 are left
    store.set_wanted(row.id, Wanted.DRAIN)
    assert studies_page(store).rows[0].eta_s is None


def test_where_nothing_runs(store: Store) -> None:
    row = study(store, [Told((0.5,))])
    expire(store, driver_of(store, row))
    assert studies_page(store).rows[0].standing == "starting"  # changed after that, and a moment ago
    store.set_wanted(row.id, Wanted.DRAIN)
    line = studies_page(store).rows[0]
    assert (line.standing, line.slots, line.utilisation, line.eta_s) == ("stopped", 0, None, None)


def test_best_keeps_limits_and_is_a_mean_of_repeats(store: Store) -> None:
    told = [Told((0.5,), metrics={"ms": 1.0}), Told((0.1,), metrics={"ms": 9.0})]
    row = study(store, told, spec(limits=(Limit("ms", 5.0),)), name="limited")
    study(store, told[1:], spec(limits=(Limit("ms", 5.0),)), name="hopeless")
    repeated = [Told((0.5,))] * 40 + [Told((0.1,)), Told((0.5,))]
    study(store, repeated, spec(repeat=2), name="repeated")
    study(store, [Told((5.0,)), Told((7.0,))], spec(Objective("score", minimize=False)), name="up")
    study(store, [Told((math.nan,)), Told((math.inf,))], name="wild")
    study(store, [], name="empty")
    best = {line.name: (line.best, line.best_trial) for line in studies_page(store).rows}
    assert best["limited"] == (0.5, 1)
    assert best["hopeless"] == (None, None)
    assert best["repeated"] == ((0.5 + 0.1) / 2, 1)
    assert best["up"] == (7.0, 2)
    assert best["wild"] == (None, 2)
    assert best["empty"] == (None, None)
    add(store, row, driver_of(store, row), [Told((0.2,), metrics={"ms": 2.0})])
    assert {line.name: line.best_trial for line in studies_page(store).rows}["limited"] == 3


def test_found_by_state_and_words(store: Store) -> None:
    for name in ("alpha", "beta", "gamma"):
        row = study(store, [], name=name)
        store.end_driver(driver_of(store, row))
    store.set_ending(store.study("beta").id, Ending.FINISHED)
    assert [line.name for line in studies_page(store).rows] == ["gamma", "beta", "alpha"]
    assert [line.name for line in studies_page(store, sort="name").rows] == ["alpha", "beta", "gamma"]
    page = studies_page(store, state="stopped", limit=1, offset=1)
    assert ([line.name for line in page.rows], page.total) == (["alpha"], 2)
    assert [line.name for line in studies_page(store, query="ALEX bet").rows] == ["beta"]
    assert studies_page(store, limit=2).total == 3
    assert studies_page(store, offset=99).rows == []


def test_what_is_no_page(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="unknown state 'done': known are cancelled"):
        studies_page(store, state="done")
    with pytest.raises(UnknownNameError, match="sort: unknown column 'nam'"):
        studies_page(store, sort="nam")
    with pytest.raises(NasError, match="sort 'name:up': write COLUMN"):
        studies_page(store, sort="name:up")
    with pytest.raises(NasError, match="limit 501: it is a whole number from 1 to 500"):
        studies_page(store, limit=501)
    with pytest.raises(NasError, match="offset -1"):
        studies_page(store, offset=-1)


def test_the_best_is_looked_up_when_a_study_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row = study(store, [Told((0.5,))])
    studies_page(store)
    asked: list[int] = []
    whole = Store.best

    def best(self: Store, study: int, k: int = 1) -> list[TrialRow]:
        asked.append(study)
        return whole(self, study, k)

    monkeypatch.setattr(Store, "best", best)
    studies_page(store)
    assert asked == []
    add(store, row, driver_of(store, row), [Told((0.25,))])
    assert studies_page(store).rows[0].best == 0.25
    assert asked == [row.id]


def test_few_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "KEPT", 2)
    for name in "abc":
        study(store, [], name=name)
    assert len(studies_page(store).rows) == 3
    assert len(overview._stores[store]) == 2


def test_a_study_deleted_while_the_list_is_made(store: Store) -> None:
    for name in ("stays", "goes"):
        study(store, [Told((0.5,))], name=name)
    rows = store.studies()
    gone = store.study("goes").id
    store.end_driver(store.drivers(gone)[0].id)
    store.delete_study(gone)
    assert [line.name for line in lines(store, rows)] == ["stays"]
