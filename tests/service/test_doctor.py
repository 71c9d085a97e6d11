"""What the doctor says of real things in and out of order; of a Ray cluster: tests/test_compose.py."""

import json
import sqlite3
import time
from pathlib import Path

import pytest

from nas.service.doctor import Check, examine
from nas.service.doctor.artifacts import artifact_checks
from nas.service.doctor.cluster import cluster_checks
from nas.service.doctor.environment import environment_checks
from nas.service.doctor.store import store_checks
from nas.service.environment import SETTINGS
from nas.store import Store, open_store
from tests.conftest import Nas


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.what: check for check in checks}


def test_a_machine_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    checks = examine()
    amiss = {check.what for check in checks if not check.ok or check.advice}
    assert amiss <= {"temporary files", "shared memory"}  # a small container may have too little of these
    assert by_name(checks)["store"].found == "none yet; the first search makes it"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite_url", "postgres_url"])
def test_a_store_in_order(url: str, request: pytest.FixtureRequest) -> None:
    where = request.getfixturevalue(url)
    open_store(where).close()
    found = by_name(list(store_checks(where)))
    assert list(found) == ["store", "writing to it", "its clock"]
    assert all(check.ok for check in found.values())
    assert "0 studies" in found["store"].found
    assert "a commit takes" in found["writing to it"].found


def test_a_pulse_changes_nothing(store: Store) -> None:
    before = store.studies()
    assert store.pulse() > 0
    assert store.studies() == before


def test_a_clock_that_is_off(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    check = list(store_checks(sqlite_url, lambda: time.time() - 60))[-1]
    assert not check.ok
    assert check.found.startswith("+60.0")
    assert "NTP" in check.advice


def test_a_store_that_does_not_answer() -> None:
    (check,) = store_checks("postgresql://nas:secret@127.0.0.1:1/nas")
    assert not check.ok
    assert "no server answers there" in check.found
    assert "secret" not in check.found
    assert check.advice.startswith("start it, or correct HOST:PORT")


def test_a_store_of_another_version(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE nas_alembic_version SET version_num = '0001'")
    (check,) = store_checks(sqlite_url)
    assert (check.ok, check.advice) == (False, "upgrade it: nas store upgrade")


def test_a_store_that_takes_no_writes(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    holder.execute("BEGIN IMMEDIATE")
    found = by_name(list(store_checks(f"{sqlite_url}?timeout=0.1")))
    holder.close()
    assert found["store"].ok
    assert not found["writing to it"].ok
    assert "another process keeps it locked" in found["writing to it"].found


def test_artifacts_in_order(tmp_path: Path) -> None:
    root, check = artifact_checks(None, str(tmp_path / "not" / "yet"))
    assert root == f"file://{tmp_path}/not/yet"
    assert check.ok
    assert "MB/s" in check.found
    assert list(tmp_path.iterdir()) == []
    assert artifact_checks(None, "memory://a")[1].ok


@pytest.mark.parametrize(
    ("url", "shared", "said"),
    [
        ("/proc/artifacts", False, "artifacts file:///proc/artifacts: cannot write there: "),
        ("nosuch://bucket", False, "unknown protocol 'nosuch'"),
        ("memory://a", True, "workers are other processes and do not see it"),
    ],
)
def test_artifacts_that_cannot_be_used(url: str, shared: bool, said: str) -> None:
    root, check = artifact_checks(None, url, shared=shared)
    assert root is None
    assert not check.ok
    assert said in check.found
    assert check.advice


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (check,) = store_checks("/proc/nas.db")
    assert not check.ok
    assert "/proc/nas.db cannot be made" in check.found
    (check,) = store_checks(f"{tmp_path}/not/yet/nas.db")
    assert (check.ok, check.found) == (True, "none yet; the first search makes it")
    (tmp_path / "file").touch()
    assert not next(store_checks(f"{tmp_path}/file/nas.db")).ok
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_store_in_memory_is_none() -> None:
    (check,) = store_checks("sqlite://")
    assert (check.ok, check.advice) == (False, "type --store sqlite:///FILE")


def test_one_mistake_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [check.what for check in examine("foo://bar") if not check.ok] == ["store"]
    (check,) = [check for check in examine(artifacts="foo://x/y") if check.what == "artifacts"]
    assert "unknown protocol" in check.found
    assert check.advice == "give another --artifacts URL (or NAS_ARTIFACTS)"


def test_all_mistakes_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    (check,) = environment_checks()
    assert (check.ok, check.found) == (True, f"NAS_DATA={tmp_path}")
    for name in SETTINGS:
        monkeypatch.setenv(name, "/no/such/thing")
    checks = list(environment_checks())
    assert sorted(check.found.partition("=")[0] for check in checks) == sorted(SETTINGS)
    assert not any(check.ok for check in checks)
    assert all(check.advice for check in checks)


def test_a_token_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def token() -> Check:
        return next(cluster_checks("127.0.0.1:1", None))

    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    assert (token().ok, token().found) == (False, "RAY_AUTH_MODE is not set")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    assert token().ok
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    assert (token().ok, token().found) == (False, "there is none")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "abc")
    assert token() == Check("Ray token", True, "from RAY_AUTH_TOKEN")
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("abc")
    assert token().ok


def test_what_is_amiss_is_said_with_what_to_type(nas: Nas) -> None:
    words = ("doctor", "--store", "postgresql://nas:x@127.0.0.1:1/nas", "--address", "127.0.0.1:1")
    done = nas(*words, "--json")
    assert done.returncode == 1
    bad = {check["what"]: check for check in json.loads(done.stdout) if not check["ok"]}
    assert {"store", "Ray cluster"} <= bad.keys()
    assert all(check["advice"] for check in bad.values())
    plain = nas(*words)
    assert plain.returncode == 1
    assert "BAD" in plain.stdout
    assert f"store: {bad['store']['advice']}" in plain.stdout
