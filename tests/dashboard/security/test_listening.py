"""Where the service listens, and to which name it answers."""

import pytest

from nas.dashboard.settings import Settings
from nas.errors import NasError
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service


def test_it_listens_on_this_machine_unless_told_otherwise() -> None:
    assert Settings().host == "127.0.0.1"
    Settings().check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "nas.example.org", "127.0.0.1.example.org"])
def test_any_other_address_needs_a_token(host: str) -> None:
    with pytest.raises(NasError, match="NAS_WRITE_TOKEN"):
        Settings(host=host).check()
    Settings(host=host, write_token=WRITE_TOKEN).check()


@pytest.mark.parametrize("token", ["short", "with a space in it, though long", "ä" * 20, "x" * 600])
def test_a_token_is_a_secret(token: str) -> None:
    with pytest.raises(NasError, match="16 to 512"):
        Settings(write_token=token).check()


def test_readers_are_not_writers() -> None:
    with pytest.raises(NasError, match="equal"):
        Settings(read_token=READ_TOKEN, write_token=READ_TOKEN).check()


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.evil.org", "", "[::ffff:1.2.3.4]", "localhost.evil.org:80"]
)
def test_a_name_that_was_bent_to_this_machine_is_refused(service: Service, host: str) -> None:
    with service.stranger() as client:
        answer = client.get("/api/studies", headers={"Host": host})
    assert answer.status_code == 403
    assert "without a token" in answer.json()["error"]["what"]
