"""Cookies: whose they are, how they end, where a login leads."""

import time

import pytest

from nas.dashboard.security import rights
from nas.dashboard.settings import Settings
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service, Serving
from tests.dashboard.security.asking import STOP, csrf_of, logged_in
from tests.dashboard.seeding import MAIN


def test_the_cookie_is_for_this_host_and_no_script(guarded: Service) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={"token": READ_TOKEN})
    said = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in said.split(";")}
    assert READ_TOKEN not in said


def test_a_session_has_the_rights_of_its_token(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with logged_in(service, READ_TOKEN) as client:
        assert client.get("/studies").status_code == 200
        assert client.post(STOP).status_code == 403
    with logged_in(service, WRITE_TOKEN) as client:
        assert client.post(STOP).status_code == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "2.9999999999.x.y", "2.9999999999.abc." + "0" * 64, "9.1.1.1", "2.1.\\x.1"]
)
def test_a_forged_session_is_none(guarded: Service, cookie: str) -> None:
    with guarded.stranger() as client:
        answer = client.get("/api/studies", headers={"Cookie": f"nas_session={cookie}".encode()})
    assert answer.status_code == 401


def test_a_session_ends_with_its_time_or_its_logout(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = rights.Keys(Settings(write_token=WRITE_TOKEN))
    cookie, other = keys.cookie(rights.Right.WRITE), keys.cookie(rights.Right.WRITE)
    assert keys.of_cookie(cookie).can_write
    keys.revoke(keys.of_cookie(cookie).session)
    assert not keys.of_cookie(cookie).can_write
    assert keys.of_cookie(other).can_write
    now = time.time()
    monkeypatch.setattr(rights.time, "time", lambda: now + rights.SESSION_S + 1)
    assert not keys.of_cookie(other).can_write


def test_a_session_of_another_token_is_none() -> None:
    before = rights.Keys(Settings(write_token=WRITE_TOKEN)).cookie(rights.Right.WRITE)
    assert not rights.Keys(Settings(write_token="another-" + WRITE_TOKEN)).of_cookie(before).right
    assert not rights.Keys(Settings(read_token=WRITE_TOKEN)).of_cookie(before).right


def test_logging_out_ends_the_session(guarded: Service) -> None:
    with logged_in(guarded, READ_TOKEN) as client:
        cookie = client.cookies["nas_session"]
        assert client.post("/logout").headers["location"] == "/login"
    with guarded.stranger(cookies={"nas_session": cookie}) as client:
        assert client.get("/api/studies").status_code == 401


def test_the_header_has_a_way_out(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.stranger() as client:
        client.post("/login", data={"token": READ_TOKEN})
        page = client.get("/studies").text
        assert "reader" in page
        csrf = csrf_of(client)["X-NAS-CSRF"]
        assert f'name="csrf" value="{csrf}"' in page
        assert client.post("/logout", data={"csrf": "another"}).status_code == 403
        assert client.get("/studies").status_code == 200
        assert client.post("/logout", data={"csrf": csrf}).headers["location"] == "/login"
        assert client.get("/api/studies").status_code == 401
        assert client.post("/logout").headers["location"] == "/login"
    told = [(row.actor, row.action, row.outcome.partition(":")[0]) for row in service.store.audit(10)]
    assert told == [
        ("reader", "logout", "done"),
        ("reader", "logout", "refused (403)"),
        ("reader", "login", "done"),
    ]


@pytest.mark.parametrize(
    "goal", ["https://evil.example.org", "//evil.example.org", "/\\evil.org", "javascript:x", "/a\r\nb"]
)
def test_nobody_is_sent_elsewhere_after_login(guarded: Service, goal: str) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={"token": READ_TOKEN, "next": goal})
    assert answer.headers["location"] == "/studies"


def test_a_login_of_many_fields_is_refused(guarded: Service) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={f"token{number}": "x" for number in range(11)})
    assert answer.status_code == 400
    assert "token and next" in answer.text


def test_a_stranger_learns_nothing_from_the_login_page(guarded: Service) -> None:
    with guarded.stranger() as client:
        page = client.get("/login")
        health = client.get("/health")
    assert page.status_code == 200
    assert str(guarded.path) not in page.text
    assert MAIN not in page.text
    assert set(health.json()) == {"status", "version"}
