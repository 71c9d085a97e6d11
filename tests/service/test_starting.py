"""Trials that come first."""

import json
from pathlib import Path

import pytest

from nas.errors import NasError
from nas.records import Ending, TrialState
from nas.service.engines import EngineOptions
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.store import Store

INLINE = EngineOptions(engine="inline")


def options(space: str, start_from: str, **more: object) -> SearchOptions:
    given = {"study": "s", "evaluator": "cost", "objective": "macs", "trials": 6, **more}
    return SearchOptions(space=space, start_from=start_from, **given)  # type: ignore[arg-type]


def test_references_that_fit_come_first_and_others_say_why_not(store: Store) -> None:
    said: list[str] = []
    row, _ = begin(store, options("resnet", "references", seed=3), INLINE, say=said.append)
    assert row.counts[TrialState.QUEUED] == 2
    assert said[0] == "2 of 26 from references come first"
    assert "left out: resnet18, preresnet18: depths = 2,2,2,2: it is a list of 3 values" in said
    assert any("plain56" in line and "it is a whole number from 1 to 3" in line for line in said)
    assert run(store, "s", INLINE, compare=False).ending is Ending.FINISHED
    rows = store.trials(row.id)
    assert len(rows) == 6
    assert [t.point["depths"] for t in rows[:2]] == [[3, 3, 3], [3, 3, 3]]
    assert [t.draw < 0 for t in rows] == [True, True, False, False, False, False]


def test_members_are_refused_with_the_reason(store: Store) -> None:
    said: list[str] = []
    begin(store, options("efficientnet-scaling", "references"), INLINE, say=said.append)
    assert said[0] == "0 of 9 from references come first"
    assert "it sets depth, which follows from the parameters here" in said[1]


def test_references_beyond_a_limit_or_the_budget_are_left_out(store: Store) -> None:
    said: list[str] = []
    row, _ = begin(store, options("lenet", "references", most=["macs=20k"]), INLINE, say=said.append)
    assert said[0] == "0 of 1 from references come first"
    assert said[1].startswith("left out: lenet5: macs <= 20000")
    assert not any(row.counts.values())
    said.clear()
    begin(store, options("resnet", "references", study="t", trials=1), INLINE, say=said.append)
    assert said[0] == "1 of 26 from references come first"
    assert said[-1] == "left out: resnet20: the budget of 1 trial is spent"


def test_points_of_a_file_and_infeasible_ones_are_trials_too(store: Store, tmp_path: Path) -> None:
    points = [{"point": {"convs": [1, 1, n], "batch_norm": False}} for n in (1, 2, 3)]
    file = tmp_path / "points.json"
    file.write_text(json.dumps([*points, points[0]["point"]]))
    said: list[str] = []
    asked = options("vgg", str(file), most=["params=80k"], trials=4)
    row, _ = begin(store, asked, INLINE, say=said.append)
    assert said[0] == "1 of 4 from points.json come first"
    assert "left out: point 4: the same network as trial 1" in said
    rows = store.trials(row.id)
    refused = [t for t in rows if t.state is TrialState.INFEASIBLE]
    assert len(refused) == 2
    assert all(t.message.startswith("params <= 80000") and not t.cost for t in refused)
    assert run(store, "s", INLINE, compare=False).study.used == 4


def test_joining_enqueues_nothing_twice(store: Store) -> None:
    asked = options("resnet", "references")
    begin(store, asked, INLINE)
    row, joined = begin(store, asked, INLINE)
    assert joined
    assert row.counts[TrialState.QUEUED] == 2


def test_each_first_network_gets_its_repeats(store: Store) -> None:
    row, _ = begin(store, options("resnet", "references", repeat=2), INLINE)
    run(store, "s", INLINE, compare=False)
    rows = store.trials(row.id)
    assert [rows[0].point, rows[2].point] == [rows[1].point, rows[3].point]
    assert len({t.seed for t in rows}) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file or directory; type --start-from references, or a JSON file"),
        ("{", "this is no JSON"),
        ("{}", "a list of points is wanted, as nas space sample --json prints"),
        ('[{"convs": [1, 1, 9], "batch_norm": true}]', "point 1: convs\\[2\\] = 9"),
        ('[{"convs": [1, 1, 1]}]', "point 1: the point has no value for 'batch_norm'"),
    ],
)
def test_a_wrong_file_is_one_message_before_anything_is_created(
    text: str | None, said: str, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "points.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(NasError, match=said):
        begin(store, options("vgg", str(file)), INLINE)
    assert store.study_names() == []
