import gc
import weakref
from collections.abc import Iterator

import pytest

from nas.records import AttemptEnd, Cause, EpochReport, Evaluation, Metrics
from tests.workers.standins import request
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
        ("python:f", Cause.ERROR, "type python:module.function"),
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


def test_closing_closes_the_evaluator(tmp_path: object) -> None:
    steps = run_attempt(request("leaves_a_mark", artifacts=str(tmp_path)))
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    from pathlib import Path

    assert Path(str(tmp_path), "closed").read_text() == "yes"
