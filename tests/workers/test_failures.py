"""What ends an attempt: told apart, its memory and its files let go, its worker alive."""

import errno
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from nas.errors import DataError, TrialFailure
from nas.records import AttemptEnd, Cause, Evaluation, Metrics
from tests.workers.standins import convnet, request
from workers.failures import classify
from workers.run import run_attempt

ROOT = Path(__file__).resolve().parents[2]
HERE = "python:tests.workers.test_failures"


def _raised(function: object) -> BaseException:
    try:
        function()  # type: ignore[operator]
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


class UnspeakableError(RuntimeError):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (_raised(lambda: torch.empty(2**50)), Cause.OUT_OF_MEMORY),
        (_raised(lambda: bytearray(2**60)), Cause.OUT_OF_MEMORY),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), Cause.OUT_OF_MEMORY),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), Cause.OUT_OF_MEMORY),
        (RuntimeError("could not create a primitive"), Cause.OUT_OF_MEMORY),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), Cause.OUT_OF_MEMORY),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."), Cause.OUT_OF_MEMORY),
        (RuntimeError("could not create a primitive descriptor for a convolution"), Cause.ERROR),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), Cause.ERROR),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), Cause.ERROR),
        (UnspeakableError(), Cause.ERROR),
        (DataError("no such file"), Cause.ERROR),
        (TrialFailure(Cause.DIVERGED, "loss is nan"), Cause.DIVERGED),
        (TrialFailure(Cause.TIMEOUT, "too long"), Cause.TIMEOUT),
        (TrialFailure("boredom", "enough"), Cause.ERROR),
    ],
    ids=repr,
)
def test_causes_are_told_apart(error: BaseException, cause: Cause) -> None:
    found, message = classify(error)
    assert found is cause
    assert message


def test_a_cause_that_does_not_exist_is_told() -> None:
    message = classify(TrialFailure("boredom", "enough"))[1]
    assert message.startswith("enough (of unknown cause 'boredom': causes are preempted, ")


# Files


def fails(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Trains an epoch with checkpoints, then ends as its point says."""
    from workers.train.job import train_module

    yield next(train_module(convnet(), evaluation.request, size=12))
    raise TrialFailure(evaluation.request.point["cause"], "as told")


@pytest.mark.parametrize("cause", Cause)
def test_only_what_is_tried_again_leaves_a_checkpoint(
    cause: Cause, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAS_CHECKPOINT_S", "0")
    point, recipe = {"cause": str(cause)}, {"epochs": 2, "batch": 256, "threads": 1}
    asked = request(f"{HERE}.fails", point=point, recipe=recipe, artifacts=str(tmp_path))
    *_, end = run_attempt(asked)
    assert isinstance(end, AttemptEnd)
    assert end.cause is cause
    again = cause in (Cause.PREEMPTED, Cause.RELEASED)
    assert any(tmp_path.rglob("state-*")) is again
    assert (tmp_path / "1").exists() is again


# Time


def steps_on(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """An epoch of 60 s in steps of 10 ms."""
    for _ in range(6_000):
        time.sleep(0.01)
        evaluation.check_time()  # type: ignore[attr-defined]
    yield 1, {"error": 0.5}


def test_a_timeout_is_noticed_between_steps() -> None:
    (end,) = run_attempt(request(f"{HERE}.steps_on", timeout_s=0.2))  # its epoch would take 60 s
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.TIMEOUT
    assert "longer than its 0.2 s" in end.message
    assert float(end.message.split()[1]) < 30


# Memory


def hungry(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Trains on images so large that they do not fit into 400 MiB."""
    from workers.train.job import train_module

    yield from train_module(convnet(), evaluation.request, size=160)


WORKER = """
    import json, re, resource, sys
    from tests.workers.standins import request
    from workers.slots.actor import Actor

    def status(name):
        return int(re.search(rf"{{name}}:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

    def attempt(function, number, batch):
        recipe = {{"epochs": 1, "threads": 1, "batch": batch, "accumulate": 1}}
        *_, end = actor.run(request(function, number=number, recipe=recipe, artifacts={artifacts!r}))
        return end.cause, end.message, status("VmRSS")

    actor = Actor(1)
    seen = [attempt("tiny", 1, 32)]
    resource.setrlimit(resource.RLIMIT_AS, (int((status("VmSize") + 400) * 2**20), -1))
    seen += [attempt("{here}.hungry", number, 512) for number in range(2, 7)]
    seen += [attempt("tiny", 7, 32)]
    print(json.dumps(seen))
"""


@pytest.mark.slow
def test_a_worker_survives_lack_of_memory_and_gives_it_back(tmp_path: Path) -> None:
    """Memory that the kernel itself refuses: five times in one process, which then trains on."""
    code = textwrap.dedent(WORKER).format(artifacts=str(tmp_path), here=HERE)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    before, *starved, after = json.loads(done.stdout.splitlines()[-1])
    assert before[0] is after[0] is None
    assert [cause for cause, _, _ in starved] == [Cause.OUT_OF_MEMORY] * 5
    assert all("Traceback" not in message for _, message, _ in starved)
    rss_mb = [rss for _, _, rss in (before, *starved, after)]
    # What stays is code and kernels of oneDNN, once: 400 MiB were taken each time.
    assert max(rss_mb) - rss_mb[0] < 100, rss_mb
    assert {path.name for path in tmp_path.iterdir()} == {"1", "7"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_device_gets_its_memory_back(tmp_path: Path) -> None:
    def greedy() -> Iterator[tuple[int, Metrics]]:
        held = [torch.empty(2**30, dtype=torch.uint8, device="cuda")]
        while True:
            held.append(torch.empty_like(held[0]))
            yield len(held), {"error": 0.5}

    before = torch.cuda.memory_reserved()
    for _ in range(5):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(globals(), "fails", lambda evaluation: greedy())
            *_, end = run_attempt(request(f"{HERE}.fails"))
        assert isinstance(end, AttemptEnd)
        assert end.cause is Cause.OUT_OF_MEMORY
        assert torch.cuda.memory_reserved() == before
