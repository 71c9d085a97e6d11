"""What is done through the API, by several people at once too."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from nas.records import Wanted
from tests.dashboard.conftest import Serving
from tests.dashboard.seeding import MAIN, PARETO, SCRIPT


def test_two_people_stop_at_once(serving: Serving) -> None:
    service, people = serving(), 4
    barrier = Barrier(people)

    def stop(action: str) -> int:
        with service.client() as client:
            barrier.wait()
            return client.post(f"/api/studies/{MAIN}/{action}").status_code

    with ThreadPoolExecutor(people) as pool:
        assert list(pool.map(stop, ["stop"] * people)) == [200] * people
    assert service.store.study(MAIN).wanted is Wanted.DRAIN
    assert len([row for row in service.store.audit(100) if row.action == "stop"]) == people


def test_one_stops_while_another_cancels(serving: Serving) -> None:
    service, barrier = serving(), Barrier(2)

    def act(action: str) -> int:
        with service.client() as client:
            barrier.wait()
            return client.post(f"/api/studies/{MAIN}/{action}").status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(act, ["stop", "cancel"])) == [200, 200]
    assert service.store.study(MAIN).wanted in (Wanted.DRAIN, Wanted.CANCEL)


def test_stopping_what_has_ended_says_so(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        first = client.post(f"/api/studies/{PARETO}/cancel").json()
        again = client.post(f"/api/studies/{PARETO}/cancel")
    assert first["study"]["ending"] == "cancelled"
    assert again.status_code == 200


def test_a_point_is_enqueued_and_known_ones_are_told(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        point = client.get(f"/api/studies/{MAIN}/trials/1/point.json").json()
        same = client.post(f"/api/studies/{MAIN}/enqueue", json={"point": point})
        wrong = client.post(f"/api/studies/{MAIN}/enqueue", json={"point": {**point, "nope": 1}})
        huge = client.post(f"/api/studies/{MAIN}/enqueue", json={"point": {**point, "convs": [10**400]}})
    assert (same.status_code, same.json()["state"], same.json()["number"]) == (200, "duplicate", 1)
    assert (wrong.status_code, huge.status_code) == (400, 400)
    assert "nope" in wrong.json()["error"]["what"]


def test_notes_come_and_go(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        made = client.post(f"/api/studies/{MAIN}/trials/2/notes", json={"text": SCRIPT, "author": "Bo"})
        there = client.get(f"/api/studies/{MAIN}/trials/2/notes").json()
        gone = client.delete(f"/api/studies/{MAIN}/notes/{made.json()['id']}")
        twice = client.delete(f"/api/studies/{MAIN}/notes/{made.json()['id']}")
        nowhere = client.post(f"/api/studies/{MAIN}/trials/999/notes", json={"text": "x"})
    assert made.status_code == 201
    assert [note["text"] for note in there] == [SCRIPT]
    assert (gone.status_code, gone.content, twice.status_code, nowhere.status_code) == (204, b"", 404, 404)


def test_a_search_is_looked_at_before_it_begins(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        path = client.post("/api/studies/preview", json={"space": "vgg", "data": "npz:/etc/passwd"})
        unknown = client.post("/api/studies", json={"space": "../../etc/passwd"})
    assert (path.status_code, path.json()["ok"], path.json()["field"]) == (200, False, "data")
    assert unknown.status_code == 404
    assert service.store.study_names()
