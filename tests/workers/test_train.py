"""The training loop through its real evaluator, on digits, with a network of 4,000 weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from nas.records import AttemptEnd, Cause, EpochReport
from tests.workers.standins import full_disk, request
from workers.checkpoints import Checkpoint, Checkpoints
from workers.notes import noted
from workers.run import run_attempt
from workers.train.device import cpu_threads
from workers.train.job import identity

SCORES = ("error", "top5_error", "accuracy", "loss", "train_loss")
BYTES = ("peak_train_bytes", "peak_inference_bytes")
TIMES = ("images_per_s", "train_s", "latency_ms", "throughput_images_per_s")
SHORT = {"epochs": 3, "batch": 64, "threads": 1}


def _attempt(artifacts: Path, attempt: int = 1, recipe: Mapping[str, Any] = SHORT, **more: Any) -> list[Any]:
    asked = request("tiny", attempt=attempt, recipe=recipe, artifacts=str(artifacts), **more)
    return list(run_attempt(asked))


def _numbers(events: list[Any]) -> list[dict[str, float]]:
    """Metrics of all events but those that a clock gives."""
    return [{k: v for k, v in event.metrics.items() if k not in TIMES} for event in events]


def _last(artifacts: Path, attempt: int, recipe: Mapping[str, Any] = SHORT) -> Checkpoint:
    """The final weights of an attempt, as the next one would find them."""
    asked = request("tiny", recipe=recipe)
    found = Checkpoints(str(artifacts), 1, attempt + 1, _identity(artifacts, recipe)).newest()
    assert found is not None
    assert asked.number == 1
    return found


def _identity(artifacts: Path, recipe: Mapping[str, Any]) -> str:
    return identity(request("tiny", recipe=recipe, artifacts=str(artifacts)))


def _same(left: Checkpoint, right: Checkpoint) -> bool:
    return left.tensors.keys() == right.tensors.keys() and all(
        torch.equal(left.tensors[name], right.tensors[name]) for name in left.tensors
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """An undisturbed training."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, _attempt(folder)


def test_it_learns_and_reports_every_epoch(tmp_path: Path) -> None:
    *reports, end = _attempt(tmp_path, recipe={"epochs": 8, "threads": 1, "lr": 0.02})
    assert [report.epoch for report in reports] == list(range(1, 9))
    assert isinstance(end, AttemptEnd)
    assert end.cause is None
    assert end.metrics["accuracy"] >= 0.9
    assert end.metrics["error"] == pytest.approx(1 - end.metrics["accuracy"])
    assert end.metrics["train_loss"] < reports[0].metrics["train_loss"]
    assert set(end.metrics) == {*SCORES, *BYTES, *TIMES}


def test_same_seed_same_numbers_other_seed_others(whole: tuple[Path, list[Any]], tmp_path: Path) -> None:
    again = _attempt(tmp_path / "again")
    assert _numbers(again) == _numbers(whole[1])
    assert _same(_last(tmp_path / "again", 1), _last(whole[0], 1))
    assert _numbers(_attempt(tmp_path / "other", seed=1)) != _numbers(again)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("stop_after", [1, 2])
def test_a_stopped_training_goes_on_bit_for_bit(tmp_path: Path, optimizer: str, stop_after: int) -> None:
    recipe = {**SHORT, "optimizer": optimizer}
    undisturbed = _attempt(tmp_path / "whole", recipe=recipe)
    steps = run_attempt(request("tiny", recipe=recipe, artifacts=str(tmp_path / "cut")))
    for _ in range(stop_after):
        next(steps)
    steps.close()
    rest = _attempt(tmp_path / "cut", attempt=2, recipe=recipe)
    assert next(event.epoch for event in rest if isinstance(event, EpochReport)) == stop_after + 1
    assert _numbers(rest) == _numbers(undisturbed[stop_after:])
    assert _same(_last(tmp_path / "cut", 2, recipe), _last(tmp_path / "whole", 1, recipe))


def test_an_ended_training_that_was_not_heard_is_not_repeated(whole: tuple[Path, list[Any]]) -> None:
    report, end = _attempt(whole[0], attempt=2)
    assert report.epoch == SHORT["epochs"]
    assert report.metrics == end.metrics == whole[1][-1].metrics


def test_a_loss_that_is_no_number_is_divergence(tmp_path: Path) -> None:
    (end,) = run_attempt(request("wild", recipe=SHORT, artifacts=str(tmp_path)))
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.DIVERGED
    assert "training loss is" in end.message


def test_it_writes_below_its_attempt_only(tmp_path: Path) -> None:
    _attempt(tmp_path, attempt=3)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"1/3/best.safetensors", "1/3/last.safetensors"}


def test_unwritable_artifacts_cost_a_warning_not_the_trial(
    whole: tuple[Path, list[Any]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, or here a file in the way: training is worth more than its checkpoint."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    events = _attempt(blocked, attempt=2)
    assert events[-1].cause is None
    assert _numbers(events) == _numbers(whole[1])
    assert events[-1].message.startswith("cannot write checkpoint")
    assert events[-1].message.count("cannot write checkpoint") == 1
    assert caplog.text.count("cannot write checkpoint") == 1


def test_a_disk_that_fills_up_costs_a_warning_not_the_trial(
    whole: tuple[Path, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAS_CHECKPOINT_S", "0")
    steps = run_attempt(request("tiny", recipe=SHORT, artifacts=str(tmp_path)))
    events = [next(steps)]
    with full_disk():
        events += steps
    assert _numbers(events) == _numbers(whole[1])
    assert events[-1].message.count("cannot write checkpoint") == 1  # type: ignore[union-attr]
    left = Checkpoints(str(tmp_path), 1, 2, _identity(tmp_path, SHORT)).newest()
    assert left is not None
    assert left.facts["progress"]["epoch"] == 1


def test_a_training_is_stopped_on_a_full_disk_too(tmp_path: Path) -> None:
    steps = run_attempt(request("tiny", recipe=SHORT, artifacts=str(tmp_path)))
    next(steps)
    with full_disk():
        steps.close()
    assert list(steps) == []


def test_threads_are_those_of_the_recipe_or_of_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with cpu_threads(None):
        assert torch.get_num_threads() == 1
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with cpu_threads(2):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == before


def test_there_are_no_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with noted() as notes, cpu_threads(99):
        assert torch.get_num_threads() == 2
    assert notes == ["recipe value threads = 99: 2 are used, one for each core"]
