"""Prices against an independent second way: torch's own count of the built module."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import nas
from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError
from nas.records import DataInfo
from nas.space.load import shipped_names

POINTS = 50
DIGITS = DataInfo("digits", 1, 8, 10)


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
    for architecture in architectures(name, data, POINTS):
        given = architecture.input
        with torch.device("meta"):
            model = nas.build_model(architecture)
            image = torch.empty(1, given.channels, given.size, given.size)
        with FlopCounterMode(display=False) as counter:
            logits = model(image)
        assert sum(p.numel() for p in model.parameters()) == architecture.cost.params
        assert counter.get_total_flops() == 2 * architecture.cost.macs
        assert logits.shape == (1, given.classes)


@pytest.mark.parametrize("name", shipped_names())
def test_train_bytes_are_what_autograd_keeps(name: str) -> None:
    for architecture in architectures(name, DIGITS, 5):
        model = nas.build_model(architecture, training=True)
        own = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}
        kept: dict[int, int] = {}

        def note(tensor: torch.Tensor, own: set[int] = own, kept: dict[int, int] = kept) -> torch.Tensor:
            storage = tensor.untyped_storage().data_ptr()
            if storage not in own:
                kept[storage] = tensor.numel() * tensor.element_size()
            return tensor

        given = architecture.input
        image = torch.randn(1, given.channels, given.size, given.size)
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            output = model(image)
        assert sum(kept.values()) + 12 * architecture.cost.params == architecture.cost.train_bytes
        del output


@pytest.mark.parametrize("name", shipped_names())
def test_every_parameter_gets_a_gradient(name: str) -> None:
    for architecture in architectures(name, DIGITS, 5):
        model = nas.build_model(architecture, training=True)
        given = architecture.input
        images = torch.randn(4, given.channels, given.size, given.size)
        torch.nn.functional.cross_entropy(model(images), torch.arange(4)).backward()
        without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
        assert without == []
