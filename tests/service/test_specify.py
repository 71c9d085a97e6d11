"""From options to a whole specification."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import DataError, NasError, RecipeError, SpaceError, UnknownNameError
from nas.records import Objective, StudySpec
from nas.service.specify import SearchOptions, differences, specify
from nas.space.space import Space
from tests.service.test_answer import SPACE
from tests.workers.data.pictures import arrays, write_class, write_folder
from workers.data import dataset

OPTIONS = SearchOptions(space="efficientnet-scaling")


def test_no_options_mean_digits_with_its_profile() -> None:
    spec = specify(OPTIONS)
    assert (spec.data, spec.sampler, spec.stopper, spec.evaluator, spec.seed) == (
        "digits", "auto", "none", "train", 0,
    )  # fmt: skip
    space = Space.from_document(spec.space)
    assert space.resolved.constants["base"] == 16
    assert space.resolved.input["classes"] == 10


def test_a_specification_survives_json() -> None:
    spec = specify(OPTIONS)
    again = StudySpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert differences(spec, again) == []
    one, two = (Space.from_document(s.space).architecture({"alpha": 1.2, "beta": 1.1}) for s in (spec, again))
    assert one.arch_id == two.arch_id


def test_recipes_go_from_space_over_data_and_profile_to_the_user() -> None:
    profile = Space.from_document(specify(OPTIONS).space)
    spec = specify(replace(OPTIONS, recipe={"batch": 32}))
    assert spec.recipe["batch"] == 32
    assert spec.recipe["lr"] == profile.training["lr"] != 0.256
    assert spec.recipe["weight_decay"] == dataset("digits").recipe["weight_decay"]
    assert Space.from_document(spec.space).recipe({"alpha": 1.2, "beta": 1.1}) == spec.recipe


def test_what_differs_is_listed() -> None:
    spec = specify(OPTIONS)
    other = specify(replace(OPTIONS, seed=3, sampler="random", settings={"phi": 2}))
    told = differences(spec, other)
    assert 'sampler: "auto" in the study, "random" asked for' in told
    assert "seed: 0 in the study, 3 asked for" in told
    assert any("phi" in line for line in told)


@pytest.mark.parametrize("change", [{"sampler": "x"}, {"stopper": "x"}, {"data": "x"}, {"space": "x"}])
def test_unknown_names(change: dict[str, str]) -> None:
    with pytest.raises(UnknownNameError):
        specify(replace(OPTIONS, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evaluator", "asked", "metric", "minimize"),
    [
        ("train", None, "error", True),
        ("proxy:naswot", None, "naswot", False),
        ("proxy:naswot", "naswot", "naswot", False),
        ("proxy:naswot", "seconds", "seconds", True),
        ("python:os.getpid", None, "error", True),
    ],
)
def test_a_study_is_for_what_its_evaluator_is_for(
    evaluator: str, asked: str | None, metric: str, minimize: bool
) -> None:
    spec = specify(replace(OPTIONS, evaluator=evaluator, objective=asked))
    assert spec.objectives == (Objective(metric, minimize),)


def test_impossible_recipes() -> None:
    with pytest.raises(RecipeError, match="epochs"):
        specify(replace(OPTIONS, recipe={"epochs": 0}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": {"accumulate": 3, "batch": 32}}, "type --recipe accumulate=2"),
        ({"recipe": {"batch": 1080}}, "must not exceed the 1079 training images; type --recipe batch=1024"),
    ],
)
def test_a_recipe_that_no_training_could_follow_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        specify(replace(OPTIONS, **change))
    specify(replace(OPTIONS, evaluator="cost", objective="macs", **change))


def test_a_folder_with_fewer_images_than_a_batch_is_refused(tmp_path: Path) -> None:
    asked = replace(OPTIONS, space="linear", data=f"imagefolder:{write_folder(tmp_path, train=12)}")
    with pytest.raises(RecipeError, match=r"batch = 64: must not exceed the 20 .*--recipe batch=16"):
        specify(asked)
    assert specify(replace(asked, recipe={"batch": 16})).recipe["batch"] == 16


@pytest.mark.parametrize(
    ("classes", "counts", "message"),
    [
        (["cat"], {"train": 9}, "has 1 class: a network needs two or more"),
        (["cat", "dog"], {"train": 2}, "class 'cat' has 2 training images, needed are 3"),
        (["cat", "dog"], {"train": 9, "val": 1, "cow": 1}, "has class 'cow', which train has not"),
    ],
)
def test_classes_that_cannot_be_trained_on_are_refused(
    tmp_path: Path, classes: list[str], counts: dict[str, int], message: str
) -> None:
    if counts.pop("cow", None):
        write_class(tmp_path / "val/cow", 1)
    folder = write_folder(tmp_path, classes=classes, **counts)
    with pytest.raises(DataError, match=message):
        specify(replace(OPTIONS, space="linear", data=f"imagefolder:{folder}", recipe={"batch": 4}))


def test_an_archive_whose_labels_do_not_fit_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **arrays(y_test=np.arange(9)))
    with pytest.raises(DataError, match="labels of test are 0 to 8, allowed are 0 to 2"):
        specify(replace(OPTIONS, space="linear", data=f"npz:{tmp_path / 'a.npz'}"))


def test_expressions_of_a_recipe_are_compiled_before_the_study_exists() -> None:
    with pytest.raises(SpaceError, match=r"training\.lr: .*'alhpa'"):
        specify(replace(OPTIONS, recipe={"lr": "=0.1 * alhpa"}))
    spec = specify(replace(OPTIONS, recipe={"lr": "=0.1 * alpha"}))
    assert Space.from_document(spec.space).recipe({"alpha": 1.2, "beta": 1.1})["lr"] == pytest.approx(0.12)


def test_a_recipe_says_how_many_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where neither space nor data set does: the stopper wants to know the last one."""
    monkeypatch.setattr(type(dataset("digits")), "recipe", {})
    (tmp_path / "bare.yaml").write_text(SPACE.replace("training: {epochs: 1, lr: =lr}", ""))
    assert specify(SearchOptions(space=str(tmp_path / "bare.yaml"))).recipe["epochs"] == 10


@pytest.mark.parametrize("change", [{"trials": 0}, {"trials": 2**31}, {"seed": -1}, {"timeout_s": -1.0}])
def test_numbers_that_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(NasError, match=f"--.*{next(iter(change.values())):g}"[:6]):
        specify(replace(OPTIONS, **change))


def test_a_time_limit_is_part_of_the_specification() -> None:
    spec = specify(replace(OPTIONS, timeout_s=90))
    assert StudySpec.from_json(json.loads(json.dumps(spec.to_json()))).timeout_s == 90
    assert differences(specify(OPTIONS), spec) == ["timeout_s: null in the study, 90 asked for"]


def test_a_parameter_of_the_recipe_is_not_silenced_by_the_data_set() -> None:
    spec = specify(SearchOptions(space="linear", data="digits"))
    assert spec.recipe["weight_decay"] == "=decay"
    space = Space.from_document(spec.space)
    recipe = space.recipe({"pool": 1, "bias": True, "decay": 0.01})
    assert recipe["weight_decay"] == 0.01


def test_a_path_to_data_is_the_same_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "mine.npz", **arrays())
    options = replace(OPTIONS, space="linear", recipe={"batch": 9})
    monkeypatch.chdir(tmp_path)
    near = specify(replace(options, data="npz:mine.npz"))
    monkeypatch.chdir("/")
    far = specify(replace(options, data=f"npz:{tmp_path}/mine.npz"))
    assert near.data.startswith(f"npz:{tmp_path}/mine.npz@")
    assert differences(near, far) == []
    np.savez(tmp_path / "mine.npz", **arrays(y_test=np.ones(9, int)))
    changed = specify(replace(options, data=f"npz:{tmp_path}/mine.npz"))
    assert len(differences(near, changed)) == 1
