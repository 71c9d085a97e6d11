import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from nas.errors import DataError
from tests.workers.data.pictures import encoded, picture, write_class, write_folder
from workers.data import Streams, counted, dataset, settled
from workers.data.images import centre, decode


def _streams(folder: Path) -> Streams:
    data = dataset(f"imagefolder:{folder}").load()
    assert isinstance(data, Streams)
    return data


def _sizes(data: Streams) -> list[int]:
    return [len(data.train), len(data.valid), len(data.test)]


def test_parts_of_ones_own_are_used(tmp_path: Path) -> None:
    write_folder(tmp_path, train=6, val=2, test=1)
    info, data = dataset(f"imagefolder:{tmp_path}").info, _streams(tmp_path)
    assert (info.channels, info.size, info.classes) == (3, 16, 2)
    assert _sizes(data) == [12, 4, 2]
    assert data.train.name(0) == str(tmp_path / "train/cat/000.png")
    assert data.valid.name(3) == str(tmp_path / "val/dog/001.png")
    assert data.valid.labels.tolist() == [0, 0, 1, 1]
    pixels = decode(data.train.read(7), name="", channels=3, side=16, region=lambda w, h: (2, 0, 18, 16))
    stored = np.asarray(picture(1001))
    assert np.array_equal(pixels, stored[:, 2:18])


@pytest.mark.parametrize(
    ("parts", "sizes"),
    [
        ({"train": 20}, [32, 4, 4]),
        ({"train": 20, "test": 3}, [36, 4, 6]),
        ({"train": 20, "valid": 3}, [36, 6, 4]),
        ({"train": 20, "validation": 3, "Test": 1}, [40, 6, 2]),
        ({"training": 20, "testing": 3}, [36, 4, 6]),
        ({".": 20}, [32, 4, 4]),
    ],
)
def test_parts_that_are_missing_are_cut_out(tmp_path: Path, parts: dict[str, int], sizes: list[int]) -> None:
    assert _sizes(_streams(write_folder(tmp_path, **parts))) == sizes


def test_what_is_no_image_or_hidden_is_left_alone(tmp_path: Path) -> None:
    write_folder(tmp_path, train=4)
    (tmp_path / "README.txt").write_text("mine")
    (tmp_path / "train/cat/Thumbs.db").write_text("theirs")
    (tmp_path / "train/cat/._000.png").write_text("theirs")
    (tmp_path / "train/.cache").mkdir()
    write_class(tmp_path / "train/cat/nested/deep", 1, seed=5)
    data = _streams(tmp_path)
    assert sum(_sizes(data)) == 9


def test_names_may_be_any(tmp_path: Path) -> None:
    write_folder(tmp_path, classes=("Bär", "日本", "a b"), train=4)
    odd = os.fsdecode(os.fsencode(tmp_path / "train/Bär") + b"/\xff.png")
    Path(odd).write_bytes(encoded(picture(77)))
    data = _streams(tmp_path)
    assert sum(_sizes(data)) == 13
    for part in (data.train, data.valid, data.test):
        assert all(part.read(index) for index in range(len(part)))


def test_a_grey_image_among_colour_is_colour_and_the_other_way_round(tmp_path: Path) -> None:
    write_folder(tmp_path / "colour", train=5)
    picture(3, mode="L").save(tmp_path / "colour/train/cat/003.png")
    assert len(_streams(tmp_path / "colour").mean) == 3
    for label in ("a", "b"):
        write_class(tmp_path / "grey" / label, 5, mode="L")
    picture(3).save(tmp_path / "grey/a/003.png")
    data = _streams(tmp_path / "grey")
    assert len(data.mean) == 1
    assert dataset(f"imagefolder:{tmp_path / 'grey'}").info.channels == 1


def test_unreadable_images_are_named_at_once(tmp_path: Path) -> None:
    write_folder(tmp_path, train=5)
    (tmp_path / "train/dog/002.png").write_bytes(b"")
    (tmp_path / "train/dog/003.png").write_bytes(b"<html>")
    with pytest.raises(
        DataError, match=r"train/dog/002.png: no known format; mend or remove it \(and 1 more\)"
    ):
        _streams(tmp_path)


def _break(folder: Path, how: str) -> None:
    """A folder with parts train, val and test of cats and dogs, spoilt."""
    write_folder(folder, train=5, val=2, test=2)
    match how:
        case "no folder":
            shutil.rmtree(folder)
        case "empty":
            shutil.rmtree(folder)
            folder.mkdir()
        case "flat":
            shutil.rmtree(folder / "train/cat")
            shutil.rmtree(folder / "train/dog")
            write_class(folder / "train", 3)
        case "one class":
            for part in ("train", "val", "test"):
                shutil.rmtree(folder / part / "dog")
        case "empty class":
            shutil.rmtree(folder / "train/dog")
            (folder / "train/dog").mkdir()
        case "new class":
            write_class(folder / "test/cow", 2)
        case "unlabelled test":
            shutil.rmtree(folder / "test")
            write_class(folder / "test", 2)
        case "two validation parts":
            write_class(folder / "valid/cat", 2)
        case "few":
            shutil.rmtree(folder / "test")
            (folder / "train/dog/000.png").unlink()
            (folder / "train/dog/001.png").unlink()
            (folder / "train/dog/002.png").unlink()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("no folder", "there is no folder"),
        ("empty", r"has no class folders in .*; needed is PATH/train/CLASS/\*\.jpg, or PATH/CLASS"),
        ("flat", "test|train has no class folders"),
        ("one class", "has 1 class: a network needs two or more; add another"),
        ("empty class", "class 'dog' has no images; add some, or remove its folder"),
        ("new class", "test has class 'cow', which train has not; known are cat, dog; rename or remove it"),
        ("unlabelled test", "test has no class folders"),
        ("two validation parts", r"has two parts valid: .*'val', 'valid'"),
        ("few", "class 'dog' has 2 training images, needed are 3"),
    ],
)
def test_a_mistake_gets_one_message(tmp_path: Path, how: str, message: str) -> None:
    _break(tmp_path / "f", how)
    with pytest.raises(DataError, match=message) as caught:
        _ = dataset(f"imagefolder:{tmp_path / 'f'}").info, _streams(tmp_path / "f")
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match=message):
        counted(dataset(f"imagefolder:{tmp_path / 'f'}"))


@pytest.mark.parametrize("parts", [{"train": 3}, {"train": 3, "val": 1, "test": 1}])
def test_an_empty_class_is_named_among_many(tmp_path: Path, parts: dict[str, int]) -> None:
    write_folder(tmp_path, classes=[f"c{i:03d}" for i in range(120)], **parts)
    for image in (tmp_path / "train/c101").iterdir():
        image.unlink()
    with pytest.raises(DataError, match="class 'c101' has no images; add some, or remove its folder"):
        _streams(tmp_path)


@pytest.mark.parametrize("parts", [["my_train", "test"], ["val", "test"]])
def test_parts_without_a_training_part_are_no_classes(tmp_path: Path, parts: list[str]) -> None:
    for part in parts:
        write_class(tmp_path / part / "cat", 3)
    with pytest.raises(DataError, match="/test has class folders, but no train folder beside it has any"):
        _ = dataset(f"imagefolder:{tmp_path}").info


def test_a_part_may_lack_a_class(tmp_path: Path) -> None:
    write_folder(tmp_path, train=6, val=2, test=1)
    shutil.rmtree(tmp_path / "val/dog")
    assert _streams(tmp_path).valid.labels.tolist() == [0, 0]


def test_a_broken_link_is_named_when_a_study_is_specified(tmp_path: Path) -> None:
    write_folder(tmp_path, train=5)
    (tmp_path / "train/dog/gone.jpg").symlink_to("/nowhere/gone.jpg")
    with pytest.raises(DataError, match=r"train/dog/gone\.jpg cannot be read: No such file"):
        settled(f"imagefolder:{tmp_path}")


def test_other_files_under_the_same_path_are_noticed(tmp_path: Path) -> None:
    name = settled(f"imagefolder:{write_folder(tmp_path / 'f', train=5)}")
    shutil.copytree(tmp_path / "f", tmp_path / "g")
    assert settled(f"imagefolder:{tmp_path / 'g'}").partition("@")[2] == name.partition("@")[2]
    (tmp_path / "f/train/cat/000.png").unlink()
    with pytest.raises(DataError, match="give all workers the same files"):
        dataset(name).load()


def test_a_path_that_looks_marked_is_a_path(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set@12345678", train=5)
    assert sum(_sizes(_streams(folder))) == 10
    assert settled(f"imagefolder:{folder}").startswith(f"imagefolder:{folder}@")


def test_a_part_is_small_to_hand_over(tmp_path: Path) -> None:
    import pickle

    train = _streams(write_folder(tmp_path, train=50)).train
    assert len(pickle.dumps(train)) < 100 * len(train)
    assert pickle.loads(pickle.dumps(train)).read(3) == train.read(3)


def test_centres_of_a_folder_have_the_statistics_it_tells(tmp_path: Path) -> None:
    data = _streams(write_folder(tmp_path, train=40))
    pixels = np.stack(
        [
            decode(data.train.read(i), name="", channels=3, side=64, region=centre())
            for i in range(len(data.train))
        ]
    )
    assert data.mean == pytest.approx((pixels / 255).mean(axis=(0, 1, 2)))
    assert data.sd == pytest.approx((pixels / 255).std(axis=(0, 1, 2)))
