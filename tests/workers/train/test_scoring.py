"""Errors and losses of known logits."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from workers.train.device import Placement
from workers.train.scoring import scores

PLACE = Placement(torch.device("cpu"), bf16=False)


def test_errors_are_shares_over_all_batches() -> None:
    logits = torch.randn(30, 10, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(30) % 10
    batches = [(logits[:16], labels[:16]), (logits[16:], labels[16:])]
    told = scores(nn.Identity(), batches, PLACE)
    ranks = (logits > logits.gather(1, labels[:, None])).sum(1)
    assert told["error"] == pytest.approx((ranks > 0).float().mean().item())
    assert told["top5_error"] == pytest.approx((ranks >= 5).float().mean().item())
    assert told["loss"] == pytest.approx(F.cross_entropy(logits, labels).item())
    assert told["accuracy"] == 1 - told["error"]


def test_few_classes_have_no_top5() -> None:
    assert "top5_error" not in scores(nn.Identity(), [(torch.eye(3), torch.arange(3))], PLACE)
