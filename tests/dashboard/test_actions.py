"""What is done through the API, by several people at once too."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from nas.records import Wanted
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Serving
from tests.dashboard.seeding import MAIN, ODD, PARETO, SCRIPT
from tests.service.actions.pasted import MINE


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


def test_a_space_without_networks_begins_no_study(serving: Serving) -> None:
    service = serving()
    before = service.store.study_names()
    barren = {"space_yaml": f"{MINE}constraints: [width >= 100]\n", "study": "barren"}
    taken = {"space_yaml": MINE.replace("mine", "vgg"), "study": "taken"}
    with service.client() as client:
        answers = [client.post("/api/studies", json=asked) for asked in (barren, taken)]
    assert [each.status_code for each in answers] == [400, 400]
    assert "none of 240 random networks obeys all rules of mine" in answers[0].json()["error"]["what"]
    assert "such as `space: my-vgg`" in answers[1].json()["error"]["what"]
    assert service.store.study_names() == before


def test_a_study_is_deleted_unless_it_is_driven(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    address = f"/api/studies/{PARETO}"
    with service.client() as client:
        readers = client.delete(address, headers={"Authorization": f"Bearer {READ_TOKEN}"})
        driven = client.delete(f"/api/studies/{MAIN}")
        gone = client.delete(address)
        again = client.delete(address)
    assert [each.status_code for each in (readers, driven, gone, again)] == [403, 409, 200, 404]
    assert f"study '{MAIN}' is driven on node-1" in driven.json()["error"]["what"]
    found = gone.json()
    assert (found["study"], found["trials"], found["removed"]) == (PARETO, 12, True)
    assert service.store.study_names() == [ODD, MAIN]
    said = [(row.study, row.outcome, row.detail) for row in service.store.audit(10) if row.action == "delete"]
    assert said[1] == (PARETO, "done", "with 12 trials")
    assert [(study, outcome[:13]) for study, outcome, _ in said] == [
        (PARETO, "refused (404)"), (PARETO, "done"), (MAIN, "refused (409)"), (PARETO, "refused (403)"),
    ]  # fmt: skip


def test_a_trial_without_weights_is_neither_tested_nor_looked_into(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        answers = [client.post(f"/api/studies/{MAIN}/trials/1/{what}") for what in ("evaluate", "look")]
        tasks = client.get(f"/api/studies/{MAIN}/trials/1/tasks")
        nowhere = client.get(f"/api/studies/{MAIN}/trials/999/tasks")
        page = client.get(f"/studies/{MAIN}/trials/1").text
    assert [each.status_code for each in (*answers, tasks, nowhere)] == [409, 409, 200, 404]
    assert all("no weights are kept of trial 1" in each.json()["error"]["what"] for each in answers)
    assert (tasks.json(), "data-begins" in page) == ([], False)
    rows = [(row.action, row.detail) for row in service.store.audit(2)]
    assert rows == [("look", "trial 1"), ("evaluate", "trial 1")]
