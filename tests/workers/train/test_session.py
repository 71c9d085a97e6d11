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
from workers.train.session import Session, _beside

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


def test_final_weights_are_what_an_attempt_after_the_last_one_has() -> None:
    """They are the averaged ones: the averages themselves are not kept."""
    ended = session(ema=0.9, epochs=1)
    ended.train_epoch(lambda: None)
    last = {name: tensor.clone() for name, tensor in ended.weights().items()}
    again = session(ema=0.9, epochs=1)
    again.restore(Checkpoint(last, ended.facts()))
    assert all(torch.equal(last[name], tensor) for name, tensor in again.weights().items())
    assert again.validate()["error"] == ended.progress.metrics["error"]


@pytest.mark.parametrize("recipe", [{"optimizer": "sgd", "momentum": 0.0}, {"epochs": 1, "batch": 1000}])
def test_memory_is_measured_without_moments_and_in_a_single_step(recipe: dict[str, Any]) -> None:
    trained = session(**recipe)
    trained.train_epoch(lambda: None)
    assert trained.progress.metrics["peak_train_bytes"] > 0


def test_what_an_optimizer_keeps_goes_where_its_weights_are() -> None:
    """The count of steps too: fused kernels read it on their device."""
    weights = torch.empty(2, 3, 4, 4, device="meta").to(memory_format=torch.channels_last)
    moment, steps = (_beside(weights, value) for value in (torch.rand(2, 3, 4, 4), torch.tensor(7.0)))
    assert moment.device == steps.device == weights.device
    assert moment.stride() == weights.stride()
    assert steps.shape == ()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_memory_counts_activations_and_adam_goes_on() -> None:
    place = Placement(torch.device("cuda"), bf16=True)

    def made() -> Session:
        values = Recipe(epochs=2, batch=256, ema=0.9)
        batches = feed(load_data("digits"), size=8, recipe=values, seed=0, device=place.device)
        torch.manual_seed(0)
        return Session(convnet(0.2), batches, values, place)

    trained = made()
    trained.train_epoch(lambda: None)
    held = sum(tensor.nbytes for tensor in trained.tensors().values())
    assert trained.progress.metrics["peak_train_bytes"] > held + 256 * 8 * 8 * 4
    again = made()
    again.restore(Checkpoint(_state(trained), trained.facts()))
    again.train_epoch(lambda: None)
    assert again.progress.metrics["error"] < 0.9
