import os
from pathlib import Path

import pytest

from nas.errors import DataError
from tests.workers.data.pictures import write_class
from workers.data import dataset
from workers.data.paths import absolute, files_below, mark_of


def test_the_home_of_nobody_is_left_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("~nobody-of-this-name/a.npz") == tmp_path / "~nobody-of-this-name/a.npz"
    monkeypatch.setenv("HOME", "/home/ann")
    assert absolute("~/a.npz") == Path("/home/ann/a.npz")


@pytest.mark.parametrize("kind", ["npz", "imagefolder", "hf"])
def test_a_path_that_no_file_can_have_is_one_message(kind: str) -> None:
    with pytest.raises(DataError, match=r"File name too long|there is no folder"):
        dataset(f"{kind}:{'a' * 300}@12345678").load()


def test_a_link_to_a_folder_around_it_is_not_followed(tmp_path: Path) -> None:
    write_class(tmp_path / "cat", 2)
    write_class(tmp_path / "other", 1)
    (tmp_path / "cat/up").symlink_to("..")
    (tmp_path / "cat/side").symlink_to("../other")
    found = [os.path.relpath(path, tmp_path) for path in files_below(str(tmp_path / "cat"))]
    assert found == ["cat/000.png", "cat/001.png", "cat/side/000.png"]


def test_a_broken_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"a\.png cannot be read: No such file .*; mend or remove it"):
        mark_of(tmp_path, files_below(str(tmp_path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir(mode=0)
    with pytest.raises(DataError, match="secret cannot be read: Permission denied"):
        list(files_below(str(tmp_path)))
