"""Reading commands are quick and leave torch, Ray and Optuna alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Nas

HEAVY = ("torch", "ray", "optuna", "sklearn")
LATER = ("torch", "ray", "sklearn", "scipy.stats", "scipy.optimize")
"""What a short search that trains nothing has no use for."""
TELL = """
import json, sys
from nas.cli import main
for words in {commands}:
    before, sys.argv = set(sys.modules), ["nas", *words]
    try:
        main()
    except SystemExit as ended:
        code = ended.code or 0
    found = sorted((set(sys.modules) - before) & set({heavy}))
    print("\\nTOLD " + json.dumps([words, code, found]))
"""
COST = ["cost", "efficientnet-scaling", "--reference", "efficientnet_b0", "--json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store with a finished study `s`, and in `search.json` what its search has imported."""
    path = tmp_path_factory.mktemp("light")
    words = ["search", "vgg", "--study", "s", "--evaluator", "cost", "--objective", "macs", "--trials", "3"]
    ((_, *told),) = run(path, [[*words, "--engine", "inline", "--no-compare"]], LATER)
    (path / "search.json").write_text(json.dumps(told), encoding="utf-8")
    return path


Told = list[tuple[list[str], int, list[str]]]


def run(folder: Path, commands: list[list[str]], heavy: tuple[str, ...] = HEAVY) -> Told:
    """Commands one after the other in a fresh process: each with its exit code and what heavy it imported,
    which none after it can import again."""
    code = TELL.format(heavy=heavy, commands=commands)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.removeprefix("TOLD ") for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert len(told) == len(commands), done.stdout + done.stderr
    return [(words, code, found) for words, code, found in map(json.loads, told)]


READING = [
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
]


WRONG = ["best", "no-such-study"]


def test_reading_imports_nothing_heavy(folder: Path) -> None:
    assert run(folder, [*READING, WRONG]) == [*((words, 0, []) for words in READING), (WRONG, 2, [])]


def test_a_short_search_imports_nothing_of_no_use_to_it(folder: Path) -> None:
    assert json.loads((folder / "search.json").read_text(encoding="utf-8")) == [0, []]


def test_pricing_imports_no_sql(folder: Path) -> None:
    pricing = [["--help"], COST]
    assert run(folder, pricing, (*HEAVY, "sqlalchemy", "alembic")) == [(words, 0, []) for words in pricing]


@pytest.mark.parametrize(("words", "limit_s"), [(["--help"], 0.4), (COST, 1.0)], ids=["help", "cost"])
def test_reading_is_quick(nas: Nas, words: list[str], limit_s: float) -> None:
    """By the processor's time, one of five: others may use the machine."""
    times = list[float]()
    while len(times) < 5 and min(times, default=limit_s + 1) > limit_s:
        before = os.times()
        assert nas(*words).returncode == 0
        after = os.times()
        times.append(sum(after[2:4]) - sum(before[2:4]))  # of processes waited for
    assert min(times) <= limit_s
