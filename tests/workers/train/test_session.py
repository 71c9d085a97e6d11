"""A session's steps, and that what it saves is all there is."""

from typing import Any

import pytest
import torch

from nas.errors import RecipeError
from tests.workers.standins import convnet
from workers.checkpoints import Checkpoint
from workers.data import load_data
from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.feeds import feed
from workers.train.session import Session

CPU = Placement(torch.device("cpu"), bf16=False)


def session(dropout: float = 0.2, seed: int = 0, **recipe: Any) -> Session:
    values = Recipe(**{"epochs": 2, "batch": 64, "shift": 0.1, **recipe})
    batches = feed(load_data("digits"), size=8, recipe=values, seed=seed, device=CPU.device)
    torch.manual_seed(seed)
    return Session(convnet(dropout), batches, values, CPU)


def _state(session: Session) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in session.tensors().items()}


def _equal(left: Session, right: Session) -> bool:
    mine, theirs = left.tensors(), right.tensors()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


RECIPES = [
    {"ema": 0.99},
    {"mixup": 0.4, "cutmix": 1.0, "label_smoothing": 0.1},
    {"accumulate": 4, "clip": 1.0},
    {"optimizer": "sgd", "schedule": "step", "lr": 0.1, "ema": 0.9, "crop": 0.125, "cutout": 0.25},
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: "-".join(recipe))
@pytest.mark.parametrize("steps", [1, 7, 16])
def test_from_its_saved_state_it_goes_on_bit_for_bit(recipe: dict[str, Any], steps: int) -> None:
    whole, saved = session(**recipe), []

    def pause() -> None:
        if whole.progress.epoch == 1 and whole.progress.step == steps:
            saved.append(Checkpoint(_state(whole), whole.facts()))

    whole.train_epoch(pause)
    whole.train_epoch(pause)
    resumed = session(seed=0, **recipe)
    torch.manual_seed(12345)
    resumed.restore(saved[0])
    resumed.train_epoch(lambda: None)
    assert _equal(resumed, whole)
    told = {name: whole.progress.metrics[name] for name in ("error", "loss", "train_loss")}
    assert told.items() <= resumed.progress.metrics.items()


def test_parts_add_up_to_the_whole_batch() -> None:
    """Without norms and dropout the gradient of the parts is the gradient of the batch."""
    weights = []
    for parts in (1, 4):
        values = Recipe(epochs=1, batch=64, optimizer="sgd", lr=0.1, accumulate=parts)
        batches = feed(load_data("digits"), size=8, recipe=values, seed=0, device=CPU.device)
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
        trained = Session(model, batches, values, CPU)
        trained.train_epoch(lambda: None)
        weights.append(model[1].weight.detach())
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-4, atol=1e-5)


def test_averaged_weights_validate_and_are_kept_while_training_goes_on_from_its_own() -> None:
    trained = session(ema=0.9)
    trained.train_epoch(lambda: None)
    live = {name: tensor.clone() for name, tensor in trained.model.state_dict().items()}
    error = trained.validate()["error"]
    assert all(torch.equal(live[name], tensor) for name, tensor in trained.model.state_dict().items())
    kept = trained.weights()
    assert not torch.equal(kept["model.0.weight"], live["0.weight"])
    trained.model.load_state_dict({name.removeprefix("model."): t for name, t in kept.items()})
    trained.ema = None
    assert trained.validate()["error"] == error


def test_beginning_again_is_as_if_nothing_had_been() -> None:
    fresh, again = session(), session()
    batch = next(iter(again.feed.epoch(1)))
    torch.manual_seed(1)
    again.model.train()
    again.model(batch[0])
    again.begin_again(1)
    for one in (fresh, again):
        one.train_epoch(lambda: None)
    assert _equal(fresh, again)


def test_parts_must_divide_the_batch() -> None:
    with pytest.raises(RecipeError, match="accumulate = 5: must divide the batch of 64"):
        session(accumulate=5)


def test_the_test_part_is_not_the_validation_part() -> None:
    trained = session()
    trained.train_epoch(lambda: None)
    assert set(trained.test()) == set(trained.validate())
    assert trained.test()["loss"] != trained.validate()["loss"]
