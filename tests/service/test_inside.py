"""Looking into a trial: what is drawn, kept, copied and refused; on a network that was really trained."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from nas.errors import NasError, UnknownNameError
from nas.records import Ending
from nas.service.engines import EngineOptions
from nas.service.inside import Inside, look
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.service.trained import NoWeightsError
from nas.service.views.inside import PictureNotKeptError, picture, trial_inside
from nas.service.views.trial import trial_page
from nas.store import Store, open_store
from workers.pictures import folder_of, read_index, write_pictures

INLINE = EngineOptions(engine="inline")
DRAWN = ["filters", "maps", "deconvolution", "occlusion", "field", "mistakes"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A study `t` of two trained networks, and `priced` of one that nobody trained."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('inside')}/nas.db") as opened:
        asked = SearchOptions(space="lenet", sampler="random", study="t", trials=2, recipe={"epochs": 1})
        begin(opened, asked, INLINE)
        begin(opened, SearchOptions(space="lenet", study="priced", trials=1, evaluator="cost",
                                    objective="macs"), INLINE)  # fmt: skip
        for name in ("t", "priced"):
            assert run(opened, name, INLINE, compare=False).ending is Ending.FINISHED
        yield opened


@pytest.fixture(scope="module")
def looked(store: Store) -> Inside:
    """All views of the first."""
    return look(store, "t", 1)


def test_all_views_are_drawn_and_kept(store: Store, looked: Inside) -> None:
    assert [shown.name for shown in looked.views if not shown.why] == DRAWN
    assert {shown.name for shown in looked.views if shown.why} == {"templates", "paths"}
    assert trial_inside(store, "t", 1) == looked.views
    assert trial_page(store, "t", 1).inside == looked.views
    assert trial_page(store, "t", 2).inside == []
    for shown in looked.views:
        if shown.why:
            continue
        content = picture(store, "t", 1, f"{shown.name}.png")
        assert len(content) == shown.size <= 300_000
        assert Image.open(io.BytesIO(content)).size == (2 * shown.width, 2 * shown.height)
        data = json.loads(picture(store, "t", 1, f"{shown.name}.json"))
        assert (data["view"], data["title"]) == (shown.name, shown.title)
    assert looked.folder == folder_of(store.study("t").artifacts, 1)
    assert sorted(file.name for file in Path(looked.folder).iterdir()) == sorted(
        ["index.json", *(f"{name}.{kind}" for name in DRAWN for kind in ("png", "json"))]
    )


def test_mistakes_are_as_many_as_the_trial_was_judged_by(store: Store, looked: Inside) -> None:
    data = json.loads(picture(store, "t", 1, "mistakes.json"))
    (error,) = store.trial(store.study("t").id, 1).values
    assert abs(len(data["mistakes"]) / data["images"] - error) <= 3 / data["images"]  # bf16 or not


def test_one_view_more_leaves_the_others(store: Store, looked: Inside) -> None:
    before = picture(store, "t", 1, "field.png")
    again = look(store, "t", 1, views=["maps"], image=11)
    assert [shown.name for shown in again.views] == ["maps"]
    assert "validation image 11 " in again.views[0].caption
    kept = trial_inside(store, "t", 1)
    assert [shown.name for shown in kept] == [shown.name for shown in looked.views]
    assert next(shown for shown in kept if shown.name == "maps") == again.views[0]
    assert picture(store, "t", 1, "field.png") == before
    assert json.loads(picture(store, "t", 1, "maps.json"))["image"] == 11


def test_pictures_are_the_same_each_time(store: Store, looked: Inside) -> None:
    before = picture(store, "t", 1, "filters.png")
    look(store, "t", 1, views=["filters"])
    assert picture(store, "t", 1, "filters.png") == before


def test_they_are_copied_where_one_says(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    assert look(store, "t", 2, views=["filters"], out=out).folder == str(out)
    assert sorted(file.name for file in out.iterdir()) == ["filters.json", "filters.png"]
    assert (out / "filters.png").read_bytes() == picture(store, "t", 2, "filters.png")
    with pytest.raises(NasError, match=r"--out .*pictures: it exists; add --force"):
        look(store, "t", 2, views=["maps"], out=out)
    look(store, "t", 2, views=["maps"], out=out, force=True)
    assert (out / "maps.png").is_file()


def test_what_cannot_be_done_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown view 'fitlers'.*did you mean 'filters'"):
        look(store, "t", 1, views=["fitlers"])
    with pytest.raises(NoWeightsError, match="nas train priced 1"):
        look(store, "priced", 1)
    with pytest.raises(NasError, match="images 0 to 358"):
        look(store, "t", 1, image=359)
    with pytest.raises(NasError, match="no folder"):
        look(store, "t", 1, out=tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    with pytest.raises(NasError, match="it is a file"):
        look(store, "t", 1, out=tmp_path / "file", force=True)
    with pytest.raises(NasError, match="add --out FOLDER"):
        look(store, "t", 1, force=True)


@pytest.mark.parametrize(
    "name", ["index.json", "paths.png", "x.png", "../1/last.safetensors", "../inside/filters.png", ""]
)
def test_only_pictures_that_are_listed_are_handed_out(store: Store, looked: Inside, name: str) -> None:
    with pytest.raises(PictureNotKeptError, match="nas look t 1"):
        picture(store, "t", 1, name)


def test_weights_that_go_leave_the_pictures(store: Store, looked: Inside) -> None:
    from workers.states import forget

    artifacts = store.study("t").artifacts
    write_pictures(artifacts, 9, looked.views, {"filters.png": b"x"})
    forget(artifacts, 9)
    assert Path(folder_of(artifacts, 9), "filters.png").read_bytes() == b"x"


def test_pictures_are_whole_or_not_there(
    store: Store, looked: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = store.study("t").artifacts
    write_pictures(artifacts, 8, looked.views[:1], {"filters.png": b"x"})
    before = read_index(artifacts, 8)

    def fail(*paths: str) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("workers.pictures.os.replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_pictures(artifacts, 8, looked.views, {})
    assert read_index(artifacts, 8) == before != []


def test_artifacts_that_are_damaged_or_gone_show_nothing(
    store: Store, looked: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = store.study("t").artifacts
    write_pictures(artifacts, 2, [], {})
    index = Path(folder_of(artifacts, 2), "index.json")
    index.write_text("{")
    assert trial_inside(store, "t", 2) == []
    with pytest.raises(PictureNotKeptError):
        picture(store, "t", 2, "filters.png")
    index.unlink()
