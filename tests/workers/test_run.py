import gc
import weakref
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.errors import NasError
from nas.records import AttemptEnd, Cause, EpochReport, Evaluation, Metrics
from tests.workers.standins import request
from workers.evaluators import evaluator
from workers.run import run_attempt


def _end(function: str, **more: float) -> AttemptEnd:
    *reports, end = run_attempt(request(function, **more))  # type: ignore[arg-type]
    assert all(isinstance(event, EpochReport) for event in reports)
    assert isinstance(end, AttemptEnd)
    return end


def test_an_attempt_is_reports_and_one_end() -> None:
    events = list(run_attempt(request("paced", number=4, attempt=2, point={"epoch_s": 0})))
    assert [type(event) for event in events] == [EpochReport] * 3 + [AttemptEnd]
    assert {(event.number, event.attempt) for event in events} == {(4, 2)}
    assert events[-1].metrics == {"error": 1 / 3}
    assert events[-1].worker  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("function", "cause", "message"),
    [
        ("raises", Cause.ERROR, "ZeroDivisionError: the evaluator's own mistake"),
        ("exits", Cause.ERROR, "SystemExit: 3"),
        ("not_a_number", Cause.DIVERGED, "metric error is nan"),
        ("own_cause", Cause.OUT_OF_MEMORY, "4 GiB would be needed"),
        ("starved", Cause.OUT_OF_MEMORY, "can't allocate memory"),
        ("python:tests.workers.nowhere.f", Cause.ERROR, "No module named 'tests.workers.nowhere'"),
        ("python:tests.workers.standins.f", Cause.ERROR, "has no function 'f'"),
        ("python:f", Cause.ERROR, "type python:MODULE.FUNCTION"),
        ("python:", Cause.ERROR, "type python:MODULE.FUNCTION"),
        ("python:tests.workers.standins.", Cause.ERROR, "type python:MODULE.FUNCTION"),
        ("python:.standins.f", Cause.ERROR, "type python:MODULE.FUNCTION"),
        ("python:tests..standins.f", Cause.ERROR, "type python:MODULE.FUNCTION"),
        ("registry:trian", Cause.ERROR, "unknown evaluator"),
    ],
)
def test_causes_are_told_apart(function: str, cause: Cause, message: str) -> None:
    end = _end(function)
    assert (end.cause, end.metrics) == (cause, {})
    assert message in end.message
    assert ("Traceback" in end.message) is (function in ("raises", "exits"))


def test_a_slow_attempt_ends_as_timed_out() -> None:
    assert _end("paced", timeout_s=0.05).cause is Cause.TIMEOUT
    assert _end("instant", timeout_s=60).cause is None


class Ballast:
    """Something that a failing evaluator holds in its frame."""


HELD: "list[weakref.ref[Ballast]]" = []


def fails_with_ballast(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    ballast = Ballast()
    HELD.append(weakref.ref(ballast))
    yield 1, {"error": 0.5}
    try:
        raise KeyError("first")
    except KeyError as error:
        raise RuntimeError("second") from error


def test_memory_is_free_after_a_failure() -> None:
    gc.disable()
    try:
        end = _end("python:tests.workers.test_run.fails_with_ballast")
        assert "RuntimeError: second" in end.message
        assert HELD.pop()() is None
    finally:
        gc.enable()


def test_closing_closes_the_evaluator(tmp_path: Path) -> None:
    steps = run_attempt(request("leaves_a_mark", artifacts=str(tmp_path)))
    next(steps)
    steps.close()
    assert (tmp_path / "closed").read_text() == "yes"


YIELDED: list[Any] = []
"""What `yields` yields."""


def yields(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    yield from YIELDED


def returns(evaluation: Evaluation) -> Any:
    return YIELDED[0]


def _plain(value: object) -> bool:
    return type(value) is float


def test_only_built_in_numbers_leave_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = {"a": np.float32(0.5), "b": torch.tensor(0.5), "c": np.array(0.5), "d": Decimal("0.5"), "e": True}
    items = [(np.int64(1), mixed), [torch.tensor(3), {"a": 1}]]
    monkeypatch.setitem(globals(), "YIELDED", items)
    first, second, end = run_attempt(request("python:tests.workers.test_run.yields"))
    assert isinstance(first, EpochReport)
    assert isinstance(second, EpochReport)
    assert (first.epoch, second.epoch, end.metrics) == (1, 3, {"a": 1.0})
    assert type(first.epoch) is type(second.epoch) is int
    assert first.metrics == {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5, "e": 1.0}
    assert all(map(_plain, [*first.metrics.values(), *end.metrics.values()]))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([0.5], "yielded a value of type float"),
        ([None], "yielded None"),
        (["ab"], "yielded a value of type str"),
        ([{"error": 0.5, "loss": 1}], "yielded a value of type dict"),
        ([(1, 0.5)], "yielded a value of type float for metrics"),
        ([(1, {"error": 0.5}, 3)], "yielded a value of type tuple"),
        ([("1", {"error": 0.5})], "yielded a value of type str for an epoch"),
        ([(1.0, {"error": 0.5})], "yielded a value of type float for an epoch"),
        ([(0, {"error": 0.5})], "yielded epoch 0"),
        ([(1, {"error": 0.5}), (1, {"error": 0.5})], "yielded epoch 1 after epoch 1"),
        ([(2, {"error": 0.5}), (1, {"error": 0.5})], "yielded epoch 1 after epoch 2"),
        ([(1, {"error": "0.5"})], "yielded a value of type str for metric 'error'"),
        ([(1, {"error": None})], "metric 'error' cannot be a float"),
        ([(1, {"error": [0.5]})], "metric 'error' cannot be a float"),
        ([(1, {"error": torch.zeros(2)})], "yielded a value of type Tensor for metric 'error'"),
        ([(1, {"error": np.zeros(1)})], "yielded a value of type ndarray for metric 'error'"),
        ([(1, {"error": 10**400})], "metric 'error' cannot be a float"),
        ([(1, {7: 0.5})], "yielded a value of type int for the name of a metric"),
    ],
)
def test_what_else_is_yielded_is_an_error_that_says_what_to_yield(
    monkeypatch: pytest.MonkeyPatch, items: list[Any], message: str
) -> None:
    monkeypatch.setitem(globals(), "YIELDED", items)
    end = _end("python:tests.workers.test_run.yields")
    assert (end.cause, end.metrics) == (Cause.ERROR, {})
    assert message in end.message
    assert "yield 1, {'error': 0.25}" in end.message
    assert "Traceback" not in end.message


def test_an_evaluator_that_returns_instead_is_told_to_yield(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, 0.5):
        monkeypatch.setitem(globals(), "YIELDED", [value])
        end = _end("python:tests.workers.test_run.returns")
        assert end.cause is Cause.ERROR
        assert "the evaluator returned" in end.message
        assert "yield 1, {'error': 0.25}" in end.message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(:", "SyntaxError: invalid syntax (broken_by_user.py, line 1)"),
        ("x = 1\n1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("from tests.workers.standins import nothing", "ImportError: cannot import name 'nothing'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    (tmp_path / "broken_by_user.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NasError) as caught:
        evaluator("python:broken_by_user.f")
    said = str(caught.value)
    assert said.startswith("evaluator 'python:broken_by_user.f': module broken_by_user cannot be imported: ")
    assert message in said
    assert "broken_by_user.py" in said
    assert "line" in said
    assert len(said.splitlines()) == 1


def breaks_its_clean_up(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    try:
        yield 1, {"error": 0.5}
        yield 2, {"error": 0.5}
    finally:
        raise OSError("no clean-up either")


def goes_on_when_closed(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    try:
        yield 1, {"error": 0.5}
    except GeneratorExit:
        yield 2, {"error": 0.5}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("breaks_its_clean_up", "no clean-up either"),
        ("goes_on_when_closed", "generator ignored GeneratorExit"),
    ],
)
def test_a_clean_up_that_fails_is_logged_and_stops_all_the_same(
    function: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    steps = run_attempt(request(f"python:tests.workers.test_run.{function}"))
    next(steps)
    steps.close()
    assert list(steps) == []
    assert message in caplog.text


def test_a_clean_up_that_fails_hides_no_cause() -> None:
    end = _end("python:tests.workers.test_run.breaks_its_clean_up", timeout_s=-1.0)
    assert end.cause is Cause.TIMEOUT
