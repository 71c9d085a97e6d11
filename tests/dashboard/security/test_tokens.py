"""What a token allows, and how it is compared."""

import hmac
from collections.abc import Iterator

import httpx2
import pytest

from nas.dashboard.security import rights
from nas.dashboard.settings import Settings
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service, Serving
from tests.dashboard.security.asking import STOP, bearer
from tests.dashboard.seeding import MAIN


def test_a_token_is_needed(guarded: Service) -> None:
    with guarded.stranger() as client:
        for path in ("/api/studies", "/api/live", "/metrics", "/api/openapi.json", "/api/audit"):
            answer = client.get(path)
            assert answer.status_code == 401, path
            assert "vgg" not in answer.text
        page = client.get(f"/studies/{MAIN}?x=1")
    assert (page.status_code, page.headers["location"]) == (303, f"/login?next=/studies/{MAIN}%3Fx%3D1")


@pytest.fixture
def reader(guarded: Service) -> Iterator[httpx2.Client]:
    with guarded.stranger(headers=bearer(READ_TOKEN)) as client:
        yield client


def test_readers_read_and_do_not_write(reader: httpx2.Client) -> None:
    assert reader.get("/api/studies").status_code == 200
    assert reader.post("/api/spaces/vgg/price", json={"data": "digits"}).status_code == 200
    for method, path in [
        ("POST", STOP),
        ("POST", "/api/studies"),
        ("POST", "/api/studies/preview"),
        ("POST", f"/api/studies/{MAIN}/notes"),
        ("DELETE", f"/api/studies/{MAIN}/notes/1"),
    ]:
        answer = reader.request(method, path, json={})
        assert answer.status_code == 403, path
        assert answer.json()["error"]["kind"] == "Forbidden"


def test_writers_read_and_write(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.client() as client:
        assert client.get("/api/studies").status_code == 200
        assert client.post(STOP).status_code == 200
    assert service.store.study(MAIN).wanted.value == "drain"


def test_a_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(rights.hmac, "compare_digest", compare)
    keys = rights.Keys(Settings(read_token=READ_TOKEN, write_token=WRITE_TOKEN))
    for token in (READ_TOKEN, WRITE_TOKEN, "", "x" * 9999):
        compared.clear()
        keys.of_token(token)
        assert [(len(a), len(b)) for a, b in compared] == [(32, 32)] * 2
    assert hmac.compare_digest is compare
