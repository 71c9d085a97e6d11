"""`nas train`, `nas evaluate`, `nas ensemble`: from a search to a result, in text and JSON."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nas.cli.final import _print_measured
from tests.cli.test_light import run
from tests.conftest import Nas

SEARCH = ("search", "linear", "--study", "s", "--trials", "2", "--recipe", "epochs=1", "--engine", "inline")


def test_from_a_search_to_an_honest_result(nas_here: Nas, tmp_path: Path) -> None:
    assert nas_here(*SEARCH, "--no-compare").returncode == 0
    again = ("train", "s", "2", "--epochs", "2", "--engine", "inline", "--study", "one")
    assert (
        "one trains trial 2 of s: 2 epochs, 1 seed; nothing has begun" in nas_here(*again, "--dry-run").stdout
    )
    assert "trial 1: epoch 2/2, error " in nas_here(*again).stdout
    assert nas_here("evaluate", "one", "--no-baselines").stdout.endswith("      nas ensemble s\n")
    done = nas_here("train", "s", "2", "--epochs", "2", "--seeds", "2", "--engine", "inline")
    assert done.returncode == 0, done.stderr
    assert "s-2-final trains trial 2 of s for 2 epochs" in done.stdout
    assert "standard deviation" in done.stdout
    assert done.stdout.endswith("Next: nas evaluate s-2-final\n      nas ensemble s-2-final\n")

    told = nas_here("evaluate", "s-2-final")
    assert told.returncode == 0, told.stderr
    assert "Test part of digits: 359 images that neither training nor search has seen" in told.stdout
    assert "k nearest neighbours (k=5)" in told.stdout
    assert "\n  weight_decay=0.1: validation error " in told.stdout
    assert "worse than k nearest neighbours, the best baseline (95 % interval" in told.stdout
    assert "Recorded: the test set is seen once by each network" in told.stdout
    again = nas_here("evaluate", "s-2-final", "--json")
    found = json.loads(again.stdout)
    assert (found["fresh"], len(found["networks"]), len(found["baselines"])) == (False, 2, 2)
    assert "As it was recorded" in nas_here("evaluate", "s-2-final", "1").stdout
    assert "test error 0." in nas_here("trial", "s-2-final", "1").stdout
    assert json.loads(nas_here("trial", "s-2-final", "1", "--json").stdout)["tested"]["images"] == 359

    both = nas_here("ensemble", "s-2-final", "--top", "2")
    assert both.returncode == 0, both.stderr
    assert "Two members disagree on" in both.stdout
    found = json.loads(nas_here("ensemble", "s-2-final", "--json").stdout)
    assert (len(found["members"]), found["tested"]["images"]) == (2, 359)
    only_read = ["evaluate", "s-2-final"]
    assert run(tmp_path, [only_read]) == [(only_read, 0, [])]


def test_mistakes_are_told_before_anything_begins(nas_here: Nas) -> None:
    cost = ("--evaluator", "cost", "--objective", "macs", "--no-compare")
    assert nas_here(*SEARCH[:6], *cost, "--engine", "inline").returncode == 0
    for words, said in (
        (("train", "s", "9"), "no trial 9 in study 's'"),
        (("train", "s", "1", "--engine", "simulated"), "--engine simulated"),
        (("train", "nowhere", "1"), "no study called 'nowhere'"),
        (("evaluate", "s"), "trained none; type nas train s"),
        (("evaluate", "s", "1", "--again"), "--again"),
        (("ensemble", "s"), "needs two trained networks"),
        (("ensemble", "s", "--top", "0"), "--top 0"),
    ):
        done = nas_here(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert said in done.stderr, done.stderr


def test_what_training_measured_otherwise_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Any] = [
        SimpleNamespace(number=1, valid_error=0.0139),
        SimpleNamespace(number=2, valid_error=0.02),
    ]
    _print_measured(rows, {1: 0.01114, 2: 0.02})
    said = "training measured 0.01114 (trial 1) in its own precision, bf16 where that is faster"
    assert capsys.readouterr().out == f"Validation here is in float32; {said}.\n"
