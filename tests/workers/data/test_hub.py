"""The library `datasets`, on tables and folders that lie here: the same path as after a download."""

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.errors import DataError
from tests.workers.data.pictures import encoded, picture, write_folder
from workers.data import Streams, dataset, load_data, settled
from workers.data.images import centre, decode

pytestmark = pytest.mark.usefixtures("own_cache")
ROOT = Path(__file__).resolve().parents[3]


def write_tables(
    folder: Path,
    parts: Mapping[str, Sequence[Image.Image]],
    image: str,
    classes: int = 10,
    labels: Sequence[int] | None = None,
    **columns: str,
) -> Path:
    """Parquet files as the hub has them: a column of images, and class labels in each of `columns`."""
    import datasets

    kinds = {name: datasets.ClassLabel(classes) for name in columns.values()}
    for part, images in parts.items():
        numbers = labels or [i % classes for i in range(len(images))]
        table = {image: list(images), **dict.fromkeys(kinds, numbers)}
        made = datasets.Dataset.from_dict(
            table, features=datasets.Features({image: datasets.Image(), **kinds})
        )
        folder.mkdir(parents=True, exist_ok=True)
        made.to_parquet(folder / f"{part}-00000-of-00001.parquet")
    return folder


def _streams(name: str) -> Streams:
    data = dataset(name).load()
    assert isinstance(data, Streams)
    return data


def _squares(count: int, side: int = 32, mode: str = "RGB") -> list[Image.Image]:
    return [picture(i, side, side, mode) for i in range(count)]


@pytest.mark.parametrize(
    ("name", "columns"), [("cifar10", {"a": "label"}), ("cifar100", {"a": "fine_label", "b": "coarse_label"})]
)
def test_a_copy_of_a_named_set_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, columns: dict[str, str]
) -> None:
    classes = dataset(name).info.classes
    images = _squares(3 * classes)
    write_tables(tmp_path / name, {"train": images, "test": images[:classes]}, "img", classes, **columns)
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    data = _streams(name)
    assert [len(data.train), len(data.valid), len(data.test)] == [2 * classes, classes, classes]
    assert (data.side, len(data.mean)) == (32, 3)
    assert data.test.labels.tolist() == list(range(classes))
    pixels = decode(data.test.read(3), name="", channels=3, side=32, region=centre())
    assert np.array_equal(pixels, np.asarray(images[3]))


def test_imagenets_validation_part_is_the_test_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [picture(i, 9, 8) for i in range(2000)]
    parts = {"train": small, "validation": small[:1000], "test": small[:7]}
    write_tables(tmp_path / "imagenet-1k", parts, "image", 1000, label="label")
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    data = _streams("imagenet-1k")
    assert [len(data.train), len(data.valid), len(data.test)] == [1000, 1000, 1000]
    assert data.mean == (0.485, 0.456, 0.406)


def test_a_folder_of_tables_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tables(
        tmp_path / "mine",
        {"train": _squares(30, 12, "L"), "validation": _squares(5, 12, "L")},
        "picture",
        3,
        k="kind",
    )
    monkeypatch.chdir(tmp_path)
    name = settled("hf:mine")
    assert name.startswith(f"hf:{tmp_path / 'mine'}@")
    info, data = dataset(name).info, _streams(name)
    assert (info.name, info.channels, info.size, info.classes) == (f"hf:{tmp_path / 'mine'}", 1, 12, 3)
    assert [len(data.train), len(data.valid), len(data.test)] == [27, 5, 3]


def test_a_folder_that_changes_is_read_anew(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "t", {"train": _squares(30)}, "image", 3, label="label")
    name = settled(f"hf:{folder}")
    first = load_data(name)
    assert isinstance(first, Streams)
    write_tables(folder, {"train": _squares(60)}, "image", 3, label="label")
    again = load_data(settled(f"hf:{folder}"))
    assert isinstance(again, Streams)
    assert [len(first.train), len(again.train)] == [24, 48]
    with pytest.raises(DataError, match="is not the one that was specified"):
        dataset(name).load()


def test_a_configuration_comes_after_the_mark(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "t", {"train": _squares(30)}, "image", 3, label="label")
    name = settled(f"hf:{folder}#default")
    assert name == settled(name) == f"{settled(f'hf:{folder}')}#default"
    assert dataset(name).info.name == f"hf:{folder}#default"
    assert len(_streams(name).train) == 24
    (folder / "train-00000-of-00001.parquet").unlink()
    folder.rmdir()
    assert settled(name) == name
    with pytest.raises(DataError, match=f"there is no folder {folder}"):
        dataset(name).load()


def test_a_folder_of_images_by_its_path(tmp_path: Path) -> None:
    """The library keeps paths of such files, not their bytes."""
    write_folder(tmp_path / "files", train=10, test=2)
    data = _streams(f"hf:{tmp_path / 'files'}")
    assert [len(data.train), len(data.valid), len(data.test)] == [18, 2, 4]
    assert data.train.name(0).startswith(str(tmp_path / "files/train/cat"))
    decode(data.train.read(17), name="", channels=3, side=4, region=centre())


def test_rows_without_a_label_are_left_out(tmp_path: Path) -> None:
    write_tables(
        tmp_path / "t", {"train": _squares(30), "validation": _squares(9)}, "image", 3, label="label"
    )
    write_tables(tmp_path / "t", {"test": _squares(4)}, "image", 3, labels=[-1] * 4, label="label")
    data = _streams(f"hf:{tmp_path / 't'}")
    assert [len(data.train), len(data.valid), len(data.test)] == [27, 9, 3]


def test_samples_go_to_another_process_without_their_images(tmp_path: Path) -> None:
    write_tables(tmp_path / "t", {"train": _squares(200)}, "image", 2, label="label")
    train = _streams(f"hf:{tmp_path / 't'}").train
    sent = pickle.dumps(train)
    assert len(sent) < 20 * len(train) + 2000
    assert pickle.loads(sent).read(5) == train.read(5)


def test_an_unreadable_row_is_named(tmp_path: Path) -> None:
    import datasets

    bad = [{"bytes": encoded(picture(i)), "path": None} for i in range(9)] + [{"bytes": b"bad", "path": None}]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(2)})
    made = datasets.Dataset.from_dict({"image": bad, "label": [0, 1] * 5}, features=features)
    (tmp_path / "t").mkdir()
    made.to_parquet(tmp_path / "t/train.parquet")
    with pytest.raises(DataError, match="t, train, row 9: no known format"):
        dataset(f"hf:{tmp_path / 't'}").load()


def test_a_row_without_an_image_is_named(tmp_path: Path) -> None:
    import datasets

    images = [None, *({"bytes": encoded(picture(i)), "path": None} for i in range(9))]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(2)})
    made = datasets.Dataset.from_dict({"image": images, "label": [0, 1] * 5}, features=features)
    (tmp_path / "t").mkdir()
    made.to_parquet(tmp_path / "t/train.parquet")
    with pytest.raises(DataError, match="t, train, row 0 is missing: fill or remove the row"):
        dataset(f"hf:{tmp_path / 't'}").load()


def test_labels_that_are_numbers_of_something_are_refused(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    columns = {"image": _squares(6), "label": [0, 1, 0, 1, 0, 10**12]}
    (tmp_path / "t").mkdir()
    datasets.Dataset.from_dict(columns, features=features).to_parquet(tmp_path / "t/train.parquet")
    with pytest.raises(DataError, match="no training image has label 2, 3, 4, 5, 6; number its"):
        _ = dataset(f"hf:{tmp_path / 't'}").info


@pytest.mark.parametrize(
    ("image", "columns", "message"),
    [
        ("image", {"a": "cat", "b": "dog"}, "has the columns image, cat, dog: needed is one of class labels"),
        ("image", {}, "has the columns image: needed is"),
    ],
)
def test_columns_that_cannot_be_told_are_listed(
    tmp_path: Path, image: str, columns: dict[str, str], message: str
) -> None:
    write_tables(tmp_path / "t", {"train": _squares(9)}, image, 3, **columns)
    with pytest.raises(DataError, match=message):
        dataset(f"hf:{tmp_path / 't'}").load()


def test_a_set_without_images_or_training_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv/train.csv").write_text("a,label\n1,0\n2,1\n")
    with pytest.raises(DataError, match="0 columns of images among a, label"):
        dataset(f"hf:{tmp_path / 'csv'}").load()
    write_tables(tmp_path / "t", {"test": _squares(9)}, "image", 3, label="label")
    with pytest.raises(DataError, match="has the parts test: needed is train"):
        dataset(f"hf:{tmp_path / 't'}").load()


def test_without_the_library_a_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match=r"pip install .*\[data\]'"):
        dataset("cifar100").load()


def test_a_set_that_cannot_be_reached_is_one_message(tmp_path: Path) -> None:
    code = "from workers.data import dataset; dataset('hf:nobody/nothing').load()"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert "DataError: data set hf:nobody/nothing cannot be loaded from nobody/nothing" in last
    assert "hf:PATH" in last
