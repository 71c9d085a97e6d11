"""Tables: what is looked up is what was written, and what is wrong in a file is one message."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nas.errors import NasError, TableError
from nas.records import AttemptEnd, Cause, EpochReport, Event, Objective, Request
from tests.search.spaces import conditional, tiny
from tests.workers.tables.making import SQUARE, bowl, cells, columns, write
from workers.evaluators import evaluator, foreseeing
from workers.evaluators.table import Results
from workers.run import run_attempt
from workers.tables.reading import read_sheet
from workers.tables.table import Table

ERROR = (Objective("error"),)
SPACE = tiny(SQUARE)


def request(path: Path, point: dict[str, Any], **changes: Any) -> Request:
    given: dict[str, Any] = {
        "study": "s", "number": 1, "attempt": 1, "space": SPACE.document, "point": point, "seed": 0,
        "evaluator": f"table:{path}", "data": "digits", "recipe": {"epochs": 3}, "artifacts": "/no",
    }  # fmt: skip
    return Request(**{**given, **changes})


def played(asked: Request) -> list[Event]:
    return list(run_attempt(asked))


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_curve_is_played(tmp_path: Path, name: str) -> None:
    *reports, end = played(request(bowl(tmp_path / name), {"width": 100}))
    assert [r.epoch for r in reports if isinstance(r, EpochReport)] == [1, 2, 3]
    assert [r.metrics["seconds"] for r in reports] == [100, 200, 300]
    assert isinstance(end, AttemptEnd)
    assert end.metrics == pytest.approx({"error": 0.11, "final": -0.11, "seconds": 300})


def test_fewer_epochs_end_earlier(tmp_path: Path) -> None:
    *_, end = played(request(bowl(tmp_path / "t.csv"), {"width": 120}, recipe={"epochs": 2}))
    assert isinstance(end, AttemptEnd)
    assert end.metrics == pytest.approx({"error": 0.02, "seconds": 240})


def test_an_objective_without_a_curve_is_told_at_the_end_alone(tmp_path: Path) -> None:
    asked = request(bowl(tmp_path / "t.csv"), {"width": 120}, objectives=(Objective("final"),))
    assert [e.epoch for e in played(asked) if isinstance(e, EpochReport)] == [3]


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), width=st.sampled_from([None, 3]), parquet=st.booleans())
def test_every_row_is_found_again(seed: int, width: int | None, parquet: bool) -> None:
    """Vectors of a searched length, conditional parameters, choices of lists, steps of 0.05."""
    space, rng = conditional(), np.random.default_rng(seed)
    points = {repr(sorted(p.items())): p for p in (space.draw(rng) for _ in range(20))}
    header = [*columns(space, width), "error"]
    rows = [[*cells(point, space, width), i / 7] for i, point in enumerate(points.values())]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder, "t.csv"), header, rows)
        if parquet:
            path = _as_parquet(path, list(points.values()), space)
        table = Table(read_sheet(path), space)
    for i, point in enumerate(points.values()):
        row = table.find(point, lambda: "")
        assert list(table.steps(row, ERROR, 1)) == [(1, {"error": i / 7})]


def _as_parquet(path: Path, points: list[dict[str, Any]], space: Any) -> Path:
    """The same with values instead of texts; lists as lists."""
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [
        {**{name: _listed(point.get(name)) for name in space.parameters}, "error": i / 7}
        for i, point in enumerate(points)
    ]
    target = path.with_suffix(".parquet")
    parquet.write_table(pyarrow.Table.from_pylist(rows), target)
    return target


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_rows_are_found_by_network(tmp_path: Path) -> None:
    rows = [[SPACE.architecture({"width": width}).arch_id, width / 200] for width in range(1, 201)]
    path = write(tmp_path / "t.csv", ["arch_id", "error"], rows)
    *_, end = played(request(path, {"width": 50}))
    assert isinstance(end, AttemptEnd)
    assert end.metrics == {"error": 0.25}
    Results.check(evaluator(f"table:{path}"), SPACE, ERROR, {"epochs": 1})  # type: ignore[arg-type]


def test_a_row_by_point_goes_before_one_by_network(tmp_path: Path) -> None:
    arch_id = SPACE.architecture({"width": 7}).arch_id
    path = write(tmp_path / "t.csv", ["width", "arch_id", "error"], [[8, arch_id, 0.1], [9, arch_id, 0.2]])
    table = Table(read_sheet(path), SPACE)
    assert [table.find({"width": w}, lambda: arch_id) for w in (7, 8, 9)] == [0, 0, 1]


def test_a_training_that_diverged_fails_so(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["width", "error", "loss"], [[1, "nan", 1], [2, 0.5, "nan"]])
    (end,) = played(request(path, {"width": 1}))
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.DIVERGED
    assert played(request(path, {"width": 2}))[-1].metrics == {"error": 0.5}


def test_a_point_without_a_row_is_one_message(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["width", "error"], [[1, 0.5]])
    (end,) = played(request(path, {"width": 2}))
    assert isinstance(end, AttemptEnd)
    assert end.message == f"table {path} has no row for width=2"


BAD = {
    "no header": ("", "has no header"),
    "no rows": ("width,error\n", "has a header, but no rows"),
    "ragged": ("width,error\n1,2,3\n", "line 2: 3 cells under 2 columns"),
    "two columns": ("width,error,error\n1,2,3\n", "two columns 'error'"),
    "no parameter": ("breadth,error\n1,2\n", "does not say which network a row is: space tiny has the"),
    "no metric": ("width\n1\n", "has no metric"),
    "unknown column": ("width,note,error\n1,fine,2\n", "row 1: column 'note' has 'fine', which is no number"),
    "odd column": ("width,error@x\n1,2\n", "column 'error@x' is neither a parameter"),
    "epoch 0": ("width,error@0\n1,2\n", "column 'error@0' is neither a parameter"),
    "outside": ("width,error\n1,2\n201,2\n", "row 2: width is '201'; in space tiny it is a whole number"),
    "no value": ("width,error\n1.5,2\n", "row 1: width is '1.5'"),
    "same point": ("width,error\n1,2\n2,2\n1,3\n", "rows 1 and 3 are of one point"),
    "same network": ("arch_id,error\na,2\na,3\n", "rows 1 and 2 are of one arch_id"),
    "twice": ("width,error,error@3,loss@3\n1,2,3,4\n", "has error after 3 epochs twice"),
    "negative time": ("width,error,seconds\n1,2,-1\n", "no time in seconds"),
    "gap in time": ("width,error@1,error@2,seconds@2,seconds@3\n1,2,1,1,2\n", "but no seconds@1"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_one_message(tmp_path: Path, what: str) -> None:
    text, message = BAD[what]
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(TableError) as caught:
        Table(read_sheet(tmp_path / "t.csv"), SPACE)
    assert message in str(caught.value)
    assert str(tmp_path / "t.csv") in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", None, "No such file"),
        ("t.txt", b"x", "ends with .csv, .csv.gz, .parquet or .parquet.gz"),
        ("t.csv.gz", b"width,error\n", "cannot be read: Not a gzipped file"),
        ("t.csv", b"width,\xff\n", "cannot be read: 'utf-8' codec"),
        ("t.parquet", b"PAR1", "cannot be read"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_sheet(tmp_path / name)
    assert message in str(caught.value)


def check(path: Path, metric: str = "error", **recipe: Any) -> None:
    found = foreseeing(f"table:{path}")
    assert found is not None
    found.check(SPACE, (Objective(metric),), {**found.recipe, **recipe})


def test_what_a_study_cannot_have_is_told_before_it_begins(tmp_path: Path) -> None:
    path = bowl(tmp_path / "t.csv")
    check(path)
    check(path, epochs=2)
    with pytest.raises(TableError, match="has no metric 'accuracy': its metrics are error, final, seconds"):
        check(path, "accuracy")
    with pytest.raises(TableError, match="after 5 epochs: it has them after 1, 2, 3; set --recipe epochs=N"):
        check(path, epochs=5)


def test_missing_points_and_values_are_told_before_too(tmp_path: Path) -> None:
    half = write(tmp_path / "half.csv", ["width", "error"], [[w, 0.5] for w in range(1, 101)])
    with pytest.raises(
        TableError, match=r"lacks \d+ of \d+ random points of space tiny, such as width=1\d\d"
    ):
        check(half)
    empty = write(tmp_path / "e.csv", ["width", "error"], [[w, "" if w == 7 else 1] for w in range(1, 201)])
    with pytest.raises(TableError, match="1 row without error after 1 epochs, first row 7"):
        check(empty)


def test_a_table_that_changed_is_refused(tmp_path: Path) -> None:
    found = foreseeing(f"table:{bowl(tmp_path / 't.csv')}")
    assert found is not None
    name = found.name
    with (tmp_path / "t.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(TableError, match="not the one that was specified"):
        next(evaluator(name)(_Asked(request(Path(), {"width": 1}))))


class _Asked:
    """What an evaluator of tables asks of its evaluation."""

    def __init__(self, asked: Request) -> None:
        self.request, self.architecture = asked, None

    def check_time(self) -> None: ...


def test_a_table_needs_a_name() -> None:
    with pytest.raises(NasError, match="type table:PATH"):
        evaluator("table:")


def test_a_best_value_is_of_an_epoch_that_the_table_has(tmp_path: Path) -> None:
    table = Table(read_sheet(bowl(tmp_path / "t.csv")), SPACE)
    assert table.best(Objective("error"), 1) == pytest.approx(0.03)
    with pytest.raises(TableError, match="final after 1 epochs: it has it after 3; set --recipe epochs=N"):
        table.best(Objective("final"), 1)
