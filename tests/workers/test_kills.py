"""Workers killed at any moment: the trial's next attempts come to the same weights, bit for bit.

Each attempt is a process of its own that gets SIGKILL: while it loads, trains, validates or writes.
A forked server that has torch in memory makes such a process in milliseconds.
"""

import importlib
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from nas.records import AttemptEnd, EpochReport, Evaluation, Metrics
from nas.space.schema import Where
from nas.space.space import Space
from tests.workers.standins import request
from workers.recipe import keys

pytestmark = pytest.mark.slow

KILLS = 20
LOADING_S, STEP_S = 0.3, 0.05
"""Seconds that it takes, at least, until the first step; and from one state to the next."""
MEMORY = Path("/dev/shm")
"""What a killed process has written is the kernel's, not lost with it: a disk would only make it slow."""
HERE = "python:tests.workers.test_kills"
CLOCKED = ("images_per_s", "train_s", "latency_ms", "throughput_images_per_s")

WISHES = {"ema": 0.95, "mixup": 0.2, "cutmix": 0.5, "drop_path": 0.1, "cutout": 0.25, "crop": 0.1}
RECIPE: dict[str, Any] = {
    "epochs": 3,
    "batch": 96,
    "threads": 1,
    "clip": 1.0,
    "label_smoothing": 0.1,
    "shift": 0.1,
    "rotate": 10,
    "zoom": 0.1,
    "flip": True,
    **{key: value for key, value in WISHES.items() if key in keys()},
}

SERVER = multiprocessing.get_context("forkserver")
# torch's optimizers import `torch._dynamo` when they are first used: a second for each process.
SERVER.set_forkserver_preload([HERE[7:], "workers.train.job", "torch._dynamo"])


SPACE = {
    "space": "tiny",
    "about": "a residual network with dropout",
    "input": {"channels": 1, "size": 12, "classes": 10},
    "parameters": {"width": {"int": [4, 32], "step": 4}},
    "architecture": [
        {"conv": {"out": "=width", "kernel": 3, "stride": 2}},
        "norm",
        "relu",
        {"dropout": {"p": 0.1}},
        {
            "repeat": 2,
            "body": [
                {"sum": [[{"conv": {"out": "=width", "kernel": 3}}, "norm", {"drop_path": {"p": 0.1}}], []]},
                "relu",
            ],
        },
        "global_avg_pool",
        {"dropout": {"p": 0.2}},
        {"linear": {"out": "=input.classes"}},
    ],
}


def trained(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """The evaluator `train`; the study's name may tell at which call of which function the process dies."""
    from workers.train.job import run

    if evaluation.request.attempt == 1 and evaluation.request.study.startswith("{"):
        _mine(**json.loads(evaluation.request.study))
    yield from run(evaluation)


def _mine(at: str, nth: int, moment: str) -> None:
    """Replace a function of this process by one that ends it, before, amid or after its n-th call."""
    module_name, _, name = at.rpartition(".")
    module = importlib.import_module(module_name)
    function, calls = getattr(module, name), iter(range(1, 10**6))

    def deadly(*arguments: Any, **named: Any) -> Any:
        fatal = next(calls) == nth
        if fatal and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **named)
        if fatal and moment == "amid":  # of writing: half of the file is there
            os.truncate(arguments[1], Path(arguments[1]).stat().st_size // 2)
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, deadly)


def _attempt(channel: Any, environment: Mapping[str, str], **asked: Any) -> None:
    """In a process of its own: run an attempt, send its events, the first thing that it began."""
    from workers.run import run_attempt

    os.environ.update(environment)
    channel.send("up")
    study = asked.pop("study", "study")
    plain = request(f"{HERE}.trained", recipe=RECIPE, point={"width": 16}, **asked)
    document = Space(SPACE, Where("tiny.yaml")).document
    for event in run_attempt(replace(plain, study=study, space=document)):
        channel.send(event)


def _start(artifacts: Path, attempt: int, every_s: str = "0", **more: Any) -> tuple[Any, Any]:
    """A process that has begun an attempt, and where its events come out."""
    mine, its = SERVER.Pipe(duplex=False)
    asked = {"artifacts": str(artifacts), "attempt": attempt, **more}
    process = SERVER.Process(target=_attempt, args=(its, {"NAS_CHECKPOINT_S": every_s}), kwargs=asked)
    process.start()
    its.close()
    assert mine.recv() == "up"
    return process, mine


def _events(channel: Any) -> list[Any]:
    """All that came, until the process was over."""
    events: list[Any] = []
    try:
        while True:
            events.append(channel.recv())
    except EOFError:
        return events


def _finish(artifacts: Path, attempt: int, **more: Any) -> list[Any]:
    process, channel = _start(artifacts, attempt, **more)
    events = _events(channel)
    process.join()
    assert isinstance(events[-1], AttemptEnd)
    assert events[-1].cause is None, events[-1].message
    return events


def _numbers(events: list[Any]) -> dict[int, Metrics]:
    """Metrics by epoch, but for those that a clock gives."""
    reports = [event for event in events if isinstance(event, EpochReport)]
    return {r.epoch: {k: v for k, v in r.metrics.items() if k not in CLOCKED} for r in reports}


def _weights(artifacts: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Best and last weights of trial 1, whichever attempt wrote them."""
    files = sorted(path for path in artifacts.rglob("*") if path.is_file())
    assert [path.name for path in files] == ["best.safetensors", "last.safetensors"]
    return {path.name: load_file(path) for path in files}


def _assert_same(found: Path, whole: Path) -> None:
    mine, truth = _weights(found), _weights(whole)
    for name in truth:
        assert mine[name].keys() == truth[name].keys()
        different = [key for key in truth[name] if not torch.equal(mine[name][key], truth[name][key])]
        assert not different, f"{name} differs in {different}"


Whole = tuple[Path, dict[int, Metrics]]


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory, where there is one."""
    with tempfile.TemporaryDirectory(prefix="nas-kills-", dir=MEMORY if MEMORY.is_dir() else None) as made:
        yield Path(made)


@pytest.fixture
def folder(memory: Path) -> Path:
    """An empty one of each test's own."""
    return Path(tempfile.mkdtemp(dir=memory))


@pytest.fixture(scope="module")
def whole(memory: Path) -> Whole:
    """An undisturbed training, with checkpoints as rare as ever."""
    return memory / "whole", _numbers(_finish(memory / "whole", 1, every_s=""))


def test_the_same_seed_gives_the_same_weights_and_numbers(whole: Whole, folder: Path) -> None:
    assert _numbers(_finish(folder, 1, every_s="")) == whole[1]
    _assert_same(folder, whole[0])
    assert _numbers(_finish(folder / "other", 1, every_s="", seed=1)) != whole[1]


def test_killed_at_random_moments_it_ends_as_if_undisturbed(whole: Whole, folder: Path) -> None:
    rng = random.Random()  # the moments are random; what comes of them is not
    kills, reached = 0, set[Path]()
    for trial in range(1, KILLS):
        if kills < KILLS:
            kills += _killed_again_and_again(folder / str(trial), KILLS - kills, rng, whole, reached)
    assert kills == KILLS
    assert len(reached) >= KILLS // 4  # the others are killed before they have done a step


def _killed_again_and_again(
    folder: Path, most: int, rng: random.Random, whole: Whole, reached: set[Path]
) -> int:
    """One training, killed up to `most` times; how often it was. `reached`: the states it went on from."""
    kills, heard = 0, dict[int, Metrics]()
    for attempt in range(1, 1_000):
        process, channel = _start(folder, attempt)
        if kills < most:
            if rng.random() < 0.3:
                time.sleep(rng.uniform(0, LOADING_S))
            else:
                _await_states(folder, process, rng.randint(1, 6))
                time.sleep(rng.uniform(0, STEP_S))
            process.kill()
        events = _events(channel)
        process.join()
        heard |= _numbers(events)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        kills += 1
        reached |= set(sorted(folder.rglob("state-*.safetensors"))[-1:])
    assert events[-1].cause is None, events[-1].message
    assert {epoch: whole[1][epoch] for epoch in heard} == heard
    _assert_same(folder, whole[0])
    return kills


def _await_states(folder: Path, process: Any, count: int) -> None:
    """Until the attempt has been seen to save so many, however slow the machine; or is over."""
    before, seen = set(folder.rglob("state-*.safetensors")), set[Path]()
    while process.is_alive() and len(seen) < count:
        seen |= set(folder.rglob("state-*.safetensors")) - before
        time.sleep(0.002)


POINTS = [
    ("safetensors.torch.save_file", "before"),
    ("safetensors.torch.save_file", "amid"),
    ("os.fsync", "before"),
    ("os.replace", "before"),
    ("os.replace", "after"),
    ("workers.states.remove", "before"),
    ("workers.states.remove", "after"),
]


@pytest.mark.parametrize(("at", "moment"), POINTS)
def test_killed_while_it_writes_it_ends_as_if_undisturbed(
    whole: Whole, folder: Path, at: str, moment: str
) -> None:
    """Early on (among the first states), and late (its end: the last weights, the sweeping)."""
    steps = RECIPE["epochs"] * (1077 // RECIPE["batch"])
    for nth in (4, steps + 7):
        mine = folder / str(nth)
        process, channel = _start(mine, 1, study=json.dumps({"at": at, "nth": nth, "moment": moment}))
        _events(channel)
        process.join()
        if process.exitcode == 0:
            continue  # there were fewer calls
        assert process.exitcode == -signal.SIGKILL
        assert _numbers(_finish(mine, 2))[RECIPE["epochs"]] == whole[1][RECIPE["epochs"]]
        _assert_same(mine, whole[0])
