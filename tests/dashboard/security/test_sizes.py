"""Bodies that are too large, or are none."""

from collections.abc import Iterator

import pytest

from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN


def test_a_note_of_ten_megabytes_is_refused(service: Service) -> None:
    with service.client() as client:
        answer = client.post(f"/api/studies/{MAIN}/notes", json={"text": "x" * 10_000_000})
    assert answer.status_code == 413
    assert answer.json()["error"]["kind"] == "TooLarge"


def test_a_body_of_unknown_length_is_counted(service: Service) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(160):
            yield b"x" * 65536

    with service.client() as client:
        answer = client.post(
            f"/api/studies/{MAIN}/notes", content=pieces(), headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"text": ' + b"[" * 100_000, "nested"),
        (b'{"text": "\\ud800"}', "half a character"),
        (b'{"text": NaN}', "NaN"),
        (b'{"text": "x", "more": 1}', "more"),
        (b"{", "JSON"),
        (b'{"text": "' + b"x" * 20_001 + b'"}', "20,000"),
        (b'{"text": "  "}', "without text"),
    ],
)
def test_a_body_that_is_none_is_refused(service: Service, body: bytes, said: str) -> None:
    with service.client() as client:
        client.headers["Content-Type"] = "application/json"
        answer = client.post(f"/api/studies/{MAIN}/notes", content=body)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]["what"]
