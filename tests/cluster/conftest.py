"""Fixtures of tests on several hosts: skipped, with the reason, where hosts cannot be had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.campaign import Campaign
from tests.cluster.hosts import Lan, can_make_hosts
from tests.cluster.postgres import programs


def need_hosts() -> None:
    """Go on only where hosts can be had."""
    if why := can_make_hosts():
        pytest.skip(why)
    programs()


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Lan]:
    """A switch without hosts; those that a test adds end with it."""
    need_hosts()
    with Lan(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """A head with the store and two worker hosts, for all tests of a file."""
    need_hosts()
    with Lan(tmp_path_factory.mktemp("campaign")) as made:
        yield Campaign(made, workers=2, cpus=2, lease_s=5.0)
