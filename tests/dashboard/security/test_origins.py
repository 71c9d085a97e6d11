"""Requests of foreign pages, which do nothing."""

import pytest

from tests.dashboard.conftest import WRITE_TOKEN, Service
from tests.dashboard.security.asking import STOP, logged_in
from tests.dashboard.seeding import MAIN


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-NAS-CSRF": "0" * 64},
        {"X-NAS-CSRF": ""},
    ],
)
def test_nothing_is_done_without_the_page_s_token(service: Service, headers: dict[str, str]) -> None:
    with service.stranger() as client:
        answer = client.post(STOP, headers=headers)
    assert answer.status_code == 403
    said = (
        "the page is of another session"
        if headers
        else "no header X-NAS-CSRF: send the csrf of GET /api/session"
    )
    assert answer.json()["error"]["what"].startswith(said)


def test_the_page_s_token_is_that_of_its_own_session(guarded: Service) -> None:
    with logged_in(guarded, WRITE_TOKEN) as one, logged_in(guarded, WRITE_TOKEN) as other:
        assert one.headers["X-NAS-CSRF"] != other.headers["X-NAS-CSRF"]
        assert one.post(STOP, headers={"X-NAS-CSRF": other.headers["X-NAS-CSRF"]}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_page_does_nothing(service: Service, headers: dict[str, str]) -> None:
    with service.client() as client:
        assert client.post(STOP, headers=headers).status_code == 403
        assert client.post("/login", headers=headers).status_code == 403
        assert client.post("/api/spaces/vgg/price", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_does_nothing(service: Service, kind: str) -> None:
    with service.client() as client:
        answer = client.post(
            f"/api/studies/{MAIN}/notes", content=b'{"text": "x"}', headers={"Content-Type": kind}
        )
    assert answer.status_code == 400
    assert "application/json" in answer.json()["error"]["what"]


def test_changes_are_never_asked_with_get(service: Service) -> None:
    with service.client() as client:
        for path in (STOP, f"/api/studies/{MAIN}/cancel", "/logout"):
            assert client.get(path).status_code in (404, 405)
