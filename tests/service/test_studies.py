"""Creating, joining, reopening and reading studies."""

from dataclasses import replace

import pytest

from nas.errors import NasError, StudyExistsError, StudyNotFoundError
from nas.records import Ending, StudySpec, TrialState, Wanted
from nas.service import studies
from nas.service.engines import EngineOptions
from nas.service.run import begin, run
from nas.service.specify import SearchOptions, specify
from nas.store import Store

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


@pytest.mark.parametrize("name", ["", "a/b", " a", ".a", "-a"])
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
    rows = studies.trials(store, "x", by_value=True)
    assert rows[0] == seen.best
    assert len(studies.trials(store, "x", state="complete", limit=2)) == 2
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
    for ask in (studies.view, studies.trials, studies.best):
        with pytest.raises(StudyNotFoundError, match="no study called 'y'"):
            ask(store, "y")
    studies.start(store, spec, "x", 3)
    with pytest.raises(NasError, match="no complete trial yet"):
        studies.best(store, "x")
    with pytest.raises(NasError, match="unknown state 'done'"):
        studies.trials(store, "x", state="done")
