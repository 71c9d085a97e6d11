"""When the forward pass is compiled."""

import shutil

import pytest
import torch
from torch import nn

from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.forward import COMPILED_FROM_MACS, PLAIN, forward_of

CPU = Placement(torch.device("cpu"), bf16=False)
X = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
GPU = Placement(torch.device("cuda"), bf16=False)
NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
ON_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs g++")


def _plain() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))


def _is_eager(model: nn.Module, recipe: Recipe, work_macs: float) -> bool:
    return forward_of(model, recipe, CPU, x=X, work_macs=work_macs) is model


def test_short_trainings_are_not_compiled() -> None:
    assert _is_eager(_plain(), Recipe(), COMPILED_FROM_MACS / 2)
    assert _is_eager(_plain(), Recipe(compile="off"), 1e20)


@COMPILER
def test_long_trainings_are_compiled_unless_depthwise() -> None:
    assert not _is_eager(_plain(), Recipe(), COMPILED_FROM_MACS)
    assert not _is_eager(_plain(), Recipe(compile="on"), 0)
    assert _is_eager(nn.Conv2d(8, 8, 3, groups=8), Recipe(), 1e20)


@COMPILER
@pytest.mark.slow
def test_compiled_is_the_same_function() -> None:
    model = _plain()
    forward = forward_of(model, Recipe(compile="on"), CPU, x=X, work_macs=0)
    torch.testing.assert_close(forward(X), model(X), rtol=1e-4, atol=1e-5)
    forward(X).sum().backward()
    compiled = model[0].weight.grad.clone()
    model.zero_grad()
    model(X).sum().backward()
    torch.testing.assert_close(compiled, model[0].weight.grad, rtol=1e-3, atol=1e-5)


def test_what_cannot_be_compiled_trains_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch._dynamo.graph_break()
            return x * 2

    def refuse(*_: object) -> None:
        raise RuntimeError("no such backend here")

    torch._dynamo.reset()
    forward = forward_of(Odd(), Recipe(compile="on"), CPU, x=X, work_macs=0)
    forward._forward = torch.compile(Odd(), backend=refuse)  # type: ignore[union-attr]
    assert torch.equal(forward(X), X * 2)
    assert "not compiled" in caplog.text
    assert torch.equal(forward(X), X * 2)


def test_every_network_of_a_worker_is_compiled() -> None:
    """They share one forward function, of which torch compiles so many variants and no more."""
    from torch._dynamo.testing import CompileCounter  # takes two seconds, which collecting tests need not

    class Net(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.inner = nn.Linear(width, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.inner(x)  # type: ignore[no-any-return]

    with torch._dynamo.config.patch(recompile_limit=1):
        for width in (2, 3, 4):
            x, net, counter = torch.ones(1, width), Net(width), CompileCounter()
            forward = forward_of(net, Recipe(compile="on"), CPU, x=x, work_macs=0)
            forward._forward = torch.compile(net, backend=counter)  # type: ignore[union-attr]
            forward(x)
            assert counter.frame_count == 1


@NO_GPU
def test_a_graph_is_recorded_once_a_steps_memory_has_been_seen(caplog: pytest.LogCaptureFixture) -> None:
    forward = forward_of(_plain(), Recipe(batch=4, compile="off"), GPU, x=X, work_macs=0)
    for _ in range(PLAIN):
        forward(X)
        assert "no CUDA graph" not in caplog.text
    forward(X)
    assert "no CUDA graph" in caplog.text


def test_parts_of_a_batch_are_not_replayed(caplog: pytest.LogCaptureFixture) -> None:
    """Each replay writes gradients where the one before left them, so that they would not add up."""
    model = _plain()
    assert forward_of(model, Recipe(batch=8, compile="off"), GPU, x=X, work_macs=0) is model
    assert not caplog.messages  # nobody has tried


@ON_GPU
def test_a_recorded_network_is_the_same_function_and_draws_no_numbers() -> None:
    model, x = _plain().cuda(), X.cuda()
    model[0].register_parameter("dead", nn.Parameter(torch.ones(1, device="cuda")))
    forward = forward_of(model, Recipe(batch=4, compile="off"), GPU, x=x, work_macs=0)
    state = torch.cuda.get_rng_state()
    for _ in range(PLAIN + 3):
        model.zero_grad()
        y = forward(x)
        y.sum().backward()
        replayed = model[0].weight.grad.clone()
    assert model[0].dead.grad is None
    assert forward._forward is not model  # type: ignore[union-attr]
    assert torch.equal(torch.cuda.get_rng_state(), state)
    assert model[1].num_batches_tracked == PLAIN + 3
    torch.testing.assert_close(y, model(x))
    model.zero_grad()
    model(x).sum().backward()
    torch.testing.assert_close(replayed, model[0].weight.grad)
