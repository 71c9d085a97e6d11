"""Numbers for Prometheus: what they say, read back by Prometheus's own parser, over both stores."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nas.records import Cause, StudySpec, TrialState
from nas.service.metrics import FAMILIES, exposition, samples
from nas.store import Store, open_store
from tests.conftest import ROOT, Nas
from tests.store.makers import candidates, expire, numbers, outcome, report, spec

Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with open_store(request.getfixturevalue(request.param)) as opened:
        yield opened


def read(store: Store) -> Numbers:
    """Every sample, by name and sorted labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition(store))
        for sample in family.samples
    }


def of(found: Numbers, name: str, **labels: str) -> float:
    return found[name, tuple(sorted({"study": "vgg-1", **labels}.items()))]


def lived_in(store: Store, asked: StudySpec) -> int:
    """A study with a result, a failure, a preempted attempt, a driver that was lost, one that lives."""
    study = store.create_study("vgg-1", asked, 10, "file:///tmp/vgg-1")
    lost = store.start_driver(study.id, "here", 1)
    assert numbers(store.claim(study.id, lost, candidates(1, 2, 3))) == [1, 2, 3]
    store.report(study.id, lost, [report(1, 1), report(1, 2), report(2, 1)])
    failure = outcome(2, state=TrialState.FAILED, values=(), metrics={}, cause=Cause.OUT_OF_MEMORY)
    store.tell(study.id, lost, [outcome(1, 0.25), failure])
    expire(store, lost)
    assert store.reap(study.id) == [3]
    store.start_driver(study.id, "here", 2, 600)
    store.count_refusals(study.id, {"duplicate": 4, "params <= 10": 2})
    return study.id


def test_what_is_told_of_a_study(store: Store) -> None:
    lived_in(store, spec())
    found = read(store)
    assert found["nas_store_up", ()] == 1
    assert [of(found, "nas_trials", state=s) for s in ("complete", "failed", "queued")] == [1, 1, 1]
    assert of(found, "nas_trials_budget") == 10
    assert of(found, "nas_best_value", metric="error") == 0.25
    assert of(found, "nas_refusals_total", reason="duplicate") == 4
    assert of(found, "nas_attempts_total", state="complete", cause="") == 1
    assert of(found, "nas_attempts_total", state="failed", cause="out_of_memory") == 1
    assert of(found, "nas_attempts_total", state="queued", cause="released") == 1
    assert of(found, "nas_epochs_total") == 3
    assert of(found, "nas_drivers") == 1
    assert of(found, "nas_leases_lost_total") == 1


def test_every_family_is_there_even_of_an_empty_store(store: Store) -> None:
    told = {family.name for family in text_string_to_metric_families(exposition(store))}
    assert told == FAMILIES.keys()


def test_odd_names_are_quoted(store: Store) -> None:
    study = lived_in(store, spec())
    store.count_refusals(study, {'width < "8"\nand \\': 1})
    assert of(read(store), "nas_refusals_total", reason='width < "8"\nand \\') == 1


def test_plain_data_say_the_same(store: Store) -> None:
    lived_in(store, spec())
    plain = {(s["name"], tuple(sorted(s["labels"].items()))): s["value"] for s in samples(store)}
    changing = "nas_study_changed_timestamp_seconds"
    assert {k: v for k, v in plain.items() if k[0] != changing} == {
        k: v for k, v in read(store).items() if k[0] != changing
    }


def test_they_are_served_and_follow_the_store(nas: Nas, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nas.db"
    with open_store(url) as store:
        study = store.create_study("vgg-1", spec(), 10, "file:///tmp/vgg-1")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        words = ["metrics", "--store", url, "--port", port]
        process = subprocess.Popen(
            [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *words],
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == f"serving http://127.0.0.1:{port}/metrics; Ctrl-C ends it\n"
            assert 'nas_drivers{study="vgg-1"} 0.0' in scraped(port)
            store.start_driver(study.id, "here", 1, 600)
            assert 'nas_drivers{study="vgg-1"} 1.0' in scraped(port)
            taken = nas(*words)
            assert taken.returncode == 2
            assert f"cannot listen at 127.0.0.1:{port}" in taken.stderr
            for path in tmp_path.glob("nas.db*"):
                path.write_bytes(b"no database" * 1000)
            assert "nas_store_up 0.0" in scraped(port)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
            process.wait()


def scraped(port: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return str(answer.read().decode())
