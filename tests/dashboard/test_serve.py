"""`nas serve` as it is typed: a process, its messages, its end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from nas.dashboard.serving import Service
from tests.conftest import ROOT, Nas
from tests.dashboard.conftest import WRITE_TOKEN, Serving
from tests.dashboard.events import Watching
from tests.dashboard.seeding import MAIN, PARETO

TELL = """
import atexit, sys
atexit.register(lambda: print("HEAVY", sorted({"torch", "ray", "optuna", "sklearn"} & set(sys.modules))))
from nas.cli import main
main()
"""


PATIENT_S = 120
"""A machine on which other tests run is slow."""


@contextmanager
def typed(*words: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/tmp", **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", TELL, "serve", *words],
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """What a service has said once a signal has ended it cleanly."""
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENT_S)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out


def url_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("serving http://127.0.0.1:"), line
    return line.split()[1]


def test_it_serves_what_is_light(seeded: Path) -> None:
    with typed("--port", "0", "--store", str(seeded)) as process:
        url = url_of(process)
        with httpx2.Client(base_url=url, timeout=PATIENT_S) as client, Watching(url, "/api/live") as page:
            for path in ("/studies", f"/studies/{MAIN}", f"/studies/{PARETO}", f"/studies/{MAIN}/trials/1"):
                assert client.get(path).status_code == 200, path
            for path in ("history", "front", "curves", "parallel", "timeline"):
                assert client.get(f"/api/studies/{MAIN}/{path}").status_code == 200, path
            assert client.get(f"/api/compare?study={MAIN}&study={PARETO}").status_code == 200
            assert client.post("/api/spaces/vgg/price", json={"data": "digits"}).status_code == 200
            assert client.get(f"/api/studies/{MAIN}/trials/1/source.py").status_code == 200
            page.comment()
            out = ended(process, signal.SIGTERM)
    assert out.splitlines()[-1] == "HEAVY []"


def test_it_is_ended_by_keys_while_it_warms_up(seeded: Path) -> None:
    with (
        typed("--port", "0", "--store", str(seeded)) as process,
        Watching(url_of(process), "/api/live") as page,
    ):
        page.comment()
        ended(process, signal.SIGINT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "set NAS_WRITE_TOKEN"),
        (["--store", "sqlite://"], "sqlite:///"),
        (["--port", "70000"], "--port 70000"),
        (["--write-token-file", "nowhere"], "cannot read the token file nowhere"),
        (["--host", "203.0.113.7", "--write-token-file", "TOKEN"], "cannot listen at 203.0.113.7"),
        (["--port", "TAKEN"], "cannot listen at 127.0.0.1"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_message(
    seeded: Path, tmp_path: Path, nas_here: Nas, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.setattr(Service, "run", lambda service: pytest.fail(f"{service.url} is served"))
    for name in ("NAS_READ_TOKEN", "NAS_WRITE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "token").write_text(WRITE_TOKEN + "\n")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        real = {"TOKEN": str(tmp_path / "token"), "TAKEN": str(other.getsockname()[1])}
        words = [real.get(word, word) for word in words]
        words += [] if "--store" in words else ["--store", str(seeded)]
        told = nas_here("serve", *words)
    assert told.returncode == 2, told
    assert told.stderr.startswith("nas: ")
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_optuna_users_find_the_same_studies(serving: Serving) -> None:
    pytest.importorskip("optuna_dashboard")
    service = serving(optuna=True, write_token=WRITE_TOKEN)
    bearer = {"Authorization": f"Bearer {WRITE_TOKEN}"}
    with httpx2.Client(base_url=service.optuna_url, timeout=20) as stranger:
        assert stranger.get("/api/studies").status_code == 401
    with httpx2.Client(base_url=service.optuna_url, timeout=20, headers=bearer) as client:
        page = client.get("/dashboard")
        assert "Optuna Dashboard" in page.text
        found = {s["study_name"]: s["study_id"] for s in client.get("/api/studies").json()["study_summaries"]}
        assert {MAIN, PARETO} <= set(found)
        trials = client.get(f"/api/studies/{found[MAIN]}?after=0").json()["trials"]
        assert len(trials) == 28
        assert client.post("/api/studies", json={"study_name": "x", "directions": []}).status_code == 403
        assert client.delete(f"/api/studies/{found[MAIN]}").status_code == 403
    with service.client() as ours:
        assert ours.get("/api/studies").json()["total"] == 3
