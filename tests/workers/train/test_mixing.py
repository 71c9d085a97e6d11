"""Mixup and cutmix."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, strategies as st

from workers.recipe import Recipe
from workers.train.mixing import Targets, mix

X = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 2, 8, 8).contiguous()
Y = torch.arange(4)


def test_without_either_nothing_is_touched() -> None:
    x, targets = mix(X, Y, Recipe(), seed=0, step=0)
    assert x is X
    assert targets == Targets(Y)


@given(step=st.integers(0, 10_000))
def test_mixup_blends_with_the_batch_turned_round(step: int) -> None:
    x, targets = mix(X, Y, Recipe(mixup=0.8), seed=1, step=step)
    assert targets.other is not None
    assert 0 <= targets.share <= 1
    torch.testing.assert_close(x, targets.share * X + (1 - targets.share) * X.flip(0))
    assert torch.equal(targets.other, Y.flip(0))


@given(step=st.integers(0, 10_000))
def test_cutmix_keeps_the_share_that_its_labels_say(step: int) -> None:
    x, targets = mix(X, Y, Recipe(cutmix=1.0), seed=1, step=step)
    own = (x == X).float().mean().item()
    assert own == pytest.approx(targets.share)
    assert bool(((x == X) | (x == X.flip(0))).all())


def test_with_both_each_takes_about_half_of_the_batches() -> None:
    recipe = Recipe(mixup=0.8, cutmix=1.0)
    images = [mix(X, Y, recipe, seed=2, step=step)[0] for step in range(200)]
    pasted = sum(bool(((x == X) | (x == X.flip(0))).all()) for x in images)
    assert 70 <= pasted <= 130


def test_a_step_mixes_alike_every_time_and_another_step_differently() -> None:
    recipe = Recipe(mixup=1.0)
    first, again, other = (mix(X, Y, recipe, seed=3, step=step)[0] for step in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_loss_weighs_both_labels() -> None:
    logits = torch.randn(4, 10, generator=torch.Generator().manual_seed(0))
    mixed = Targets(Y, Y.flip(0), 0.3).loss(logits, 0.1)
    alone = [F.cross_entropy(logits, labels, label_smoothing=0.1) for labels in (Y, Y.flip(0))]
    torch.testing.assert_close(mixed, 0.3 * alone[0] + 0.7 * alone[1])


def test_parts_of_targets_are_those_of_their_images() -> None:
    part = Targets(Y, Y.flip(0), 0.3).part(slice(1, 3))
    assert part.labels.tolist() == [1, 2]
    assert part.other is not None
    assert part.other.tolist() == [2, 1]
