from pathlib import Path
from typing import Literal, get_args, get_origin

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


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("epochs", "", "a whole number"),
        ("epochs", 1.5, "a whole number"),
        ("epochs", None, "a whole number"),
        ("epochs", [1], "a whole number"),
        ("epochs", 0, "at least 1"),
        ("threads", "all", "a whole number, or none"),
        ("lr", "x", "a number"),
        ("lr", float("inf"), "a number"),
        ("lr", 0, "more than 0"),
        ("shift", 0.7, "at most 0.5"),
        ("momentum", 1, "less than 1"),
        ("clip", "x", "a number, or none"),
        ("flip", "ja", "yes or no"),
        ("flip", None, "yes or no"),
        ("compile", "maybe", "auto, on or off"),
        ("schedule", None, "onecycle, cosine, linear, step or constant"),
    ],
)
def test_what_is_allowed_is_said_in_plain_words(key: str, value: object, allowed: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.resolve({key: value})
    assert str(caught.value) == f"recipe value {key} = {value!r}: must be {allowed}"


@pytest.mark.parametrize(
    ("value", "meant"),
    [("yes", "on"), (True, "on"), ("no", "off"), (False, "off"), ("on", "on"), ("auto", "auto")],
)
def test_compile_takes_yes_and_no(value: object, meant: str) -> None:
    assert Recipe.resolve({"compile": value}).compile == meant


@pytest.mark.parametrize(
    ("values", "images", "message"),
    [
        ({}, 20, "batch = 64: must not exceed the 20 training images; type --recipe batch=16, or less"),
        ({"batch": 8}, 7, "type --recipe batch=4, or less"),
        ({"batch": 32, "accumulate": 3}, None, "must divide the batch of 32, .* type --recipe accumulate=2"),
        ({"batch": 8, "accumulate": 9}, 90, "type --recipe accumulate=8"),
    ],
)
def test_what_a_training_would_refuse_is_known_before(
    values: dict[str, object], images: int | None, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        Recipe.check_training(values, images)


@pytest.mark.parametrize(
    "values", [{"batch": "=width"}, {"batch": "=width", "accumulate": 3}, {"accumulate": "=n"}, {"batch": 64}]
)
def test_a_recipe_that_may_fit_is_left_to_the_training(values: dict[str, object]) -> None:
    Recipe.check_training(values, 64 if values.get("batch") == 64 else 70)


def test_expressions_pass_the_check_but_their_keys_must_be_known() -> None:
    Recipe.check({"lr": "=0.1 * width", "epochs": 3})
    with pytest.raises(RecipeError, match="unknown recipe key 'lrate'"):
        Recipe.check({"lrate": "=0.1"})
    with pytest.raises(RecipeError, match="epochs"):
        Recipe.check({"lr": "=0.1", "epochs": -3})


def test_every_key_has_a_description() -> None:
    undescribed = [key for key in keys() if not Recipe.model_fields[key].description]
    assert not undescribed


@pytest.mark.parametrize(
    "key", [k for k in keys() if get_origin(Recipe.model_fields[k].annotation) is Literal]
)
def test_the_readme_names_every_word_that_is_allowed(key: str) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{key}` |"))
    assert not [word for word in get_args(Recipe.model_fields[key].annotation) if f"`{word}`" not in row]


@pytest.mark.parametrize("schedule", SHAPES)
def test_schedules_rise_and_fall_within_bounds(schedule: str) -> None:
    factors = [rate(schedule, step, 100, 0.2) for step in range(100)]
    assert all(0 < factor <= 1 for factor in factors)
    assert factors[:20] == sorted(factors[:20])
    assert factors[20:] == sorted(factors[20:], reverse=True)
    assert rate(schedule, 0, 1, 0.0) > 0
