"""Whole trainings on streamed and resident image files, through the evaluator's own loop."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas.records import AttemptEnd, Cause
from tests.workers.data.pictures import write_class
from tests.workers.standins import request
from tests.workers.test_train import TIMES
from workers.run import run_attempt
from workers.train.feeds import choose

RECIPE = {"epochs": 3, "batch": 16, "threads": 1, "loaders": 1, "crop": 0.1, "cutout": 0.2}


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten classes of grey images."""
    folder = tmp_path_factory.mktemp("grey")
    for label in range(10):
        write_class(folder / str(label), 10, seed=label, mode="L")
    return f"imagefolder:{folder}"


def _attempt(name: str, folder: Path, attempt: int = 1, **recipe: Any) -> Any:
    asked = request("tiny", attempt=attempt, recipe={**RECIPE, **recipe}, artifacts=str(folder))
    return run_attempt(replace(asked, data=name))


def _numbers(events: list[Any]) -> list[dict[str, float]]:
    return [{k: v for k, v in event.metrics.items() if k not in TIMES} for event in events]


@pytest.mark.parametrize("limit", [0, 2**30], ids=["streamed", "resident"])
def test_a_stopped_training_goes_on_bit_for_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(choose, "RESIDENT_BYTES", limit)
    whole = list(_attempt(name, tmp_path / "whole"))
    assert whole[-1].cause is None, whole[-1].message
    steps = _attempt(name, tmp_path / "cut")
    next(steps)
    steps.close()
    rest = list(_attempt(name, tmp_path / "cut", attempt=2))
    assert rest[0].epoch == 2
    assert _numbers(rest) == _numbers(whole[1:])


def test_the_number_of_processes_changes_no_number(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "RESIDENT_BYTES", 0)
    alone, helped = (_numbers(list(_attempt(name, tmp_path / str(n), loaders=n))) for n in (0, 1))
    assert alone == helped


def test_a_batch_larger_than_the_data_is_one_message(name: str, tmp_path: Path) -> None:
    (end,) = _attempt(name, tmp_path, batch=1000)
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.ERROR
    assert end.message == (
        "recipe value batch = 1000: must not exceed the 80 training images; type --recipe batch=64, or less"
    )
