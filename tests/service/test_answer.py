"""The answer: unsound blocks are found before the search, rows that cannot be say so, one driver compares."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import SpaceError, UnknownNameError
from nas.search.events import DriverEvent, Note
from nas.search.interrupts import Interrupts
from nas.search.study import Study
from nas.service.answer import DUTY, answer, describe
from nas.service.comparison import baseline
from nas.service.engines import EngineOptions
from nas.service.run import run
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.space.load import load_space
from nas.space.space import Space
from nas.store import Store
from workers.slots.inline import InlineSlots

INLINE = EngineOptions(engine="inline")
QUICK = "python:tests.cli.evaluators.quick"
SPACE = """
space: wide
about: How wide?
input: {channels: 1, size: 8, classes: 10}
constants: {times: 1}
parameters: {width: {int: [8, 64], step: 8}, lr: {float: [0.001, 0.1]}}
derived: {head: width * times}
architecture:
  - conv: {out: =head, kernel: 3}
  - relu
  - global_avg_pool
  - linear: {out: =input.classes}
training: {epochs: 1, lr: =lr}
references:
  odd: {set: {width: 13}}
"""
SOUND = "answer: {show: [width, head], beside: [odd], baseline: {set: {width: 8}}, family: {vary: FAMILY}}"


class Notes:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def on_event(self, event: DriverEvent) -> None:
        if isinstance(event, Note):
            self.said.append(event.message)


def options(folder: Path, block: str, **more: Any) -> SearchOptions:
    (folder / "wide.yaml").write_text(SPACE + block)
    return SearchOptions(space=str(folder / "wide.yaml"), evaluator=QUICK, sampler="random", **more)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{beside: [ood]}", r"answer.beside: unknown reference 'ood'.*did you mean 'odd'"),
        ("{baseline: {set: {widht: 8}}}", r"wide.yaml:\d+: answer.baseline: .*no name 'widht'.*width"),
        ("{baseline: {set: {width: 9}}}", "answer.baseline: width = 9: it is"),
        ("{family: {vary: time, over: [1, 2]}}", "answer.family: .*no name 'time'.*times"),
    ],
)
def test_an_unsound_block_is_found_before_there_is_a_study(tmp_path: Path, block: str, said: str) -> None:
    with pytest.raises((SpaceError, UnknownNameError), match=said):
        specify(options(tmp_path, f"answer: {block}"))


@pytest.fixture
def study(store: Store, tmp_path: Path) -> Study:
    """A finished study of three trials that was not compared yet."""
    block = SOUND.replace("FAMILY", "width, over: [4, 16, 100]")
    start(store, specify(options(tmp_path, block)), "w", 3)
    run(store, "w", INLINE, compare=False)
    return Study(store, "w")


def test_published_points_and_the_family_may_leave_the_searched_domain(study: Study) -> None:
    found = describe(study.space, study.store.best(study.row.id)[0], "error")
    assert found.beside == {"odd": {"width": 13, "head": 13}}
    assert [(row.value, row.refused) for row in found.family] == [(4, ""), (16, ""), (100, "")]
    assert [row.params for row in found.family] == [19 * w + 10 for w in (4, 16, 100)]


def test_a_member_that_cannot_be_says_why(study: Study) -> None:
    raw = {**study.space.raw, "answer": {"family": {"vary": "times", "over": [1, 0, 2]}}}
    space = Space(raw, study.space.where, data=study.space.data)
    rows = describe(space, study.store.best(study.row.id)[0], "error").family
    assert [bool(row.refused) for row in rows] == [False, True, False]


def test_progress_names_network_and_seed(study: Study) -> None:
    notes = Notes()
    found = answer(study, InlineSlots(), listener=notes, interrupts=Interrupts())
    assert found is not None
    best = found.best
    assert [line.partition(":")[0] for line in notes.said[1:]] == [
        f"{name}, seed {n} of 3" for name in (f"trial {best}", "baseline") for n in (1, 2, 3)
    ]
    assert notes.said[1].partition(": ")[2] == f"error {found.comparison[0].values[0]:.4g}"


def test_one_driver_at_a_time_trains_the_comparison(study: Study, store: Store) -> None:
    notes, other = Notes(), Study(store, "w")
    with other.joined():
        assert other.take_duty(DUTY)
        plain = answer(study, InlineSlots(), listener=notes, interrupts=Interrupts())
        assert plain is not None
        assert plain.comparison == []
        assert notes.said == ["another driver trains the comparison; later see nas show w"]
        kept = store.study_attributes(study.row.id)["answer"]
        assert kept["comparison"] == []
    whole = answer(study, InlineSlots(), listener=notes, interrupts=Interrupts())
    assert whole is not None
    assert len(whole.comparison) == 2
    assert answer(other, InlineSlots(), listener=notes, interrupts=Interrupts()) == whole


def test_a_baseline_that_cannot_be_leaves_the_rest_of_the_answer(study: Study) -> None:
    raw = {**study.space.raw, "answer": {"baseline": {"set": {"width": 9}}, "show": ["width"]}}
    study.space = Space(raw, study.space.where, data=study.space.data)
    study.store.set_study_attributes(study.row.id, {"answer": None})
    notes = Notes()
    found = answer(study, InlineSlots(), listener=notes, interrupts=Interrupts())
    assert found is not None
    assert found.comparison == []
    assert "no comparison: the baseline cannot be beside trial" in notes.said[0]
    assert found.values


def test_a_baseline_leaves_out_what_it_switches_off() -> None:
    space = load_space("resnet", profile="digits")
    point = space.any_point(np.random.default_rng(0)) | {"shortcut": "projection", "order": "pre"}
    found = baseline(space, point)
    assert found is not None
    assert "order" not in found.point
    assert found.architecture().cost.paths == 1


def test_the_comparison_has_the_studys_time_limit(store: Store, tmp_path: Path) -> None:
    from nas.service.comparison import Contender, _requests

    start(store, specify(options(tmp_path, "", timeout_s=9.0)), "w", 3)
    study = Study(store, "w")
    requests = _requests(study, [Contender("x", study.space, {"width": 8, "lr": 0.01})])
    assert {request.timeout_s for request in requests} == {9.0}


def test_what_a_user_sets_may_leave_a_shipped_answer_odd() -> None:
    specify(SearchOptions(space="vgg", settings={"batch_norm": False, "stages": 2}))
