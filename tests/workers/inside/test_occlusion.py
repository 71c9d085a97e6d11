"""Occlusion, against a loop that covers one place after the other."""

import pytest
import torch

from tests.workers.inside.networks import digits, network
from workers.inside.occlusion import occluded


@pytest.mark.parametrize(("square", "step"), [(2, 1), (3, 1), (5, 3), (1, 2)])
def test_it_is_what_a_loop_finds(square: int, step: int) -> None:
    architecture = digits("lenet")
    model, size = network(architecture), architecture.input.size
    image = torch.randn(1, size, size)
    found = occluded(model, image, 3, square, step)
    centres = list(range(0, size, step))
    assert found.shape == (len(centres), len(centres))
    for row, y in enumerate(centres):
        for column, x in enumerate(centres):
            top, left = y - (square - 1) // 2, x - (square - 1) // 2
            covered = image.clone()
            covered[:, max(top, 0) : top + square, max(left, 0) : left + square] = 0
            with torch.no_grad():
                expected = model(covered[None]).softmax(1)[0, 3]
            assert found[row, column] == pytest.approx(float(expected), abs=1e-6)


def test_what_an_answer_does_not_see_may_be_covered() -> None:
    """A network that reads one pixel changes its answer only where that is covered."""

    class Reads(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.stack([x[:, 0, 2, 5], -x[:, 0, 2, 5]], 1)

    found = occluded(Reads(), torch.ones(1, 8, 8), 0, 3, 1)
    changed = (found - found[7, 0]).abs() > 1e-6
    assert changed.nonzero().tolist() == [[y, x] for y in (1, 2, 3) for x in (4, 5, 6)]
