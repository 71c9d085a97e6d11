"""Evaluators and small networks that tests name as `python:tests.workers.standins.NAME`."""

import os
import resource
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nas.errors import TrialFailure
from nas.records import Cause, Evaluation, Metrics, Request

Steps = Iterator[tuple[int, Metrics]]


def request(
    function: str,
    *,
    number: int = 1,
    attempt: int = 1,
    point: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    seed: int = 0,
    artifacts: str = "/nowhere",
    timeout_s: float | None = None,
) -> Request:
    """A request for one of the functions below (or for an evaluator by its own name, with a colon)."""
    name = function if ":" in function else f"python:tests.workers.standins.{function}"
    return Request(
        study="study",
        number=number,
        attempt=attempt,
        space={"space": "none"},
        point=point or {},
        evaluator=name,
        data="digits",
        recipe=recipe or {},
        seed=seed,
        artifacts=artifacts,
        timeout_s=timeout_s,
    )


@contextmanager
def full_disk() -> Iterator[None]:
    """Files of this process cannot grow beyond 100 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def instant(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}


def paced(evaluation: Evaluation) -> Steps:
    """`epochs` epochs of `epoch_s` seconds; error 1/epoch."""
    point = evaluation.request.point
    for epoch in range(1, int(point.get("epochs", 3)) + 1):
        time.sleep(float(point.get("epoch_s", 0.1)))
        yield epoch, {"error": 1 / epoch}


def raises(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}
    raise ZeroDivisionError("the evaluator's own mistake")


def exits(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}
    raise SystemExit(3)


def not_a_number(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}
    yield 2, {"error": float("nan")}


def own_cause(evaluation: Evaluation) -> Steps:
    raise TrialFailure(Cause.OUT_OF_MEMORY, "4 GiB would be needed")
    yield 1, {}


def starved(evaluation: Evaluation) -> Steps:
    """Asks the allocator of the CPU for more than any machine has."""
    import torch

    yield 1, {"error": float(torch.empty(2**50).numel())}


def _signal_me(number: signal.Signals) -> None:
    """End or halt this process. Its main thread takes the signal: on a busy machine, in a while."""
    os.kill(os.getpid(), number)
    time.sleep(60)


def killed(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}
    _signal_me(signal.SIGKILL)


def killed_once(evaluation: Evaluation) -> Steps:
    """Dies in its first attempt."""
    yield 1, {"error": 0.5}
    if evaluation.request.attempt == 1:
        _signal_me(signal.SIGKILL)
    yield 2, {"error": 0.25}


def slow(evaluation: Evaluation) -> Steps:
    """Twenty epochs of 0.1 s."""
    for epoch in range(1, 21):
        time.sleep(0.1)
        yield epoch, {"error": 1 / epoch}


def waits(evaluation: Evaluation) -> Steps:
    """Leaves a file `begun` in the artifact folder; its epoch ends once there is `go`, or after 30 s."""
    with suppress(OSError):
        Path(evaluation.request.artifacts, "begun").touch()
    until = time.monotonic() + 30
    while not Path(evaluation.request.artifacts, "go").exists() and time.monotonic() < until:
        time.sleep(0.02)
    yield 1, {"error": 0.5}


def held(evaluation: Evaluation) -> Steps:
    """Ends once there is a file in the artifact folder that is named by its number."""
    until, request = time.monotonic() + 100, evaluation.request
    while not Path(request.artifacts, str(request.number)).exists() and time.monotonic() < until:
        time.sleep(0.02)
    yield 1, {"error": 0.5}


def gpus(evaluation: Evaluation) -> Steps:
    """Tells which GPU its worker sees."""
    time.sleep(0.1)
    yield 1, {"error": 0.0, "gpu": float(os.environ["CUDA_VISIBLE_DEVICES"])}


def frozen(evaluation: Evaluation) -> Steps:
    yield 1, {"error": 0.5}
    _signal_me(signal.SIGSTOP)
    yield 2, {"error": 0.5}


def leaves_a_mark(evaluation: Evaluation) -> Steps:
    """Writes `closed` into the artifact folder when it is closed."""
    try:
        for epoch in range(1, 1000):
            time.sleep(0.05)
            yield epoch, {"error": 1 / epoch}
    except GeneratorExit:
        Path(evaluation.request.artifacts, "closed").write_text("yes")
        raise


def environment(evaluation: Evaluation) -> Steps:
    """What a worker computes with, told as metrics."""
    import sys

    before = float("torch" in sys.modules)
    import torch

    threads = float(torch.get_num_threads())
    yield 1, {"error": 0.0, "threads": threads, "torch_before": before, "pid": float(os.getpid())}


def tiny(evaluation: Evaluation) -> Steps:
    """A small convolutional network on digits, through the real training loop."""
    yield from _trained(evaluation, dropout=0.1)


def patient(evaluation: Evaluation) -> Steps:
    """The same, 0.2 s for each epoch at least: there is time to save one's state, and to be killed."""
    for epoch, metrics in _trained(evaluation):
        time.sleep(0.2)
        yield epoch, metrics


def loses_its_device(evaluation: Evaluation) -> Steps:
    """Says what CUDA says after an index out of bounds."""
    yield 1, {"error": 0.5}
    raise RuntimeError("CUDA error: device-side assert triggered\nCUDA kernel errors might be reported later")


def grows(evaluation: Evaluation) -> Steps:
    """Takes memory without end in a group of processes with little of it, once it is told `go`."""
    folder = Path(evaluation.request.artifacts)
    Path(evaluation.request.point["group"], "cgroup.procs").write_text(str(os.getpid()))
    yield from waits(evaluation)
    held = []
    while not (folder / "enough").exists():
        held.append(bytearray(os.urandom(1024)) * 16_384)
    yield 2, {"error": float(len(held))}


def wild(evaluation: Evaluation) -> Steps:
    """The same with weights so large that its loss is no number."""
    yield from _trained(evaluation, scale=1e38)


def _trained(evaluation: Evaluation, dropout: float = 0.0, scale: float = 1.0) -> Steps:
    import torch

    from workers.train.job import train_module

    torch.manual_seed(evaluation.request.seed)
    model = convnet(dropout)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    yield from train_module(model, evaluation.request, size=12, check_time=evaluation.check_time)


def convnet(dropout: float = 0.0) -> Any:
    """Two convolutions with norms, a depthwise one between: 10 classes from one channel."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 12, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(12),
        nn.SiLU(),
        nn.Conv2d(12, 12, 3, padding=1, groups=12, bias=False),
        nn.BatchNorm2d(12),
        nn.SiLU(),
        nn.Conv2d(12, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(32, 10),
    )


def one_second(evaluation: Evaluation) -> Steps:
    time.sleep(1.0)
    yield 1, {"error": 0.5}
