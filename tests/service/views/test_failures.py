"""The page of failures: groups by cause, over all studies and over one."""

from pathlib import Path

import pytest

from nas.errors import NasError, StudyNotFoundError
from nas.records import Cause
from nas.service.views.failures import HEAD, failures, headline
from nas.store import Store
from tests.service.views.full import fill


def test_failures_are_grouped_by_cause(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b"):
        driver = fill(store, tmp_path, name)
        study = store.study(name).id
        store.requeue(study, driver, 11, 1, Cause.PREEMPTED, "its worker died\nof hunger")
        store.count_refusals(study, {"macs <= 1": 7} if name == "a" else {})
    found = failures(store)
    assert [(g.cause, g.count, g.lost) for g in found.groups] == [("error", 2, 2), ("preempted", 2, 0)]
    error, preempted = found.groups
    assert (error.studies, error.message) == (["b", "a"], "ValueError: <b>no</b> such loss")
    assert preempted.message == "its worker died"
    assert [(e.study, e.number, e.attempt) for e in error.examples] == [("b", 10, 1), ("a", 10, 1)]
    assert found.infeasible == {"a": {"macs <= 1": 7}}
    one = failures(store, study="a", limit=1)
    assert [(g.count, g.studies, len(g.examples)) for g in one.groups] == [(1, ["a"], 1), (1, ["a"], 1)]
    assert len(failures(store, limit=1).groups[0].examples) == 1


def test_no_failures_and_what_cannot_be_asked(store: Store) -> None:
    assert failures(store).groups == []
    with pytest.raises(StudyNotFoundError):
        failures(store, study="none")
    with pytest.raises(NasError, match="limit 0"):
        failures(store, limit=0)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("", ""),
        ("\n\n one \ntwo", "one"),
        ('Traceback (most recent call last):\n  File "x", line 1\nKeyError: 3\n', "KeyError: 3"),
        ('rest of a long one\n  File "x", line 1\nOSError: full', "OSError: full"),
        ("x" * 1000, "x" * HEAD),
    ],
)
def test_a_message_in_one_line(message: str, line: str) -> None:
    assert headline(message) == line
