"""What attempts print is kept where somebody will ask for it, and nothing else is."""

import io
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nas.records import Cause, Evaluation, Metrics, Request
from tests.workers.standins import request as make
from workers import printed
from workers.kept import kept_files, tail
from workers.run import failed
from workers.slots.actor import Actor

HERE = __name__
pytestmark = pytest.mark.filterwarnings("ignore:a warning")
ROOT = Path(__file__).resolve().parents[2]


def loud(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Prints, warns, logs; fails where the recipe says so."""
    print(f"trial {evaluation.request.number} begins")
    warnings.warn("a warning", stacklevel=1)
    logging.getLogger("mine").error("a record")
    yield 1, {"error": 0.5}
    print("x" * int(evaluation.request.recipe.get("more", 0)))
    if evaluation.request.recipe.get("fails"):
        raise ValueError("no such loss")
    yield 2, {"error": 0.4}


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a worker's own output comes to; the test's streams are put back behind it."""
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    return own


def asked(folder: Path, number: int = 1, **recipe: object) -> Request:
    return replace(make(f"python:{HERE}.loud", number=number), artifacts=str(folder), recipe=recipe)


def log(folder: Path, number: int = 1) -> str:
    (file,) = kept_files(str(folder), number)
    assert (file.name, file.attempt) == ("log.txt", 1)
    return tail(str(folder), file, 10**6).decode()


WORKER = """
import sys
from tests.workers.test_printed import Actor, Path, asked
*_, end = Actor(1).run(asked(Path(sys.argv[1]), fails=True))
print(end.cause)
"""


def test_a_failed_attempt_leaves_what_it_printed_warned_and_logged(tmp_path: Path) -> None:
    """In a process as workers are: pytest keeps warnings and logging to itself."""
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["trial 1 begins", "", "error"], "it is printed as ever"
    assert "a record\n" in done.stderr
    told = log(tmp_path)
    assert told.startswith("trial 1 begins\n")
    assert "UserWarning: a warning" in told
    assert told.endswith("a record\n\n")


def test_each_attempt_has_its_own(streams: io.StringIO, tmp_path: Path) -> None:
    actor = Actor(1)
    for number in (1, 2):
        assert len(list(actor.run(asked(tmp_path, number, fails=True)))) == 2
        print("between two attempts")
    assert [log(tmp_path, number).count(f"trial {number} begins") for number in (1, 2)] == [1, 1]
    assert "between" not in log(tmp_path, 1) + log(tmp_path, 2)


def test_of_a_long_output_the_end_is_kept(
    streams: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed, "LIMIT", 1000)
    list(Actor(1).run(asked(tmp_path, fails=True, more=5000)))
    told = log(tmp_path)
    assert told.startswith(printed.CUT)
    assert told.endswith("xxx\n")
    assert len(told) == len(printed.CUT) + 1000


def test_a_running_attempt_is_read_and_a_good_end_without_weights_leaves_nothing(
    streams: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed, "EVERY_S", 0.0)
    steps = Actor(1).run(asked(tmp_path))
    next(steps)
    assert "trial 1 begins" in log(tmp_path)
    list(steps)
    assert list(tmp_path.iterdir()) == []


def test_what_is_printed_stays_with_weights(streams: io.StringIO, tmp_path: Path) -> None:
    (tmp_path / "1/1").mkdir(parents=True)
    (tmp_path / "1/1/last.safetensors").write_bytes(b"weights")
    list(Actor(1).run(asked(tmp_path)))
    assert [file.name for file in kept_files(str(tmp_path), 1)] == ["last.safetensors", "log.txt"]


def test_artifacts_that_cannot_be_written_fail_no_attempt(streams: io.StringIO, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    *_, end = Actor(1).run(asked(tmp_path / "file"))
    assert end.cause is None  # type: ignore[union-attr]


def test_of_one_huge_text_no_more_than_the_end_is_held(streams: io.StringIO, tmp_path: Path) -> None:
    taken = printed.Printed()
    taken.begin(asked(tmp_path))
    print("x" * 20 * printed.LIMIT)
    assert sum(map(len, taken._parts)) <= printed.LIMIT + 1
    taken.end(failed(asked(tmp_path), Cause.ERROR, "no such loss"))
    assert log(tmp_path) == printed.CUT + "x" * (printed.LIMIT - 1) + "\n"
