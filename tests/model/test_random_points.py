"""Points of every space: priced as torch counts, run forward and backward, all trained.

Twenty-five of each; NAS_TEST_POINTS=200 tries more.
"""

import os
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings, strategies as st
from torch.nn.functional import cross_entropy

import nas
from nas.model.count import Flops
from nas.records import DataInfo
from nas.space.load import shipped_names
from nas.space.space import Space

BATCH = 2
POINTS = int(os.environ.get("NAS_TEST_POINTS", "25"))


@cache
def loaded(name: str) -> Space:
    return nas.load_space(name, data=DataInfo("digits", 1, 8, 10))


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
@settings(max_examples=POINTS, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1))
def test_a_point_costs_what_torch_counts_and_trains(name: str, seed: int) -> None:
    space = loaded(name)
    architecture = space.architecture(space.sample(np.random.default_rng(seed)))
    model = nas.build_model(architecture, training=True)
    head = {p for part in model.modules() if type(part).__name__ == "Head" for p in part.parameters()}
    assert sum(p.numel() for p in model.parameters() if p not in head) == architecture.cost.params
    shape = architecture.input
    images = torch.randn(BATCH, shape.channels, shape.size, shape.size)
    with Flops() as counter:
        outputs = model(images)
    assert head or counter.get_total_flops() == 2 * BATCH * architecture.cost.macs
    logits, heads = outputs if isinstance(outputs, tuple) else (outputs, [])
    assert logits.shape == (BATCH, architecture.output.channels)
    sum(cross_entropy(scores, torch.arange(BATCH)) for scores in [logits, *heads]).backward()
    untouched = [n for n, p in model.named_parameters() if p.grad is None]
    assert not untouched or any(row.kind == "zero" for row in architecture.layers())
