"""Ctrl-C, kill -9, several drivers: exactly the budget, nothing twice.

Everything waits for conditions, read from the store itself: trials are held until a file `go` is there.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas.errors import Exit, StoreError
from nas.records import TrialState
from nas.store import open_store
from nas.store.rows import TrialRow
from tests.conftest import ROOT, Nas

COMPLETE, RUNNING, QUEUED = TrialState.COMPLETE, TrialState.RUNNING, TrialState.QUEUED
INLINE = ("--engine", "inline", "--no-compare")


class Process:
    """`nas ARGUMENTS` beside the test, its output in files."""

    def __init__(self, folder: Path, name: str, *words: str) -> None:
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=out,
                stderr=err,
            )

    def wait_for(self, test: Callable[[], bool], limit_s: float = 120) -> None:
        """Until something is so; fails at once if the process has ended, since it will not be so then."""
        end = time.monotonic() + limit_s
        while not test():
            assert self.popen.poll() is None or test(), self.err.read_text()
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)

    def end(self, code: int = 0) -> str:
        """What it has printed, once it has ended as it should."""
        assert self.popen.wait(timeout=120) == code, self.err.read_text()
        return self.out.read_text()


Search = Callable[..., Process]
pytestmark = pytest.mark.slow


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    """Starts `nas search vgg` for the study `s` beside the test."""
    begun: list[Process] = []

    def begin(evaluator: str, *words: str) -> Process:
        named = ("--study", "s", "--evaluator", f"python:tests.cli.evaluators.{evaluator}")
        begun.append(Process(tmp_path, f"p{len(begun)}", "search", "vgg", *named, *INLINE, *words))
        return begun[-1]

    yield begin
    for process in begun:
        process.popen.kill()
        process.popen.wait()


def trials(folder: Path) -> list[TrialRow]:
    try:
        with open_store(f"sqlite:///{folder}/nas-data/nas.db", create=False) as store:
            return store.trials(store.study("s").id) if store.study_names() else []
    except StoreError:  # not there yet
        return []


def states(folder: Path) -> list[TrialState]:
    return [row.state for row in trials(folder)]


def drivers(folder: Path) -> int:
    return len({row.driver_id for row in trials(folder)})


def interrupt(process: Process, folder: Path, number: int = signal.SIGINT) -> None:
    """Press Ctrl-C once something runs, and wait until it is heard."""
    process.wait_for(lambda: any(row.epoch for row in trials(folder)))
    process.popen.send_signal(number)
    process.wait_for(lambda: "Ctrl-C again stops now" in process.out.read_text())


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])


@SIGNALS
def test_first_interrupt_drains_and_says_how_to_resume(search: Search, tmp_path: Path, number: int) -> None:
    process = search("held", "--trials", "4")
    interrupt(process, tmp_path, number)
    (tmp_path / "go").touch()
    out = process.end(Exit.STOPPED)
    assert "s: drained" in out
    assert "nas resume s" in out
    assert states(tmp_path) == [COMPLETE]


@SIGNALS
def test_second_interrupt_stops_now_and_puts_trials_back(search: Search, tmp_path: Path, number: int) -> None:
    process = search("held", "--trials", "4")
    interrupt(process, tmp_path, number)
    process.popen.send_signal(number)
    assert "s: paused" in process.end(Exit.STOPPED)
    assert states(tmp_path) == [QUEUED]


def test_kill_and_resume_ends_with_exactly_the_budget(search: Search, nas: Nas, tmp_path: Path) -> None:
    process = search("second_held", "--trials", "3")
    process.wait_for(lambda: states(tmp_path) == [COMPLETE, RUNNING])
    process.popen.kill()
    process.popen.wait()
    (tmp_path / "go").touch()
    done = nas("resume", "s", *INLINE)
    assert done.returncode == 0, done.stderr
    assert states(tmp_path) == [COMPLETE] * 3
    assert [row.attempt for row in trials(tmp_path)] == [1, 2, 1]


def test_cancel_after_a_kill_cancels(search: Search, nas: Nas, tmp_path: Path) -> None:
    process = search("second_held", "--trials", "3")
    process.wait_for(lambda: states(tmp_path) == [COMPLETE, RUNNING])
    process.popen.kill()
    process.popen.wait()
    done = nas("cancel", "s")
    assert done.stdout.startswith("s: nothing drives it any more; 1 complete, 1 cancelled"), done.stderr
    assert states(tmp_path) == [COMPLETE, TrialState.CANCELLED]


def test_two_searches_of_one_name_share_the_work(search: Search, tmp_path: Path) -> None:
    words = ("held", "--trials", "40", "--sampler", "random")
    both = [search(*words), search(*words)]
    for process in both:
        process.wait_for(lambda: drivers(tmp_path) == 2)
    (tmp_path / "go").touch()
    for process in both:
        process.end()
    rows = trials(tmp_path)
    assert Counter(row.state for row in rows) == {COMPLETE: 40}
    assert len({row.key for row in rows}) == 40
