"""A driver on a real Ray cluster: on the head, found again by its name, ended, and its log from afar."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.errors import StudyFailedError
from nas.records import Ending
from nas.service.actions import Drivers, create
from nas.service.actions.jobs import job_name
from nas.store import open_store
from tests.cluster.processes import until
from tests.service.actions.conftest import Asked
from tests.store.stores import postgres_url
from tests.workers.slots.nodes import Nodes, cluster_of

__all__ = ["postgres_url"]
pytestmark = [pytest.mark.slow, pytest.mark.ray]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with cluster_of(2) as made:
        yield made


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is no file has its drivers' files below the present folder."""
    monkeypatch.chdir(tmp_path)


def test_a_driver_on_the_head(nodes: Nodes, postgres_url: str, asked: Asked) -> None:
    with open_store(postgres_url) as store:
        drivers = Drivers(postgres_url, nodes.address)
        create(store, asked(engine="ray", workers=1), drivers)
        (running,) = drivers.running()
        assert (running.kind, running.state, running.log) == ("ray-job", "running", "")
        assert running.id == job_name("1-s", store.url)
        again = Drivers(postgres_url, nodes.address)  # after a restart: from the file, and the cluster
        assert again.start("s").id == running.id
        until(lambda: "trial_ended" in again.log("s", tail=5), "a trial to end")

        again.interrupt("s")
        until(lambda: not any(d.live for d in store.drivers(store.study("s").id)), "it to drain")
        until(lambda: again.running() == [], "it to end", limit_s=30)
        ended = again.of("s")
        assert ended is not None
        assert (ended.state, ended.message) == ("ended", "drained")
        assert store.study("s").ending is Ending.DRAINED
        assert len(store.drivers(store.study("s").id)) == 1
        again.close()
        drivers.close()


def test_one_that_cannot_start_says_why(nodes: Nodes, postgres_url: str, asked: Asked) -> None:
    with open_store(postgres_url) as store:
        drivers = Drivers(postgres_url, nodes.address)
        with pytest.raises(StudyFailedError, match="has not started: a trial needs 64 CPUs, and no node"):
            create(store, asked(engine="ray", cpus_per_trial=64), drivers)
        assert store.study_names() == ["s"]
        drivers.close()
