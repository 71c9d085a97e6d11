"""Ctrl-C, kill -9, several drivers: exactly the budget, nothing twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Nas

SLOW = ("--evaluator", "python:tests.cli.evaluators.slow", "--engine", "inline", "--no-compare")
QUICK = ("--evaluator", "python:tests.cli.evaluators.quick", "--engine", "inline", "--no-compare")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts `nas ARGUMENTS` beside the test."""

    def begin(*words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def trials(nas: Nas) -> list[dict[str, Any]]:
    done = nas("trials", "s", "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout) if done.returncode == 0 else []
    return found


def wait_for(test: Callable[[], bool], limit_s: float = 30) -> None:
    end = time.monotonic() + limit_s
    while not test():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_first_interrupt_drains_and_says_how_to_resume(start: Start, nas: Nas) -> None:
    process = start("search", "vgg", *SLOW, "--trials", "4", "--study", "s")
    wait_for(lambda: any(row["epoch"] for row in trials(nas)))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Ctrl-C again stops now" in out
    assert "s: drained" in out
    assert "nas resume s" in out
    assert [row["state"] for row in trials(nas)] == ["complete"]


def test_second_interrupt_stops_now_and_puts_trials_back(start: Start, nas: Nas) -> None:
    process = start("search", "vgg", *SLOW, "--trials", "4", "--study", "s")
    wait_for(lambda: any(row["epoch"] for row in trials(nas)))
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "s: paused" in out
    assert [row["state"] for row in trials(nas)] == ["queued"]


def test_kill_and_resume_ends_with_exactly_the_budget(start: Start, nas: Nas) -> None:
    process = start("search", "vgg", *SLOW, "--trials", "3", "--study", "s")
    wait_for(lambda: [row["state"] for row in trials(nas)] == ["complete", "running"])
    process.kill()
    process.communicate()
    done = nas("resume", "s", "--engine", "inline", "--no-compare")
    assert done.returncode == 0, done.stderr
    rows = trials(nas)
    assert [row["state"] for row in rows] == ["complete"] * 3
    assert [row["attempt"] for row in rows] == [1, 2, 1]


def test_two_searches_of_one_name_share_the_work(start: Start, nas: Nas) -> None:
    words = ("search", "vgg", *QUICK, "--trials", "40", "--study", "s", "--sampler", "random")
    both = [start(*words), start(*words)]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    rows = trials(nas)
    assert Counter(row["state"] for row in rows) == {"complete": 40}
    assert len({row["key"] for row in rows}) == 40
    assert len({row["driver_id"] for row in rows}) == 2
