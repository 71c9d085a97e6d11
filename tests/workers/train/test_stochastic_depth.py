"""Stochastic depth as the recipe asks for it."""

import pytest
import torch

from nas import build_model, load_space
from nas.model.build import Total
from workers.train.stochastic_depth import drop_paths


def _resnet20() -> torch.nn.Module:
    torch.manual_seed(0)
    return build_model(load_space("resnet").reference("resnet20"), training=True)


def test_every_block_beside_a_shortcut_is_found_and_names_stay() -> None:
    model = _resnet20()
    before = list(model.state_dict())
    assert drop_paths(model, 0.5) == 9
    assert list(model.state_dict()) == before


def test_it_drops_while_training_only() -> None:
    model, x = _resnet20(), torch.randn(4, 3, 32, 32)
    drop_paths(model, 0.9)
    model.train()
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))


def test_the_last_branch_is_dropped_as_often_as_asked_and_earlier_ones_less() -> None:
    model, x = _resnet20().train(), torch.randn(64, 3, 32, 32)
    sums = [module for module in model.modules() if isinstance(module, Total)]
    count = drop_paths(model, 0.8)
    dropped: dict[int, list[float]] = {}
    for total in sums:
        branch = next(part for part in total.parts if list(part.parameters()))
        share = dropped.setdefault(id(total), [])
        branch.register_forward_hook(lambda m, i, y, share=share: share.append(_zeros(y)))
    for _ in range(4):
        model(x)
    shares = [sum(share) / len(share) for share in dropped.values() if share][-count:]
    assert shares[-1] == pytest.approx(0.8, abs=0.1)
    assert shares[0] < 0.3


def _zeros(y: torch.Tensor) -> float:
    """The share of images whose branch came to nothing."""
    return (y.flatten(1) == 0).all(1).float().mean().item()
