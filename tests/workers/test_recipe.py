import pytest

from nas.errors import RecipeError
from workers.recipe import Recipe, keys
from workers.train.schedules import SHAPES, rate


def test_values_come_over_the_data_sets_defaults() -> None:
    recipe = Recipe.resolve({"lr": 1e-3}, {"lr": 1.0, "batch": 32})
    assert (recipe.lr, recipe.batch) == (1e-3, 32)


def test_an_unknown_key_names_near_ones() -> None:
    with pytest.raises(RecipeError, match=r"unknown recipe key 'epoch'.*did you mean 'epochs'"):
        Recipe.resolve({"epoch": 3})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", 0),
        ("lr", -1),
        ("lr", float("nan")),
        ("schedule", "zigzag"),
        ("batch", "many"),
        ("warmup", 1.0),
    ],
)
def test_an_impossible_value_is_named_with_its_key(key: str, value: object) -> None:
    with pytest.raises(RecipeError, match=f"recipe value {key} = "):
        Recipe.resolve({key: value})


def test_expressions_pass_the_check_but_their_keys_must_be_known() -> None:
    Recipe.check({"lr": "=0.1 * width", "epochs": 3})
    with pytest.raises(RecipeError, match="unknown recipe key 'lrate'"):
        Recipe.check({"lrate": "=0.1"})
    with pytest.raises(RecipeError, match="epochs"):
        Recipe.check({"lr": "=0.1", "epochs": -3})


def test_every_key_has_a_description() -> None:
    undescribed = [key for key in keys() if not Recipe.model_fields[key].description]
    assert not undescribed


@pytest.mark.parametrize("schedule", SHAPES)
def test_schedules_rise_and_fall_within_bounds(schedule: str) -> None:
    factors = [rate(schedule, step, 100, 0.2) for step in range(100)]
    assert all(0 < factor <= 1 for factor in factors)
    assert factors[:20] == sorted(factors[:20])
    assert factors[20:] == sorted(factors[20:], reverse=True)
    assert rate(schedule, 0, 1, 0.0) > 0
