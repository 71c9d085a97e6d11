import pickle
import re
import shutil
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.arch.shape import Input
from nas.errors import DataError
from tests.workers.data.pictures import arrays
from workers.data import Splits, counted, dataset, load_data, refuse_other_data, settled
from workers.data.npz import CHUNK

SHARED = Path(__file__).resolve().parents[4] / "shared/data/cifar10_10k_2k.npz"


def _written(folder: Path, **changes: Any) -> str:
    np.savez_compressed(folder / "a.npz", **arrays(**changes))
    return f"npz:{folder / 'a.npz'}"


def _loaded(name: str) -> Splits:
    data = dataset(name).load()
    assert isinstance(data, Splits)
    return data


@pytest.mark.parametrize(
    "x",
    [
        np.arange(30 * 36).reshape(30, 6, 6) % 256,
        (np.arange(30 * 36).reshape(30, 6, 6, 1) % 256).astype(np.int16),
        (np.arange(30 * 36).reshape(30, 6, 6, 1) % 256 / 255).astype(np.float32),
        (np.arange(30 * 36).reshape(30, 6, 6) % 256 / 255).astype(np.float16),
    ],
    ids=["int64", "int16", "float32", "float16"],
)
def test_whole_numbers_and_floats_become_the_same_bytes(tmp_path: Path, x: np.ndarray[Any, Any]) -> None:
    data = _loaded(_written(tmp_path, x_train=x, x_test=x[:9]))
    assert data.x_test.dtype == np.uint8
    assert data.x_test.ravel().tolist() == [i % 256 for i in range(9 * 36)]


def test_floats_need_little_more_memory_than_they_take(tmp_path: Path) -> None:
    x = np.full((4 * CHUNK, 16, 16, 3), 0.5, np.float32)
    name = _written(tmp_path, x_train=x, y_train=np.arange(4 * CHUNK) % 3, x_test=x[:9])
    tracemalloc.start()
    data = _loaded(name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert data.x_train.shape[1:] == (16, 16, 3)
    assert (data.x_train == 128).all()
    assert peak < 2 * x.nbytes


def test_a_validation_part_of_its_own_is_used(tmp_path: Path) -> None:
    x = np.full((3, 6, 6, 3), 9, np.uint8)
    data = _loaded(_written(tmp_path, x_valid=x, y_valid=np.array([[2], [1], [0]])))
    assert (data.x_valid == 9).all()
    assert data.y_valid.tolist() == [2, 1, 0]
    assert len(data.y_train) == 30


def test_without_one_a_tenth_of_training_is_held_out(tmp_path: Path) -> None:
    data = _loaded(_written(tmp_path))
    assert [len(data.y_train), len(data.y_valid), len(data.y_test)] == [27, 3, 9]


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({"x_test": None, "y_test": None}, "no array x_test, y_test: it has x_train, y_train"),
    "half a part": ({"x_valid": np.zeros((3, 6, 6, 3), np.uint8)}, "no array y_valid"),
    "lengths": ({"y_train": np.arange(29) % 3}, "x_train has 30 images but y_train has 29 labels"),
    "channels": ({"x_train": np.zeros((30, 6, 6, 2), np.uint8)}, r"shape \(30, 6, 6, 2\): needed is"),
    "layout": ({"x_train": np.zeros((30, 3, 6, 6), np.uint8)}, r"shape \(30, 3, 6, 6\): needed is"),
    "rows": ({"x_train": np.zeros((30, 36), np.uint8)}, r"shape \(30, 36\): needed is"),
    "oblong": ({"x_train": np.zeros((30, 6, 7, 3), np.uint8)}, "must be square"),
    "other size": ({"x_test": np.zeros((9, 5, 5, 3), np.uint8)}, "parts have images of shapes"),
    "bright": ({"x_train": np.full((30, 6, 6, 3), 256)}, "numbers from 256 to 256: allowed are 0 to 255"),
    "negative": ({"x_test": np.full((9, 6, 6, 3), -1)}, "numbers from -1 to -1"),
    "nan": ({"x_train": np.full((30, 6, 6, 3), np.nan)}, "floats from nan to nan: allowed are 0 to 1"),
    "bytes as floats": ({"x_train": np.full((30, 6, 6, 3), 255.0)}, "floats from 255.0 to 255.0"),
    "text": ({"x_train": np.full((30, 6, 6, 3), "a")}, "type <U1: allowed are integers"),
    "soft labels": ({"y_train": np.zeros((30, 3))}, r"y_train has shape \(30, 3\) and type float64"),
    "one class": ({"y_train": np.zeros(30, int), "y_test": np.zeros(9, int)}, "1 class"),
    "gap": ({"y_train": np.arange(30) % 3 * 2}, "no training image has label 1"),
    "from one": ({"y_train": np.arange(30) % 3 + 1, "y_test": np.arange(9) % 3 + 1}, "has label 0"),
    "unknown class": ({"y_test": np.arange(9)}, "labels of test are 0 to 8, allowed are 0 to 2"),
    "negative label": ({"y_test": np.arange(9) % 3 - 1}, "labels of test are -1 to 1"),
    "nothing": ({"x_test": np.zeros((0, 6, 6, 3), np.uint8), "y_test": np.zeros(0, int)}, "no images"),
    "no training": ({"x_train": np.zeros((0, 6, 6, 3), np.uint8), "y_train": np.zeros(0, int)}, "0 class"),
}


IN_PIXELS = {"other size", "bright", "negative", "nan", "bytes as floats", "text"}
"""What only a look at all pixels, or at all parts, tells."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(tmp_path: Path, mistake: str) -> None:
    changes, message = MISTAKES[mistake]
    with pytest.raises(DataError, match=message) as caught:
        dataset(_written(tmp_path, **changes)).load()
    assert "\n" not in str(caught.value)
    assert "a.npz" in str(caught.value)
    if mistake not in IN_PIXELS:
        with pytest.raises(DataError, match=message):
            counted(dataset(f"npz:{tmp_path / 'a.npz'}"))


class _Evil:
    def __reduce__(self) -> Any:
        return (print, ("this must not run",))


@pytest.mark.parametrize("name", ["x_train", "y_train"])
def test_pickled_objects_are_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    objects = np.empty(30, object)
    objects[:] = [_Evil() for _ in range(30)]
    np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays(**{name: objects}))
    with pytest.raises(DataError, match=r"pickled objects|has the shape \(30,\)"):
        dataset(f"npz:{tmp_path / 'a.npz'}").load()
    assert not capsys.readouterr().out


def test_files_that_are_no_archives_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    name = _written(tmp_path)
    whole = file.read_bytes()
    for content in (b"", b"x" * 100, pickle.dumps(3), whole[: len(whole) // 2]):
        file.write_bytes(content)
        with pytest.raises(DataError, match=r"no \.npz archive, or was cut off"):
            _ = dataset(name).info
    file.write_bytes(whole[:200] + bytes(100) + whole[300:])
    with pytest.raises(DataError, match="x_train cannot be read"):
        dataset(name).load()
    file.unlink()
    with pytest.raises(DataError, match="No such file"):
        _ = dataset(name).info


@pytest.mark.parametrize("packing", [b"\0\0\x09\0", b"\x01\0\x08\0"], ids=["Deflate64", "encrypted"])
def test_an_archive_that_cannot_be_unpacked_is_refused(tmp_path: Path, packing: bytes) -> None:
    """As Windows packs large files, or with a password: flags and kind in each header say so."""
    name = _written(tmp_path)
    whole = (tmp_path / "a.npz").read_bytes()
    for header in (rb"(PK\x03\x04.{2}).{4}", rb"(PK\x01\x02.{4}).{4}"):
        whole = re.sub(header, rb"\g<1>" + packing, whole, flags=re.DOTALL)
    (tmp_path / "a.npz").write_bytes(whole)
    with pytest.raises(DataError, match="array x_train cannot be read"):
        _ = dataset(name).info
    with pytest.raises(DataError, match="array x_train cannot be read"):
        dataset(name).load()


@pytest.mark.parametrize("wrong", [np.uint32(2**32 - 1), np.int64(10**12), np.int64(7)])
def test_labels_with_gaps_are_told_before_a_study_begins(tmp_path: Path, wrong: Any) -> None:
    labels = (np.arange(30) % 3).astype(wrong.dtype)
    labels[0] = wrong
    with pytest.raises(DataError, match="no training image has label 3, 4, 5, 6.* without gaps"):
        _ = dataset(_written(tmp_path, y_train=labels)).info


def test_other_classes_under_the_same_path_are_other_content(tmp_path: Path) -> None:
    name = settled(_written(tmp_path))
    refuse_other_data(name, Input(3, 6, 3))
    _written(tmp_path, y_train=np.arange(30) % 5)
    with pytest.raises(DataError, match="is not the one that was specified"):
        refuse_other_data(name, Input(3, 6, 3))
    with pytest.raises(DataError, match="has 3 channels and 5 classes, but the network takes 3"):
        refuse_other_data(settled(name.partition("@")[0]), Input(3, 6, 3))


def test_a_relative_path_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _written(tmp_path)
    monkeypatch.chdir(tmp_path)
    name = settled("npz:a.npz")
    monkeypatch.chdir("/")
    assert name.startswith(f"npz:{tmp_path / 'a.npz'}@")
    assert dataset(name).info.classes == 3


def test_other_content_under_the_same_path_is_noticed(tmp_path: Path) -> None:
    name = settled(_written(tmp_path))
    shutil.copy(tmp_path / "a.npz", tmp_path / "kept.npz")
    _written(tmp_path, y_test=(np.arange(9) + 1) % 3)
    with pytest.raises(DataError, match=r"its content has the mark [0-9a-f]{8} here, [0-9a-f]{8} was expec"):
        dataset(name).load()
    shutil.copy(tmp_path / "kept.npz", tmp_path / "a.npz")
    dataset(name).load()


@pytest.mark.skipif(not SHARED.is_file(), reason="../shared/data is absent")
def test_a_part_of_cifar() -> None:
    name = f"npz:{SHARED}"
    info, data = dataset(name).info, load_data(name)
    assert (info.channels, info.size, info.classes) == (3, 32, 10)
    assert isinstance(data, Splits)
    assert [len(data.y_train), len(data.y_valid), len(data.y_test)] == [9000, 1000, 2000]
    assert data.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=0.01)  # of the whole set
    assert data.sd == pytest.approx((0.247, 0.2435, 0.2616), abs=0.01)
