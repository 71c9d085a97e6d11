"""When the forward pass is compiled."""

import shutil

import pytest
import torch
from torch import nn

from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.forward import COMPILED_FROM_MACS, forward_of

CPU = Placement(torch.device("cpu"), bf16=False)
X = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
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
