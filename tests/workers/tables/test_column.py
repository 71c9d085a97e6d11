"""A column of a table as a score."""

from pathlib import Path

import pytest

from nas.errors import TableError
from nas.records import AttemptEnd, Cause, EpochReport, Objective, Request
from tests.search.spaces import tiny
from tests.workers.tables.making import SQUARE, bowl, write
from workers.evaluators import evaluator, usual_objective
from workers.run import run_attempt

SPACE = tiny(SQUARE)


def request(width: int, name: str) -> Request:
    return Request(
        study="s",
        number=-1,
        attempt=1,
        space=SPACE.document,
        point={"width": width},
        evaluator=name,
        data="digits",
        recipe={},
        seed=0,
        artifacts="memory://none",
    )


def test_it_is_the_last_value_at_no_cost(tmp_path: Path) -> None:
    path = bowl(tmp_path / "t.csv")
    report, end = run_attempt(request(120, f"column:error:{path}"))
    assert isinstance(report, EpochReport)
    assert report.metrics == {"error": pytest.approx(0.01), "seconds": 0.0}
    assert isinstance(end, AttemptEnd)
    assert end.cause is None


def test_no_number_is_no_score(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["width", "error", "score"], [[1, 0.5, "nan"], [2, 0.5, 3.0]])
    *_, end = run_attempt(request(1, f"column:score:{path}"))
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.DIVERGED


def test_names(tmp_path: Path) -> None:
    assert usual_objective("column:naswot:t.csv") == Objective("naswot", minimize=False)
    for name in ("column:", "column:naswot", "column::t.csv"):
        with pytest.raises(TableError, match="type column:METRIC:PATH"):
            evaluator(name)
