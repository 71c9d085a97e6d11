"""Latency and throughput of real networks, and that measuring leaves no trace."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.model import build_model
from nas.records import AttemptEnd
from nas.space.load import load_space
from tests.workers.measure.conftest import Clock
from tests.workers.standins import request
from workers.data import dataset
from workers.evaluators import evaluator
from workers.measure import latency
from workers.measure.latency import latency_ms, measure_inference, throughput
from workers.run import run_attempt

CPU = torch.device("cpu")
SHAPE = (3, 32, 32)


class Slow(nn.Module):
    """3 ms, and 1 ms more an image; remembers what it was given."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.dropout = nn.Dropout()
        self.seen: list[tuple[int, bool, bool, bool]] = []

    def forward(self, x: Tensor) -> Tensor:
        laid = x.is_contiguous(memory_format=torch.channels_last)
        self.seen.append((len(x), self.training, torch.is_inference_mode_enabled(), laid))
        self.clock.sleep(0.003 + 0.001 * len(x))
        return self.dropout(x)


def test_latency_and_throughput_of_a_module_of_known_speed(clock: Clock) -> None:
    module = Slow(clock)
    found = measure_inference(module, SHAPE, CPU, budget_s=0.5)
    assert found["latency_ms"] == pytest.approx(4)
    assert found["throughput_images_per_s"] == pytest.approx(64 / 0.067)
    assert {images for images, *_ in module.seen} == {1, 64}
    assert {tuple(mode) for _, *mode in module.seen} == {(False, True, True)}


def test_nothing_is_left_of_it() -> None:
    model = build_model(load_space("googlenet").reference("googlenet"), training=True)
    model.body.parts[0].eval()
    modes = [part.training for part in model.modules()]
    state, before = torch.get_rng_state(), {k: v.clone() for k, v in model.state_dict().items()}
    latency_ms(model, (3, 64, 64), CPU, 0.05)
    assert [part.training for part in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(not p.is_inference() and p.grad is None for p in model.parameters())


def test_a_slow_network_gets_a_smaller_batch() -> None:
    assert latency._batch(CPU, 0.001) == 64
    assert latency._batch(CPU, 0.1) == 8
    assert latency._batch(CPU, 60.0) == 1
    assert latency._batch(torch.device("cuda"), 0.001) == 256


def test_where_memory_does_not_do_the_batch_is_halved(clock: Clock) -> None:
    class Hungry(Slow):
        def forward(self, x: Tensor) -> Tensor:
            if len(x) > 10:
                torch.empty(2**50)
            return super().forward(x)

    module = Hungry(clock)
    assert throughput(module, SHAPE, CPU, 64, 0.05) == pytest.approx(8 / 0.011)
    assert {images for images, *_ in module.seen} == {8}


def test_a_mistake_in_the_network_is_told() -> None:
    with pytest.raises(RuntimeError, match="shape"):
        throughput(nn.Linear(7, 2), SHAPE, CPU, 64, 0.01)


def test_a_measurement_takes_a_tenth_of_a_second(clock: Clock) -> None:
    """Of a network whose median stays unsure: it takes 1 ms, then 3 ms, and so on."""

    class Unsteady(Slow):
        waits: Iterator[float] = cycle([0.001, 0.003])

        def forward(self, x: Tensor) -> Tensor:
            clock.sleep(next(self.waits))
            return self.dropout(x)

    measure_inference(Unsteady(clock), SHAPE, CPU)
    assert clock.now_s == pytest.approx(0.1, abs=0.01)


def test_a_small_network_is_measured() -> None:
    space = load_space("vgg", data=dataset("digits").info)
    architecture = space.architecture(space.sample(np.random.default_rng(0)))
    given = architecture.input
    model = build_model(architecture)
    found = measure_inference(model, (given.channels, given.size, given.size), CPU)
    assert found["peak_inference_bytes"] > 4 * architecture.cost.params
    assert all(value > 0 for value in found.values())


def test_the_evaluator_measures_without_training() -> None:
    space = load_space("vgg", data=dataset("digits").info)
    point = space.sample(np.random.default_rng(0))
    asked = replace(request("latency:", point=point), evaluator="latency", space=space.document)
    *_, end = run_attempt(replace(asked, recipe={"threads": 1}))
    assert isinstance(end, AttemptEnd)
    assert end.cause is None, end.message
    assert set(end.metrics) == {"latency_ms", "throughput_images_per_s", "peak_inference_bytes"}
    assert evaluator("latency")
