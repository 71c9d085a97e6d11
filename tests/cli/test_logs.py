"""`--log-json`: every event a line of JSON on standard error, and nothing else there."""

import io
import json
import math
import re
from collections import Counter
from typing import Any

import pytest

from nas.cli.logs import JsonLog
from nas.errors import Exit
from nas.records import EpochReport
from tests.conftest import Nas

INLINE = ("--engine", "inline", "--no-compare", "--study", "s", "--log-json")
COMMON = {"time", "level", "event", "host", "study", "driver", "trial", "attempt"}


def lines(err: str) -> list[dict[str, Any]]:
    """All lines, each with what all of them have."""
    found = [json.loads(line) for line in err.splitlines()]
    for line in found:
        assert line.keys() >= COMMON
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in ("info", "warning", "error")
    return found


def test_every_event_is_a_line(nas_here: Nas) -> None:
    done = nas_here(
        "search", "vgg", "--evaluator", "python:tests.cli.evaluators.quick", *INLINE, "--trials", "3"
    )
    assert done.returncode == Exit.DONE
    assert "trial 3 complete" in done.stdout
    told = lines(done.stderr)
    counts = Counter(line["event"] for line in told)
    assert {name: counts[name] for name in ("leased", "joined", "trial_started", "epoch", "trial_ended")} == {
        "leased": 1,
        "joined": 1,
        "trial_started": 3,
        "epoch": 3,
        "trial_ended": 3,
    }
    assert {line["study"] for line in told} == {"s"}
    assert {line["driver"] for line in told} == {1}
    ends = [line for line in told if line["event"] == "trial_ended"]
    assert [(line["trial"], line["attempt"], line["state"]) for line in ends] == [
        (number, 1, "complete") for number in (1, 2, 3)
    ]
    last = [line for line in told if line["event"] == "progress"][-1]
    assert last["counts"]["complete"] == 3
    assert told[-1]["ending"] == "finished"


def test_a_result_in_json_goes_with_a_log_in_json(nas_here: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.quick", "--trials", "2", "--json")
    done = nas_here("search", "vgg", *words, *INLINE)
    assert json.loads(done.stdout)["ending"] == "finished"
    assert "trial_ended" in {line["event"] for line in lines(done.stderr)}


def test_numbers_that_are_none_are_null() -> None:
    stream = io.StringIO()
    JsonLog(stream).on_event(EpochReport(1, 2, 3, {"error": 0.5, "loss": math.nan}, wall_s=1.0))
    (line,) = lines(stream.getvalue())
    assert (line["trial"], line["attempt"], line["epoch"]) == (1, 2, 3)
    assert line["metrics"] == {"error": 0.5, "loss": None}


def test_warnings_of_libraries_and_prints_are_lines_too(nas: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.loud")
    told = lines(nas("search", "vgg", *words, *INLINE, "--trials", "1").stderr)
    said = {(line["event"], line.get("logger")): line["message"] for line in told if "message" in line}
    assert said["log", "some.library"] == "low on something"
    assert "UserWarning: deprecated" in said["log", "py.warnings"]
    assert said["stderr", None] == "printed"


@pytest.mark.parametrize(
    ("evaluator", "code", "said"),
    [("broken", Exit.FAILED, "5 trials in a row"), ("no_such", Exit.MISTAKE, "no_such")],
)
def test_the_error_at_the_end_is_a_line(nas_here: Nas, evaluator: str, code: int, said: str) -> None:
    done = nas_here("search", "vgg", "--evaluator", f"python:tests.cli.evaluators.{evaluator}", *INLINE)
    assert done.returncode == code
    last = lines(done.stderr)[-1]
    assert (last["event"], last["level"], last["exit_code"]) == ("error", "error", code)
    assert said in last["message"]


def test_a_mistake_of_the_program_is_a_line_with_its_traceback(
    nas_here: Nas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nas.service.run.begin", None)
    done = nas_here("search", "vgg", "--evaluator", "python:tests.cli.evaluators.quick", *INLINE)
    assert done.returncode == Exit.FAILED
    (line,) = lines(done.stderr)
    assert line["event"] == "crash"
    assert "Traceback" in line["traceback"]
