"""A loss that is no number is noticed within the epoch."""

import math
import time

import pytest
import torch

from nas.errors import TrialFailure
from nas.records import Cause
from workers.measure.divergence import EVERY, Divergence

CPU = torch.device("cpu")


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_the_first_step_without_a_number_is_the_last(loss: float) -> None:
    watch, total = Divergence(CPU), torch.zeros((), dtype=torch.float64)
    for _ in range(3):
        total += 1e300
        watch.look(total, epoch=2)
    total += loss
    with pytest.raises(TrialFailure, match=r"training loss is .* in epoch 2") as caught:
        watch.look(total, epoch=2)
    assert caught.value.cause is Cause.DIVERGED


def test_a_look_costs_microseconds() -> None:
    """By the processor's time, the least of five: others may use the machine."""
    watch, total, times = Divergence(CPU), torch.zeros((), dtype=torch.float64), []
    for _ in range(5):
        before = time.process_time()
        for _ in range(2_000):
            watch.look(total, epoch=1)
        times.append(time.process_time() - before)
    assert min(times) < 0.1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_device_it_is_noticed_some_steps_later_without_waiting() -> None:
    device = torch.device("cuda")
    watch, total = Divergence(device), torch.zeros((), dtype=torch.float64, device=device)
    total += math.nan

    def steps() -> None:
        for _ in range(3 * EVERY):
            torch.cuda._sleep(1_000_000)
            watch.look(total, epoch=1)
            time.sleep(0.001)

    with pytest.raises(TrialFailure):
        steps()
