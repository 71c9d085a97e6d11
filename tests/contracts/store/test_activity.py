"""What every kind of store promises: what is going on now."""

from nas.records import TrialState
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import candidates, expire, outcome, report, spec


def test_drivers_at_work_are_seen_with_their_leases(store: Store, study: StudyRow, driver: int) -> None:
    other = store.create_study("b", spec(), 1, "").id
    silent = store.start_driver(other, "node-2", 8, 60)
    store.end_driver(store.start_driver(other, "node-3", 9, 60))
    expire(store, silent)
    rows = store.active_drivers()
    assert [(row.id, row.study, row.live) for row in rows] == [(silent, "b", False), (driver, "vgg-1", True)]
    assert (rows[1].host, rows[1].pid, rows[1].study_id) == ("node-1", 4242, study.id)
    assert abs(rows[1].heard_s - store.now_s()) < 60


def test_what_runs_and_who_was_seen(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(*range(1, 6)))
    store.report(study.id, driver, [report(4, 1), report(4, 2)])
    store.tell(study.id, driver, [outcome(1, worker="a"), outcome(2, worker="")])
    store.tell(study.id, driver, [outcome(3, worker="b", state=TrialState.PRUNED)])
    running = store.running_trials(study.id, "vgg-1", 9)
    assert [(row.number, row.epoch, row.driver_id) for row in running] == [(4, 2, driver), (5, 0, driver)]
    assert len(store.running_trials(study.id, "vgg-1", 1)) == 1
    seen = store.sightings(study.id, 9)
    assert [(row.number, row.state.value, row.worker) for row in seen] == [
        (3, "pruned", "b"),
        (1, "complete", "a"),
    ]
    assert [row.worker for row in store.sightings(study.id, 1)] == ["b"]
