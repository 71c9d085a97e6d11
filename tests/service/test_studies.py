"""Creating, joining, reopening and reading studies."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import NasError, StudyExistsError, StudyNotFoundError
from nas.records import Ending, StudySpec, TrialState, Wanted
from nas.search.presence import here
from nas.search.study import Study
from nas.service import studies
from nas.service.deleting import delete
from nas.service.engines import EngineOptions
from nas.service.listing import list_trials
from nas.service.run import begin, run
from nas.service.specify import SearchOptions, specify
from nas.service.views.inside import inside
from nas.store import Store, open_store
from workers.pictures import Shown, write_pictures

INLINE = EngineOptions(engine="inline")


@pytest.fixture
def spec() -> StudySpec:
    return specify(
        SearchOptions(space="vgg", evaluator="python:tests.cli.evaluators.quick", sampler="random")
    )


def test_names_are_found_by_counting(store: Store, spec: StudySpec) -> None:
    names = [studies.start(store, spec, None, 3)[0].name for _ in range(3)]
    assert names == ["vgg-1", "vgg-2", "vgg-3"]


def test_equal_specifications_join(store: Store, spec: StudySpec) -> None:
    first, joined = studies.start(store, spec, "x", 3)
    assert not joined
    again, joined = studies.start(store, spec, "x", None)
    assert joined
    assert again.id == first.id


def test_other_specifications_do_not(store: Store, spec: StudySpec) -> None:
    studies.start(store, spec, "x", 3)
    with pytest.raises(StudyExistsError, match="seed: 0 in the study, 1 asked for"):
        studies.start(store, replace(spec, seed=1), "x", None)
    with pytest.raises(StudyExistsError, match="trials: 3 in the study, 4 asked for"):
        studies.start(store, spec, "x", 4)


@pytest.mark.parametrize("name", ["", "a/b", " a", ".a", "-a", "a b", "a\n", "x" * 101, "a\0"])
def test_names_that_cannot_be(store: Store, spec: StudySpec, name: str) -> None:
    with pytest.raises(NasError, match="study name"):
        studies.start(store, spec, name, 3)


def test_a_whole_life(store: Store, spec: StudySpec) -> None:
    studies.start(store, spec, "x", 4)
    studies.want(store, "x", Wanted.PAUSE)
    assert run(store, "x", INLINE, compare=False).ending is Ending.PAUSED
    studies.reopen(store, "x", 2)
    result = run(store, "x", INLINE)
    assert result.ending is Ending.FINISHED
    assert result.study.counts[TrialState.COMPLETE] == 6
    assert result.answer is not None
    assert [len(row.values) for row in result.answer.comparison] == [3, 3]

    seen = studies.view(store, "x")
    assert seen.answer == result.answer
    assert seen.best == result.best == studies.best(store, "x")[0]
    rows = list_trials(store, "x", by_value=True)
    assert rows[0] == seen.best
    assert len(list_trials(store, "x", state="complete", limit=2)) == 2
    found = studies.trial(store, "x", 1)
    assert found.trial.number == 1
    assert len(found.attempts) == 1

    again = run(store, "x", INLINE)
    assert again.answer == result.answer  # the comparison is not trained twice


def test_begin_joins_and_wakes(store: Store) -> None:
    options = SearchOptions(space="vgg", study="x", evaluator="cost", objective="macs", trials=2)
    assert begin(store, options, INLINE)[1] is False
    studies.want(store, "x", Wanted.DRAIN)
    row, joined = begin(store, options, INLINE)
    assert joined
    assert row.wanted is Wanted.RUN


def test_reading_what_is_not_there(store: Store, spec: StudySpec) -> None:
    for ask in (studies.view, list_trials, studies.best):
        with pytest.raises(StudyNotFoundError, match="no study called 'y'"):
            ask(store, "y")
    studies.start(store, spec, "x", 3)
    with pytest.raises(NasError, match="no complete trial yet"):
        studies.best(store, "x")
    with pytest.raises(NasError, match="unknown state 'done'"):
        list_trials(store, "x", state="done")


def test_artifact_roots_are_absolute(
    store: Store, spec: StudySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row, _ = studies.start(store, spec, "x", 3, "some/where")
    assert re.fullmatch(f"file://{tmp_path}/some/where/x-[0-9a-f]{{8}}", row.artifacts)
    monkeypatch.chdir("/")
    assert studies.start(store, spec, "x", 3, f"{tmp_path}/some/where")[1]
    assert studies.start(store, spec, "x", 3)[1]
    with pytest.raises(
        StudyExistsError, match=f"artifacts: file://{tmp_path}/some/where in the study, s3://b asked for"
    ):
        studies.start(store, spec, "x", 3, "s3://b")


def test_what_another_study_left_behind_is_not_shown(store: Store, spec: StudySpec, tmp_path: Path) -> None:
    before, _ = studies.start(store, spec, "x", 3)
    write_pictures(
        before.artifacts, 1, [Shown("image", "An image", 0)], {"image.png": b"", "image.json": b""}
    )
    assert inside(before.artifacts, 1)
    delete(store, "x", keep_artifacts=True)
    again, joined = studies.start(store, spec, "x", 3)
    with open_store(f"sqlite:///{tmp_path}/other.db") as other:
        there, _ = studies.start(other, spec, "x", 3, store.artifacts)
    assert not joined
    assert len({before.artifacts, again.artifacts, there.artifacts}) == 3
    assert [inside(row.artifacts, 1) for row in (again, there)] == [[], []]
    delete(store, "x")
    assert inside(before.artifacts, 1), "what was kept stays"


def crashed(store: Store, name: str, *, host: str, pid: int) -> int:
    """A driver that claimed two trials and says nothing any more; its id."""
    study = Study(store, name)
    study.driver_id = store.start_driver(study.row.id, host, pid, 600)
    assert len(study.ask(2)) == 2
    return study.driver_id


def test_cancel_after_a_crash_here_leaves_nothing_running(store: Store, spec: StudySpec) -> None:
    studies.start(store, spec, "x", 4)
    crashed(store, "x", host=here(), pid=2**22 + 1)
    wish = studies.want(store, "x", Wanted.CANCEL)
    assert wish.drivers == []
    assert wish.study.counts[TrialState.CANCELLED] == 2
    assert wish.study.counts[TrialState.RUNNING] == 0
    assert wish.study.ending is Ending.CANCELLED
    assert store.problems() == []


def test_what_belongs_to_a_live_driver_is_left_to_it(store: Store, spec: StudySpec) -> None:
    studies.start(store, spec, "x", 4)
    driver = crashed(store, "x", host="elsewhere/1/2", pid=1)
    wish = studies.want(store, "x", Wanted.CANCEL)
    assert [row.id for row in wish.drivers] == [driver]
    assert wish.study.counts[TrialState.RUNNING] == 2
    assert (wish.study.ending, wish.study.wanted) == (None, Wanted.CANCEL)


def test_cancelling_what_is_finished_changes_nothing(store: Store, spec: StudySpec) -> None:
    studies.start(store, spec, "x", 2)
    run(store, "x", INLINE, compare=False)
    assert studies.want(store, "x", Wanted.CANCEL).study.ending is Ending.FINISHED
