"""A study and its artifacts are deleted, unless somebody drives it."""

from pathlib import Path

import pytest

from nas.errors import NasError, StudyNotFoundError
from nas.service.deleting import delete
from nas.store import Store
from tests.search.spaces import spec_of, tiny
from tests.store.makers import candidates, expire
from tests.store.mounts import mounted


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    """The artifacts of a study `s` with trials."""
    row = store.create_study("s", spec_of(tiny()), 5, f"file://{tmp_path}/art/s")
    store.end_driver(driver := store.start_driver(row.id, "elsewhere/x/1", 1, 3600))
    store.claim(row.id, driver, candidates(1))
    store.enqueue(row.id, candidates(2))
    (tmp_path / "art/s/1/1").mkdir(parents=True)
    (tmp_path / "art/s/1/1/last.json").write_text("{}")
    (tmp_path / "art/other").mkdir()
    return tmp_path / "art"


def test_it_is_gone_with_its_artifacts(store: Store, folder: Path) -> None:
    found = delete(store, "s")
    assert (found.trials, found.removed) == (1, True)
    assert [path.name for path in folder.iterdir()] == ["other"]
    with pytest.raises(StudyNotFoundError):
        delete(store, "s")


def test_artifacts_may_be_kept(store: Store, folder: Path) -> None:
    assert not delete(store, "s", keep_artifacts=True).removed
    assert (folder / "s/1/1/last.json").exists()
    assert store.study_names() == []


def test_not_while_it_is_driven(store: Store, folder: Path) -> None:
    driver = store.start_driver(store.study("s").id, "elsewhere/x/1", 1, 3600)
    with pytest.raises(NasError, match=r"'s' is driven on elsewhere: type nas cancel s, and delete it when"):
        delete(store, "s")
    assert (folder / "s").exists()
    expire(store, driver)
    delete(store, "s")
    assert store.study_names() == []


def test_artifacts_that_cannot_be_removed_keep_the_study(store: Store, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", size="1m") as disk:
        store.create_study("s", spec_of(tiny()), 5, f"file://{disk}")
        with pytest.raises(
            NasError, match=r"cannot remove the artifacts of 's'.*nas delete s --keep-artifacts"
        ):
            delete(store, "s")
    store.create_study("t", spec_of(tiny()), 5, "nowhere://bucket/t")
    with pytest.raises(NasError, match=r"nothing of the study is deleted: mend that"):
        delete(store, "t")
    assert store.study_names() == ["t", "s"]
