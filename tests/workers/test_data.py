import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.errors import DataError, RecipeError, UnknownNameError
from workers.data import DATASETS, Splits, dataset, load_splits
from workers.data.split import split
from workers.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def digits() -> Splits:
    return load_splits("digits")


@pytest.mark.parametrize("name", DATASETS.names())
def test_info_and_recipe_are_cheap_and_fit_the_images(name: str) -> None:
    if name == "digits":
        data = dataset(name)
        splits = data.load()
        _, height, width, channels = splits.x_train.shape
        assert (height, width, channels) == (data.info.size, data.info.size, data.info.channels)
        assert set(np.unique(splits.y_train)) == set(range(data.info.classes))
    Recipe.resolve(dataset(name).recipe)


def test_parts_share_no_image_and_hold_them_all(digits: Splits) -> None:
    parts = [digits.x_train, digits.x_valid, digits.x_test]
    assert sum(map(len, parts)) == 1797
    rows = np.concatenate([part.reshape(len(part), -1) for part in parts])
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_parts_are_balanced(digits: Splits) -> None:
    for labels in (digits.y_valid, digits.y_test):
        counts = np.bincount(labels)
        assert counts.max() - counts.min() <= 3


def test_split_is_the_same_in_another_process(digits: Splits) -> None:
    code = "from workers.data import load_splits as s; print(s('digits').x_valid.sum(axis=(1,2,3)).tolist())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(digits.x_valid.sum(axis=(1, 2, 3)).tolist())


def test_statistics_are_of_the_training_part(digits: Splits) -> None:
    pixels = digits.x_train / 255
    assert digits.mean == pytest.approx((pixels.mean(),))
    assert digits.sd == pytest.approx((pixels.std(),))


def test_unknown_names_and_arguments_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        dataset("digit")
    with pytest.raises(DataError, match="takes no argument"):
        dataset("digits:5")


def test_too_small_a_class_is_refused() -> None:
    labels = np.array([0] * 10 + [1], dtype=np.int64)
    with pytest.raises(DataError, match="class 1 has 1 images"):
        split(np.zeros((11, 2, 2, 1), np.uint8), labels, valid=0.2, test=0.2)


@pytest.mark.parametrize("size", [5, 8, 16])
def test_batches_have_the_networks_size_and_are_normalised(digits: Splits, size: int) -> None:
    import torch

    from workers.train.resident import Resident

    recipe = Recipe.resolve({"batch": 64, "shift": 0.125, "rotate": 5, "zoom": 0.1, "flip": True})
    feed = Resident(digits, size=size, recipe=recipe, seed=0, device=torch.device("cpu"))
    batches = list(feed.epoch(1))
    assert len(batches) == feed.steps == 1079 // 64
    assert {tuple(x.shape) for x, _ in batches} == {(64, 1, size, size)}
    x = torch.cat([x for x, _ in feed.validation(100)])
    assert len(x) == len(digits.y_valid)
    if size == 8:
        assert abs(x.mean()) < 0.05
        assert abs(x.std() - 1) < 0.05


def test_unmoved_images_are_the_validation_ones(digits: Splits) -> None:
    """The map that moves nothing gives what the resizing gives, but for the black border."""
    import torch

    from workers.train.resident import Resident

    still = Recipe.resolve({"batch": 16, "shift": 1e-9})
    feed = Resident(digits, size=16, recipe=still, seed=0, device=torch.device("cpu"))
    x = feed.valid.x[:16]
    moved, plain = feed._deliver(x, feed._moves(16)), feed._deliver(x, None)
    assert torch.allclose(moved[..., 1:-1, 1:-1], plain[..., 1:-1, 1:-1], atol=1e-4)


def test_a_batch_larger_than_the_data_is_refused(digits: Splits) -> None:
    import torch

    from workers.train.resident import Resident

    with pytest.raises(RecipeError, match="batch = 5000: must not exceed the 1079"):
        Resident(digits, size=8, recipe=Recipe(batch=5000), seed=0, device=torch.device("cpu"))
