"""In how many parts a batch goes through."""

import pytest
import torch

from nas import build_model, load_space
from nas.cost.cost import Cost
from workers.measure.memory import peak_bytes
from workers.recipe import Recipe
from workers.train import fitting
from workers.train.device import Placement
from workers.train.fitting import free_bytes, more_parts, parts_of, predicted_bytes

PLACE = Placement(torch.device("cpu"), bf16=False)


def _cost() -> Cost:
    return load_space("resnet").reference("resnet20").cost


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Free memory, as the test says."""
    told = {"bytes": 1e12}
    monkeypatch.setattr(fitting, "free_bytes", lambda device: told["bytes"])
    return told


def test_one_part_where_memory_does_and_as_few_as_fit_otherwise(free: dict[str, float]) -> None:
    cost, recipe = _cost(), Recipe(batch=96)
    assert parts_of(recipe, PLACE, cost) == 1
    needed = predicted_bytes(cost, recipe, PLACE, 24)
    free["bytes"] = needed / fitting.USABLE
    assert parts_of(recipe, PLACE, cost) == 4
    free["bytes"] = 0
    assert parts_of(recipe, PLACE, cost) == 96


def test_the_recipe_may_say_and_no_cost_means_one_part(free: dict[str, float]) -> None:
    free["bytes"] = 0
    assert parts_of(Recipe(batch=96, accumulate=3), PLACE, _cost()) == 3
    assert parts_of(Recipe(batch=96), PLACE, None) == 1


def test_when_memory_does_not_do_the_next_divisor_is_tried() -> None:
    recipe = Recipe(batch=12)
    assert [more_parts(recipe, parts) for parts in (1, 2, 3, 4, 6, 12)] == [2, 3, 4, 6, 12, None]
    assert more_parts(Recipe(batch=12, accumulate=2), 2) is None


def test_free_memory_is_this_slots_share() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert 1e6 < free_bytes(torch.device("cpu")) < 1e14
    finally:
        torch.set_num_threads(before)


def test_the_prediction_is_what_a_step_takes() -> None:
    """Against what torch's allocator hands out for forward and backward: within 25 %."""
    cost, recipe, images = _cost(), Recipe(batch=32), 32
    model = build_model(load_space("resnet").reference("resnet20"), training=True)
    x, y = torch.randn(images, 3, 32, 32), torch.arange(images) % 10

    def step() -> None:
        torch.nn.functional.cross_entropy(model(x), y).backward()

    moments = 2 * 4 * cost.params
    measured = peak_bytes(step, list(model.parameters()), PLACE.device) + moments
    assert predicted_bytes(cost, recipe, PLACE, images) == pytest.approx(measured, rel=0.25)
