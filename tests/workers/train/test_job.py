"""A job around a session: memory that does not do, time that runs out."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from nas.errors import TrialFailure
from nas.records import AttemptEnd, Cause
from tests.workers.standins import convnet, request
from workers.run import run_attempt
from workers.train.job import train_module

RECIPE = {"epochs": 2, "batch": 64, "threads": 1}


class Hungry(nn.Module):
    """A network for which more than `most` images at once are too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.inner, self.most, self.seen = convnet(), most, list[int]()

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.seen.append(len(x))
            if len(x) > self.most:
                raise torch.OutOfMemoryError(f"{len(x)} images")
        return self.inner(x)  # type: ignore[no-any-return]


def test_where_memory_does_not_do_batches_go_through_in_parts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = Hungry(most=20)
    asked = request("tiny", recipe=RECIPE, artifacts=str(tmp_path))
    *_, (epoch, metrics) = train_module(model, asked, size=8)
    assert model.seen[:4] == [64, 32, 16, 16]
    assert set(model.seen[2:]) == {16}
    assert epoch == 2
    assert metrics["error"] < 0.9
    assert caplog.text.count("memory did not do") == 2


def test_where_the_recipe_says_how_many_parts_it_ends_out_of_memory(tmp_path: Path) -> None:
    asked = request("tiny", recipe={**RECIPE, "accumulate": 2}, artifacts=str(tmp_path))
    with pytest.raises(torch.OutOfMemoryError):
        list(train_module(Hungry(most=20), asked, size=8))


def test_a_single_image_that_does_not_fit_ends_it(tmp_path: Path) -> None:
    asked = request("tiny", recipe=RECIPE, artifacts=str(tmp_path))
    with pytest.raises(torch.OutOfMemoryError):
        list(train_module(Hungry(most=0), asked, size=8))


def test_time_is_looked_at_between_steps(tmp_path: Path) -> None:
    steps = []

    def over() -> None:
        steps.append(1)
        if len(steps) == 3:
            raise TrialFailure(Cause.TIMEOUT, "over")

    asked = request("tiny", recipe=RECIPE, artifacts=str(tmp_path))
    with pytest.raises(TrialFailure, match="over"):
        list(train_module(convnet(), asked, size=8, check_time=over))


def test_a_long_epoch_ends_when_its_time_is_over(tmp_path: Path) -> None:
    recipe = {"epochs": 1, "batch": 1, "threads": 1}
    (end,) = run_attempt(request("tiny", recipe=recipe, artifacts=str(tmp_path), timeout_s=0.4))
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.TIMEOUT
    assert "longer than its 0.4 s" in end.message
