"""The peak of memory against sums that can be done by hand."""

import gc
import subprocess
import sys

import pytest
import torch
from torch import nn

from nas.model import build_model
from nas.space.load import load_space
from workers.measure.memory import peak_bytes, size_bytes

CPU = torch.device("cpu")
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
]
MIB = 2**20


@pytest.mark.parametrize("name", DEVICES)
def test_what_is_held_at_once_counts_and_what_was_freed_before_does_not(name: str) -> None:
    device = torch.device(name)

    def work() -> None:
        first = torch.ones(MIB, dtype=torch.uint8, device=device)
        del first
        second = [torch.ones(2 * MIB, dtype=torch.uint8, device=device) for _ in range(2)]
        del second
        torch.ones(3 * MIB, dtype=torch.uint8, device=device)

    held = [torch.ones(5 * MIB, dtype=torch.uint8, device=device)]
    assert peak_bytes(work, held, device) == 9 * MIB


def test_shared_memory_counts_once() -> None:
    flat = torch.zeros(100)
    assert size_bytes([flat, flat[:50], flat.view(10, 10), torch.zeros(3)]) == 412


def test_it_is_the_same_in_every_run_and_grows_with_the_batch() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5))

    def step(batch: int) -> int:
        x = torch.randn(batch, 3, 16, 16)

        def work() -> None:
            model(x).sum().backward()
            model.zero_grad(set_to_none=True)

        return peak_bytes(work, model.parameters(), CPU)

    step(1)
    assert len({step(8) for _ in range(5)}) == 1
    slopes = [step(n + 8) - step(n) for n in (8, 16, 24)]
    assert len(set(slopes)) == 1
    assert slopes[0] > 0


def test_the_price_predicts_it() -> None:
    """`train_bytes` counts weights, gradients, two moments and saved elements: the peak lies near it."""
    architecture = load_space("resnet").reference("resnet20")
    model = build_model(architecture, training=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.randn(16, 3, 32, 32), torch.zeros(16, dtype=torch.int64)

    def step() -> None:
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    gc.collect()
    held = [*model.parameters(), *(state["momentum_buffer"] for state in optimizer.state.values())]
    cost = architecture.cost
    predicted = 12 * cost.params + 16 * (cost.train_bytes - 12 * cost.params)
    assert peak_bytes(step, held, CPU) == pytest.approx(predicted, rel=0.05)


def test_work_is_done_once_whoever_else_profiles() -> None:
    done: list[int] = []
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]):
        assert peak_bytes(lambda: done.append(1), [torch.ones(4)], CPU) == 0
    assert peak_bytes(lambda: done.append(2), [torch.ones(4)], CPU) == 16
    assert done == [1, 2]


def test_it_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    code = (
        "import torch; from workers.measure.memory import peak_bytes as p;"
        "print(p(lambda: torch.ones(4), [], torch.device('cpu')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("16\n", "")
