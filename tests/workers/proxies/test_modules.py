"""What of a network is alive, and that looking leaves nothing behind."""

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import nn

from tests.workers.proxies.conftest import Evaluate
from workers.evaluators.proxy import scored
from workers.proxies import PROXIES
from workers.proxies.modules import activations, alive
from workers.proxies.subject import Subject

NONE = "none"


def living(evaluation: Evaluate, **point: Any) -> list[nn.Module]:
    subject = Subject(evaluation("cell", **point))
    return alive(subject.network(), subject.noise(2))


def test_an_edge_that_nobody_reads_is_dead(evaluation: Evaluate) -> None:
    """Edge 0 makes n1, which only edges 2 and 4 would read."""
    with_it = living(evaluation, op=["conv3", NONE, NONE, "conv3", NONE, NONE])
    without = living(evaluation, op=[NONE, NONE, NONE, "conv3", NONE, NONE])
    assert [type(m) for m in with_it] == [type(m) for m in without]
    assert sum(isinstance(m, nn.Conv2d) for m in with_it) > 4


def test_an_edge_that_is_fed_zeros_is_dead(evaluation: Evaluate) -> None:
    """Edge 5 reads n2, which is nothing; its norm would still say something."""
    fed_nothing = living(evaluation, op=[NONE, NONE, NONE, "skip", NONE, "conv1"])
    without = living(evaluation, op=[NONE, NONE, NONE, "skip", NONE, NONE])
    assert [type(m) for m in fed_nothing] == [type(m) for m in without]


def test_nothing_lives_where_no_way_leads(evaluation: Evaluate) -> None:
    assert living(evaluation, op=["conv3", NONE, NONE, NONE, NONE, "conv1"]) == []


@pytest.mark.parametrize("name", ["naswot", "zen", "grad_norm"])
def test_dead_layers_do_not_count(name: str, evaluation: Evaluate) -> None:
    """Weights are drawn one after the other, so scores are alike, not equal; cells of eight layers differ."""
    with_it = scored(PROXIES[name], evaluation("cell", op=["conv3", NONE, NONE, "conv1", NONE, NONE]))
    without = scored(PROXIES[name], evaluation("cell", op=[NONE, NONE, NONE, "conv1", NONE, NONE]))
    assert with_it == pytest.approx(without, rel=0.25)


def test_gates_and_their_layers_live(evaluation: Evaluate) -> None:
    subject = Subject(evaluation("senet"))
    model = subject.network()
    found = alive(model, subject.noise(2))
    bends = [m for m in model.modules() if isinstance(m, activations())]
    assert any(isinstance(m, nn.Sigmoid) for m in bends)
    assert all(m in found for m in bends)


@pytest.mark.parametrize("name", [n for n in PROXIES.names() if n not in ("params", "macs")])
def test_networks_go_and_leave_no_hooks(
    name: str, evaluation: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[weakref.ref[nn.Module]] = []
    hooks: list[dict[int, Any]] = []
    make = Subject.network

    def watched(self: Subject) -> Any:
        model = make(self)
        seen.append(weakref.ref(model))
        hooks.extend(m._forward_hooks for m in model.modules())
        return model

    monkeypatch.setattr(Subject, "network", watched)
    gc.disable()  # by reference counts alone: a worker's next trial begins at once
    try:
        scored(PROXIES[name], evaluation("cell"))
        assert seen
        assert [ref() for ref in seen] == [None] * len(seen)
    finally:
        gc.enable()
    assert not any(hooks)


def test_hooks_go_even_if_the_pass_fails(evaluation: Evaluate) -> None:
    model = Subject(evaluation("cell")).network()
    with pytest.raises(RuntimeError):
        alive(model, torch.zeros(2, 7, 8, 8))
    assert not any(m._forward_hooks for m in model.modules())
