"""How the tests of security ask."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN

STOP = f"/api/studies/{MAIN}/stop"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def csrf_of(client: httpx2.Client) -> dict[str, str]:
    return {"X-NAS-CSRF": client.get("/api/session").json()["csrf"]}


@contextmanager
def logged_in(service: Service, token: str | None) -> Iterator[httpx2.Client]:
    with service.stranger() as client:
        answer = client.post("/login", data={"token": token, "next": "/studies"})
        assert answer.status_code == 303, answer.text
        client.headers.update(csrf_of(client))
        yield client
