"""What is written down of who did what."""

import pytest

from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Serving
from tests.dashboard.security.asking import STOP, bearer
from tests.dashboard.seeding import MAIN


def test_actions_are_written_down_and_refused_ones_too(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.client() as writer, service.stranger(headers=bearer(READ_TOKEN)) as reader:
        writer.post(f"/api/studies/{MAIN}/notes", json={"text": "seen"})
        writer.post("/api/studies/nope/stop")
        reader.post(STOP)
        writer.get("/api/studies")
        rows = writer.get("/api/audit").json()
    told = [(row["actor"], row["action"], row["study"], row["outcome"].partition(":")[0]) for row in rows]
    assert told == [
        ("read token", "stop", MAIN, "refused (403)"),
        ("write token", "stop", "nope", "refused (404)"),
        ("write token", "note", MAIN, "done"),
    ]
    assert rows[2]["detail"] == "seen"
    assert rows[0]["address"] == "127.0.0.1"


def test_a_study_is_written_down_by_the_name_that_it_got(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serving()
    monkeypatch.setattr("nas.dashboard.api.actions.create", lambda store, asked, drivers: store.study(MAIN))
    with service.client() as client:
        made = client.post("/api/studies", json={"space": "vgg"})
        rows = client.get("/api/audit").json()
    assert (made.status_code, made.json()["name"]) == (201, MAIN)
    assert [(row["action"], row["study"], row["detail"]) for row in rows] == [("create", MAIN, "space vgg")]
