"""What every data set keeps, whichever way it is stored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nas.errors import DataError, UnknownNameError
from tests.workers.data.pictures import arrays, write_folder
from workers.data import DATASETS, Samples, Splits, Streams, counted, dataset, load_data, settled
from workers.data.base import spellings
from workers.data.fashion import DEBIAN
from workers.data.images import centre, decode
from workers.recipe import Recipe

ARGUMENTS = {"npz", "imagefolder", "hf"}


def _npz(folder: Path) -> str:
    np.savez(folder / "a.npz", **arrays())
    return f"npz:{folder / 'a.npz'}"


def _photographs(folder: Path) -> str:
    return f"imagefolder:{write_folder(folder / 'photographs', train=20, ending='jpg')}"


def _hub(folder: Path) -> str:
    return f"hf:{write_folder(folder / 'tables', train=20, test=3)}"


SETS: dict[str, Callable[[Path], str]] = {
    "digits": lambda folder: "digits",
    "fashion-mnist": lambda folder: "fashion-mnist",
    "npz": _npz,
    "imagefolder": _photographs,
    "hf": _hub,
}


@pytest.fixture(params=SETS)
def name(request: pytest.FixtureRequest, tmp_path: Path, own_cache: None) -> str:
    """Every data set that can be had without a network, by its settled name."""
    if request.param == "fashion-mnist" and not DEBIAN.is_dir():
        pytest.skip("the Debian package dataset-fashion-mnist is not installed")
    return settled(SETS[request.param](tmp_path))


def _pixels(part: Samples, channels: int) -> list[bytes]:
    """What tells images apart."""
    images = (
        decode(part.read(i), name=part.name(i), channels=channels, side=8, region=centre())
        for i in range(len(part))
    )
    return [image.tobytes() for image in images]


def test_training_images_are_counted_without_loading(name: str) -> None:
    data = load_data(name)
    labels = data.y_train if isinstance(data, Splits) else data.train.labels
    assert counted(dataset(name)) in ({None} if name == "fashion-mnist" else {len(labels)})


def test_three_parts_share_no_image_and_are_balanced(name: str) -> None:
    data, info = load_data(name), dataset(name).info
    if isinstance(data, Splits):
        labels = [data.y_train, data.y_valid, data.y_test]
        parts = [[x.tobytes() for x in part] for part in (data.x_train, data.x_valid, data.x_test)]
        assert data.x_train.shape[1:] == (info.size, info.size, info.channels)
        assert {part.dtype for part in (data.x_train, data.x_valid, data.x_test)} == {np.dtype(np.uint8)}
    else:
        labels = [part.labels for part in (data.train, data.valid, data.test)]
        parts = [_pixels(part, info.channels) for part in (data.train, data.valid, data.test)]
    assert [len(part) for part in parts] == [len(y) for y in labels]
    if name != "fashion-mnist":  # which has twins of its own
        assert len(set().union(*parts)) == sum(map(len, parts))
    for y in labels:
        assert y.dtype == np.int64
        assert set(np.unique(y)) == set(range(info.classes))
    counts = np.bincount(labels[1])
    assert counts.max() - counts.min() <= 3


def test_statistics_are_one_number_per_channel(name: str) -> None:
    data, info = load_data(name), dataset(name).info
    assert len(data.mean) == len(data.sd) == info.channels
    assert all(0 < value < 1 for value in (*data.mean, *data.sd))


def test_loading_again_gives_the_same(name: str) -> None:
    one, two = dataset(name).load(), dataset(name).load()
    assert (one.mean, one.sd) == (two.mean, two.sd)
    if isinstance(one, Splits) and isinstance(two, Splits):
        assert np.array_equal(one.x_valid, two.x_valid)
    if isinstance(one, Streams) and isinstance(two, Streams):
        assert [one.valid.name(i) for i in range(len(one.valid))] == [
            two.valid.name(i) for i in range(len(two.valid))
        ]


def test_a_settled_name_settles_to_itself(name: str) -> None:
    assert settled(name) == name
    assert dataset(name).info.name == name.partition("@")[0]


@pytest.mark.parametrize("name", [n for n in DATASETS.names() if n not in ARGUMENTS])
def test_named_sets_are_known_without_being_there(name: str) -> None:
    data = dataset(name)
    assert data.info.name == name == settled(name)
    assert min(data.info.channels, data.info.size) >= 1
    with pytest.raises(DataError, match="takes no argument"):
        dataset(f"{name}:5")


@pytest.mark.parametrize("name", DATASETS.names())
def test_recipes_are_recipes(name: str) -> None:
    Recipe.resolve(dataset(f"{name}:x" if name in ARGUMENTS else name).recipe)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_missing_argument_is_asked_for(name: str) -> None:
    with pytest.raises(DataError, match=f"says not which: type {name}:[A-Z]+"):
        dataset(name)


def test_an_unknown_name_lists_what_may_be_typed() -> None:
    with pytest.raises(UnknownNameError, match=r"hf:NAME, .*npz:PATH; did you mean 'digits'"):
        dataset("digit")
    assert {spelling.partition(":")[0] for spelling in spellings()} == set(DATASETS.names())
