"""Prices against an independent second way: torch's own count of the built module."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

import nas
from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError
from nas.model.count import Flops
from nas.model.layers import Zero
from nas.records import DataInfo
from nas.space.load import shipped_names
from tests.model.autograd import kept_bytes

DIGITS = DataInfo("digits", 1, 8, 10)
POINTS = {None: 4, DIGITS: 8}
"""Networks of published size take up to a second each to build, those for digits a tenth of it."""


def architectures(name: str, data: DataInfo | None, count: int) -> Iterator[Architecture]:
    space, rng = nas.load_space(name, data=data), np.random.default_rng(7)
    while count:
        try:
            yield space.architecture(space.draw(rng))
        except InfeasibleError:
            continue
        count -= 1


@pytest.mark.parametrize("data", [None, DIGITS], ids=["published", "digits"])
@pytest.mark.parametrize("name", shipped_names())
def test_params_macs_and_shape_are_what_torch_counts(name: str, data: DataInfo | None) -> None:
    for architecture in architectures(name, data, POINTS[data]):
        given = architecture.input
        with torch.device("meta"), torch.no_grad():
            model = nas.build_model(architecture)
            image = torch.empty(1, given.channels, given.size, given.size)
            with Flops() as counter:
                logits = model(image)
        assert sum(p.numel() for p in model.parameters()) == architecture.cost.params
        assert counter.get_total_flops() == 2 * architecture.cost.macs
        assert logits.shape == (1, given.classes)


@pytest.mark.parametrize("name", shipped_names())
def test_train_bytes_are_what_autograd_keeps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = Zero.forward  # costs are of the graph as written: what follows a cut edge counts like the rest
    monkeypatch.setattr(Zero, "forward", lambda self, x: zeros(self, x).requires_grad_())
    for architecture in architectures(name, DIGITS, 6):
        model = nas.build_model(architecture).train()
        given = architecture.input
        image = torch.randn(1, given.channels, given.size, given.size, requires_grad=True)
        assert kept_bytes(model, image) + 12 * architecture.cost.params == architecture.cost.train_bytes


@pytest.mark.parametrize("name", shipped_names())
def test_every_parameter_gets_a_gradient(name: str) -> None:
    for architecture in architectures(name, DIGITS, 6):
        model = nas.build_model(architecture, training=True)
        given = architecture.input
        images = torch.randn(4, given.channels, given.size, given.size)
        outputs = model(images)
        logits, heads = outputs if isinstance(outputs, tuple) else (outputs, [])
        sum(cross_entropy(scores, torch.arange(4)) for scores in [logits, *heads]).backward()
        parameters = dict(model.named_parameters())
        without = {name for name, p in parameters.items() if p.grad is None}
        cut = any(row.kind == "zero" for row in architecture.layers())
        assert not without or cut  # what leads only to a cut edge is on no path to the output
        assert all(p.grad.isfinite().all() for p in parameters.values() if p.grad is not None)
