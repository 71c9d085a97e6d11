"""What networks and neighbours answer, by what training and scikit-learn say of the same."""

import numpy as np
import pytest
import torch
from torch import nn

from nas.errors import DataError
from workers.data import Splits, load_data
from workers.final.neighbours import neighbours
from workers.final.outputs import outputs
from workers.final.pixels import Part, Pixels, pixels
from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.feeds import feed
from workers.train.scoring import scores


def test_answers_are_those_that_training_scores() -> None:
    torch.manual_seed(0)
    model, recipe = nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), Recipe.resolve({"batch": 50})
    found = outputs(model, "digits", size=8, recipe=recipe)
    place = Placement(torch.device("cpu"), bf16=False)
    batches = feed(load_data("digits"), size=8, recipe=recipe, seed=0, device=place.device)
    for part, told in {"valid": batches.validation(7), "test": batches.test(7)}.items():
        expected, each = scores(model, told, place), found[part]
        assert (each.log_probabilities.argmax(1) != each.labels).mean() == pytest.approx(expected["error"])
        own = each.log_probabilities[np.arange(len(each.labels)), each.labels]
        assert -own.mean() == pytest.approx(expected["loss"], rel=1e-5)
        assert np.exp(each.log_probabilities).sum(1) == pytest.approx(np.ones(len(own)), abs=1e-5)


def test_pixels_are_those_of_the_data() -> None:
    found, data = pixels("digits", 8), load_data("digits")
    assert isinstance(data, Splits)
    assert (found.test.images == data.x_test).all()
    assert (found.valid.labels == data.y_valid).all()


def part(values: list[int], labels: list[int]) -> Part:
    return Part(np.array(values, np.uint8).reshape(-1, 1, 1, 1), np.array(labels))


def test_k_is_chosen_on_validation_and_nothing_is_learnt_from_it() -> None:
    train = part([10, 12, 14, 100, 102, 104, 11], [0, 0, 0, 1, 1, 1, 1])
    data = Pixels(train, part([11, 13], [0, 0]), part([11, 200], [0, 1]))
    k, said, error = neighbours(data, (1, 3, 25))
    assert (k, said.tolist(), error) == (3, [0, 1], 0.0)


def test_too_many_images_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.final.neighbours.MOST_MACS", 10)
    data = Pixels(part([1, 2], [0, 1]), part([3, 4, 5], [0, 0, 0]), part([6, 7, 8], [0, 0, 1]))
    with pytest.raises(DataError, match="its distances take 1e"):
        neighbours(data)
