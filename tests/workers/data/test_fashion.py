import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.errors import DataError
from workers.data import Splits, Streams, dataset, load_data
from workers.data.fashion import DEBIAN

installed = pytest.mark.skipif(not DEBIAN.is_dir(), reason="dataset-fashion-mnist is not installed")


def _write(root: Path, train: int = 60, test: int = 20) -> Path:
    """Files in the published format, small."""
    folder = root / "fashion-mnist"
    folder.mkdir(parents=True)
    for stem, count in (("train", train), ("t10k", test)):
        size = count.to_bytes(4, "big")
        side = (28).to_bytes(4, "big")
        pixels = bytes(i % 256 for i in range(count * 28 * 28))
        images, labels = b"\0\0\x08\x03" + size + side + side + pixels, b"\0\0\x08\x01" + size
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(labels + bytes(i % 10 for i in range(count)))
        )
    return folder


@installed
def test_the_published_numbers() -> None:
    data = load_data("fashion-mnist")
    assert isinstance(data, Splits)
    assert [len(data.y_train), len(data.y_valid), len(data.y_test)] == [54000, 6000, 10000]
    assert data.mean == pytest.approx((0.2860,), abs=5e-4)
    assert data.sd == pytest.approx((0.3530,), abs=5e-4)


def test_the_folder_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path)
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    data = dataset("fashion-mnist").load()
    assert isinstance(data, Splits)
    assert [len(data.y_train), len(data.y_valid), len(data.y_test)] == [50, 10, 20]
    assert data.x_test[0].ravel().tolist() == [i % 256 for i in range(28 * 28)]
    assert data.x_train.flags.writeable


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda whole: whole[:100], "cannot be read"),
        (lambda whole: b"not gzip", "cannot be read"),
        (lambda whole: gzip.compress(gzip.decompress(whole)[:-1]), "was cut off"),
        (lambda whole: gzip.compress(b"\0\0\x0d\x03" + gzip.decompress(whole)[4:]), "not the IDX file"),
        (lambda whole: gzip.compress(b""), "not the IDX file"),
        (lambda whole: gzip.compress(gzip.decompress(whole)[:9]), "was cut off"),
    ],
    ids=["cut", "other", "short", "of floats", "empty", "half a header"],
)
def test_a_broken_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: "object", message: str
) -> None:
    file = _write(tmp_path) / "train-images-idx3-ubyte.gz"
    file.write_bytes(broken(file.read_bytes()))  # type: ignore[operator]
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"train-images-idx3-ubyte.gz .*{message}.*install it again"):
        dataset("fashion-mnist").load()


def test_without_files_and_library_one_message_tells_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fashion-mnist").mkdir()
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(
        DataError, match=r"apt-get install dataset-fashion-mnist, or .*pip install .*\[data\]"
    ):
        dataset("fashion-mnist").load()


def test_without_files_the_library_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: None
) -> None:
    """Its folder holds tables here, as it would after a download by hand."""
    from tests.workers.data.pictures import picture
    from tests.workers.data.test_hub import write_tables

    images = [picture(i, 28, 28, "L") for i in range(60)]
    write_tables(tmp_path / "fashion-mnist", {"train": images, "test": images[:10]}, "image", label="label")
    monkeypatch.setenv("NAS_DATA", str(tmp_path))
    data = dataset("fashion-mnist").load()
    assert isinstance(data, Streams)
    assert (data.side, len(data.mean)) == (28, 1)
    assert np.bincount(data.valid.labels).tolist() == [1] * 10
