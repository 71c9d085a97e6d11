"""Hosts whose clocks are hours apart: leases go by the database's clock, so none is lost or never ends."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas.records import TrialState
from nas.store import Store, open_store
from tests.conftest import ROOT
from tests.store.stores import postgres_url

__all__ = ["postgres_url"]  # a fixture

SHIFTED = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += atoi(getenv("OFF_S"));
    return done;
}
"""
"""Another time of day for a process; how fast time passes stays."""
RUNNING = TrialState.RUNNING
Start = Callable[[int], "subprocess.Popen[bytes]"]


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with open_store(postgres_url) as opened:
        yield opened


@pytest.fixture
def start(postgres_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts `nas search` on a host whose clock is off by so much."""
    if (compiler := shutil.which("cc")) is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no compiler to make another clock with")
    library = tmp_path / "clock.so"
    words = [compiler, "-shared", "-fPIC", "-o", str(library), "-x", "c", "-"]
    subprocess.run(words, input=SHIFTED.encode(), check=True)
    begun: list[subprocess.Popen[bytes]] = []
    words = ("search", "vgg", "--study", "s", "--trials", "4", "--sampler", "random", "--no-compare")
    more = ("--engine", "inline", "--evaluator", "python:tests.cli.evaluators.held")
    program = "import sys; from nas.cli import main; sys.exit(main())"
    usual = {**os.environ, "PYTHONPATH": str(ROOT), "NAS_STORE": postgres_url, "NAS_LEASE_S": "2"}

    def begin(off_s: int) -> "subprocess.Popen[bytes]":
        clock = {"LD_PRELOAD": str(library), "OFF_S": str(off_s)}
        command = [sys.executable, "-c", program, *words, *more]
        out = subprocess.DEVNULL
        begun.append(subprocess.Popen(command, cwd=tmp_path, env={**usual, **clock}, stdout=out))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_drivers_four_hours_apart_share_a_study(start: Start, store: Store, tmp_path: Path) -> None:
    ahead = start(7200)
    _until(lambda: store.study_names() and _states(store) == [RUNNING])
    behind = start(-7200)
    _until(lambda: _states(store) == [RUNNING, RUNNING])
    study = store.study("s").id
    _until(lambda: all(d.lease_until_s - d.started_s > 6 for d in store.drivers(study)))
    assert not any(driver.lost for driver in store.drivers(study))
    ahead.kill()
    _until(lambda: {d.pid: d.lost for d in store.drivers(study)} == {ahead.pid: True, behind.pid: False})
    (tmp_path / "go").touch()
    assert behind.wait(timeout=120) == 0
    assert _states(store) == [TrialState.COMPLETE] * 4
    first = [(row.accepted, row.message) for row in store.attempts(study, 1)]
    assert first == [(False, "its driver's lease ran out"), (True, "")]
    now_s = time.time()  # the server's clock is this machine's
    assert all(abs(driver.started_s - now_s) < 3600 for driver in store.drivers(study))


def _states(store: Store) -> list[TrialState]:
    return [row.state for row in store.trials(store.study("s").id)]


def _until(test: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not test():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
