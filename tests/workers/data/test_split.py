import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.errors import DataError
from workers.data import Splits, load_data
from workers.data.split import completed, cut, refuse_labels, split, statistics

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = [5689, 5240, 5116, 5546, 5370]


@pytest.fixture(scope="module")
def digits() -> Splits:
    data = load_data("digits")
    assert isinstance(data, Splits)
    return data


def test_the_split_of_digits_is_the_published_one(digits: Splits) -> None:
    """A change would change every number ever told."""
    assert [len(digits.y_train), len(digits.y_valid), len(digits.y_test)] == [1079, 359, 359]
    assert digits.x_valid[:5].sum(axis=(1, 2, 3)).tolist() == PUBLISHED


def test_split_is_the_same_in_another_process(digits: Splits) -> None:
    code = "from workers.data import load_data as s; print(s('digits').x_valid.sum(axis=(1,2,3)).tolist())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(digits.x_valid.sum(axis=(1, 2, 3)).tolist())


def test_statistics_are_of_the_training_part(digits: Splits) -> None:
    pixels = digits.x_train / 255
    assert digits.mean == pytest.approx((pixels.mean(),))
    assert digits.sd == pytest.approx((pixels.std(),))


def test_statistics_are_by_channel_and_never_zero() -> None:
    x = np.random.default_rng(0).integers(0, 256, (2100, 2, 3, 3), dtype=np.uint8)
    x[..., 2] = 7
    mean, sd = statistics(x)
    assert mean == pytest.approx((x / 255).mean(axis=(0, 1, 2)))
    assert sd[:2] == pytest.approx((x / 255).std(axis=(0, 1, 2))[:2])
    assert sd[2] == pytest.approx(1e-6)


def test_parts_cover_all_and_every_class_is_in_each() -> None:
    labels = np.repeat(np.arange(4), [3, 5, 40, 100])
    parts = cut(labels, valid=0.1, test=0.1)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    for part in parts:
        assert set(labels[part]) == {0, 1, 2, 3}
    assert np.bincount(labels[parts[1]]).tolist() == [1, 1, 4, 10]


@pytest.mark.parametrize(
    ("own", "sizes"), [([], [80, 10, 10]), (["test"], [90, 10, 1]), (["valid"], [90, 1, 10])]
)
def test_only_what_is_missing_is_cut_out(own: list[str], sizes: list[int]) -> None:
    parts = {"train": np.arange(100) % 2, **{name: np.array([1]) for name in own}}
    made = completed(parts, lambda part: part, lambda part, at: part[at])
    assert [len(part) for part in made] == sizes


def test_too_small_a_class_is_refused() -> None:
    labels = np.array([0] * 10 + [1], dtype=np.int64)
    with pytest.raises(DataError, match="class 1 has 1 images: too few for 3 parts"):
        split(np.zeros((11, 2, 2, 1), np.uint8), labels, valid=0.2, test=0.2)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 0], 1, "1 class: a network needs two"),
        ([0, 1, 5], 3, "labels of train are 0 to 5, allowed are 0 to 2"),
        ([0, -1, 1], 2, "labels of train are -1 to 1"),
        ([0, 2, 2], 3, "no training image has label 1"),
        ([0, 2, 2**62], 2**62 + 1, "no training image has label 1, 3, 4, 5, 6;"),
        ([], 3, "no images in its part train"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(labels: list[int], classes: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        refuse_labels({"train": np.array(labels, dtype=np.int64)}, classes, "mine")
