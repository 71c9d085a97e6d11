"""The page of trials: rows, cells, totals, and all of it as CSV."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from nas.errors import NasError, StudyNotFoundError, UnknownNameError
from nas.records import Cause, TrialState
from nas.service.plain import plain
from nas.service.views.trials import MOST, TrialsPage, trials_csv, trials_page
from nas.store import Store
from tests.service.views.full import fill


@pytest.fixture
def full(store: Store, tmp_path: Path) -> Store:
    fill(store, tmp_path)
    return store


def cell(page: TrialsPage, row: int, name: str) -> Any:
    return page.cells[row][[column.name for column in page.columns].index(name)]


def test_a_page_has_its_rows_its_total_and_what_may_be_asked(full: Store) -> None:
    page = trials_page(full, "s", limit=5, offset=5)
    assert [row.number for row in page.rows] == [6, 7, 8, 9, 10]
    assert (page.total, page.limit, page.offset) == (13, 5, 5)
    there = {"complete": 8, "pruned": 1, "failed": 1, "running": 2, "queued": 1}
    assert page.states == {state.value: there.get(state.value, 0) for state in TrialState}
    kinds = {column.name: column.kind for column in page.columns}
    assert kinds.items() >= {"number": "trial", "error": "objective", "score": "objective"}.items()
    assert kinds.items() >= {"macs": "cost", "depth": "parameter", "widths[1]": "parameter"}.items()
    assert set(page.names) >= {"loss", "factor", "receptive_field", "seconds", "state", *kinds}
    for name in page.names:
        assert trials_page(full, "s", sort=f"{name}:desc", limit=1).total == 13
    json.dumps(plain(page), allow_nan=False)


def test_cells_are_what_the_trials_have(full: Store) -> None:
    page = trials_page(full, "s")
    for place, row in enumerate(page.rows):
        assert cell(page, place, "number") == row.number
        assert cell(page, place, "macs") == row.macs
        assert cell(page, place, "kind") == row.point["kind"]
        assert cell(page, place, "factor") == row.point.get("factor")
        widths = row.point["widths"]
        assert cell(page, place, "widths[1]") == (widths[1] if len(widths) > 1 else None)
    assert cell(page, 3, "error") is None, "NaN is no number for a page"
    assert cell(page, 10, "error") is None


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"state": "complete"}, 8),
        ({"state": "complete, failed"}, 9),
        ({"where": ["error<=0.2"]}, 5),
        ({"where": ["loss>=2", "macs>0"], "state": "complete"}, 4),
        ({"where": ["kind=wide"], "state": "queued,running"}, None),
        ({"where": ["number>13"]}, 0),
        ({"where": ["macs<100000000000000000000"]}, 13),
        ({"where": ["depth>-1e300", "depth!=100000000000000000000"]}, 13),
    ],
)
def test_the_total_is_of_what_meets_the_filters(
    full: Store, asked: dict[str, Any], total: int | None
) -> None:
    whole = trials_page(full, "s", limit=MOST, **asked)
    assert whole.total == len(whole.rows)
    assert total in (None, whole.total)
    first = trials_page(full, "s", limit=1, sort="macs", **asked)
    assert (first.total, len(first.rows)) == (whole.total, min(1, whole.total))
    assert trials_page(full, "s", limit=1, offset=10**6, **asked).rows == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"where": ["macs"]}, r"^where 'macs' is no condition: type e\.g\. where"),
        ({"sort": "eror"}, "^sort: unknown name 'eror'.*did you mean 'error'"),
        ({"state": "done"}, "^state: unknown state 'done'"),
        ({"limit": 0}, "limit 0"),
        ({"limit": MOST + 1}, "from 1 to 1,000"),
        ({"offset": -1}, "offset -1"),
        ({"offset": 2**31}, "offset 2147483648"),
    ],
)
def test_what_cannot_be_asked_says_so(full: Store, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(NasError, match=message):
        trials_page(full, "s", **asked)
    with pytest.raises(StudyNotFoundError):
        trials_page(full, "t", **{})


def test_csv_has_all_rows_with_all_columns(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.service.views.trials.CHUNK", 4)
    parts = list(trials_csv(full, "s", sort="macs:desc", where=["macs>0"]))
    assert len(parts) == 1 + 4
    rows = list(csv.DictReader(io.StringIO("".join(parts))))
    page = trials_page(full, "s", sort="macs:desc")
    assert [int(row["number"]) for row in rows] == [row.number for row in page.rows]
    for row, trial in zip(rows, page.rows, strict=True):
        assert (int(row["params"]), row["arch_id"]) == (trial.params, trial.arch_id)
        assert row["loss"] == str(trial.metrics.get("loss", ""))
        assert row["kind"] == trial.point["kind"]
    assert next(row for row in rows if row["number"] == "10")["message"].endswith("such loss")


def test_csv_holds_no_formula_and_is_refused_before_its_first_line(full: Store) -> None:
    study = full.study("s").id
    (driver,) = [row.id for row in full.drivers(study)]
    full.requeue(study, driver, 11, 1, Cause.PREEMPTED, "")
    full.refuse_queued(study, 11, "=1+1")
    (row,) = csv.DictReader(io.StringIO("".join(trials_csv(full, "s", where=["number=11"]))))
    assert row["message"] == "'=1+1"
    with pytest.raises(UnknownNameError):
        trials_csv(full, "s", sort="nothing")
