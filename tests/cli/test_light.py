"""Reading commands are quick and leave torch, Ray and Optuna alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Nas

HEAVY = ("torch", "ray", "optuna", "sklearn")
TELL = """
import atexit, json, sys
from nas.cli import main
atexit.register(lambda: print("HEAVY " + json.dumps(sorted(set(sys.modules) & set({heavy})))))
sys.argv = ["nas", *{words}]
main()
"""
COST = ["cost", "efficientnet-scaling", "--reference", "efficientnet_b0", "--json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store with a finished study `s`."""
    path = tmp_path_factory.mktemp("light")
    words = ["search", "vgg", "--study", "s", "--evaluator", "cost", "--objective", "macs", "--trials", "3"]
    run(path, [*words, "--engine", "inline", "--no-compare"])
    return path


def run(folder: Path, words: list[str], heavy: tuple[str, ...] = HEAVY) -> str:
    code = TELL.format(heavy=heavy, words=words)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["search", "--help"],
        COST,
        ["cost", "vgg", "--reference", "vgg16", "--layers"],
        ["studies"],
        ["show", "s"],
        ["trials", "s", "--json"],
        ["trial", "s", "2"],
        ["best", "s"],
        ["pareto", "s"],
        ["compare", "s"],
        ["report", "s"],
        ["export", "lenet", "--reference", "lenet5"],
        ["space", "list"],
        ["space", "show", "vgg", "--data", "digits"],
        ["space", "sample", "vgg", "-n", "2"],
        ["scale", "efficientnet-scaling", "--reference", "paper", "--to", "macs=4G"],
        ["scale", "s", "--by", "hidden"],
        ["stop", "s"],
    ],
    ids=" ".join,
)
def test_reading_imports_nothing_heavy(folder: Path, words: list[str]) -> None:
    assert run(folder, words).splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize("words", [["--help"], COST], ids=["help", "cost"])
def test_pricing_imports_no_sql(folder: Path, words: list[str]) -> None:
    last = run(folder, words, (*HEAVY, "sqlalchemy", "alembic")).splitlines()[-1]
    assert json.loads(last.removeprefix("HEAVY ")) == []


@pytest.mark.parametrize(("words", "limit_s"), [(["--help"], 0.4), (COST, 1.0)], ids=["help", "cost"])
def test_reading_is_quick(nas: Nas, words: list[str], limit_s: float) -> None:
    """By the processor's time, the least of five: others may use the machine."""
    times = []
    for _ in range(5):
        before = os.times()
        assert nas(*words).returncode == 0
        after = os.times()
        times.append(sum(after[2:4]) - sum(before[2:4]))  # of processes waited for
    assert min(times) <= limit_s
