"""The page of the cluster: drivers, what runs and waits, workers; never waiting for Ray."""

from pathlib import Path

import pytest

from nas.service.views.cluster import cluster_page
from nas.store import Store
from tests.service.views.full import fill
from tests.store.makers import expire


def test_what_is_going_on(store: Store, tmp_path: Path) -> None:
    driver = fill(store, tmp_path)
    store.set_study_attributes(store.study("s").id, {f"slots of driver {driver}": {"total": 3}})
    page = cluster_page(store)
    (line,) = page.drivers
    assert (line.study, line.host, line.pid, line.slots, line.live) == ("s", "node-1", 7, 3, True)
    assert 0 <= line.heartbeat_age_s < 60
    assert [(r.study, r.number, r.epoch, r.host) for r in page.running] == [
        ("s", 11, 2, "node-1"),
        ("s", 12, 0, "node-1"),
    ]
    assert page.running_total == 2
    assert all(0 <= (run.age_s or 0) < 60 for run in page.running)
    assert [(q.study, q.queued, q.budget_left) for q in page.queue] == [("s", 1, 7)]
    assert {worker.worker: worker.done for worker in page.workers} == {"node-1": 9, "node-2": 1}
    assert next(w for w in page.workers if w.worker == "node-2").number == 9
    assert page.nodes == []
    assert "type nas serve --address HOST:PORT" in page.ray


def test_a_silent_driver_shows_and_a_gone_one_does_not(store: Store, tmp_path: Path) -> None:
    driver = fill(store, tmp_path)
    expire(store, driver)
    page = cluster_page(store)
    assert [(line.live, line.heartbeat_age_s > 10**6) for line in page.drivers] == [(False, True)]
    assert page.workers == []
    store.end_driver(driver)
    page = cluster_page(store)
    assert (page.drivers, page.running) == ([], [])
    assert [line.queued for line in page.queue] == [3]


def test_a_store_without_studies(store: Store) -> None:
    page = cluster_page(store)
    assert (page.drivers, page.running, page.queue, page.workers) == ([], [], [], [])


def test_a_cluster_that_does_not_answer_keeps_no_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAS_ADDRESS", "127.0.0.1:1")
    assert "is being asked" in cluster_page(store).ray
