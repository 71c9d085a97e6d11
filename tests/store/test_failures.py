"""What a driver waits for, and what it does not: the server's own words, and what they are taken for."""

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from nas.errors import StoreAwayError
from nas.store import open_store
from nas.store.engine import parse_url
from nas.store.failures import explain


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("FATAL:  the database system is not yet accepting connections", "about to start, or to end"),
        ("FATAL:  the database system is in recovery mode", "about to start, or to end"),
        ("No route to host", "does not answer"),
        ("Network is unreachable", "does not answer"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "slots"),
    ],
)
def test_a_server_that_recovers_or_is_cut_off_is_waited_for(said: str, meaning: str) -> None:
    """In its own words, as a driver was told them when hosts were cut off and servers killed."""
    told = psycopg.OperationalError(f'connection to server at "10.0.0.1", port 5432 failed: {said}')
    error = explain(parse_url("postgresql://db/nas"), OperationalError("", {}, told), "write")
    assert isinstance(error, StoreAwayError)
    assert meaning in str(error)


def test_a_name_that_is_gone_may_come_back() -> None:
    with pytest.raises(StoreAwayError, match=r"there is no such host .*correct HOST"):
        open_store("postgresql://nas@nowhere.invalid/nas")
