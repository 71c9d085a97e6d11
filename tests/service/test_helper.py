"""Questions answered by other processes: warm, in time, with the user's mistakes, and gone with who asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from nas.errors import UnknownNameError
from nas.service.helper import Helpers, NoAnswerError
from nas.space.load import load_space

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def helpers() -> Iterator[Helpers]:
    made = Helpers(most=2)
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_one_warm_process_answers_one_question_after_the_other(helpers: Helpers) -> None:
    first = helpers.ask(os.getpid)
    assert first != os.getpid()
    assert {helpers.ask(os.getpid) for _ in range(20)} == {first}


def test_mistakes_of_the_user_come_back_whole(helpers: Helpers) -> None:
    with pytest.raises(UnknownNameError, match="unknown space 'vg'.*vgg") as raised:
        helpers.ask(load_space, "vg")
    assert raised.value.kind == "space"


def test_other_errors_come_with_their_traceback_and_end_nothing(helpers: Helpers) -> None:
    pid = helpers.ask(os.getpid)
    with pytest.raises(RuntimeError, match="(?s)Traceback.*ZeroDivisionError"):
        helpers.ask(divmod, 1, 0)
    with pytest.raises(RuntimeError, match="(?s)Traceback.*pickle"):
        helpers.ask(open, os.devnull)
    assert helpers.ask(os.getpid) == pid


def test_who_takes_too_long_is_ended_and_the_next_question_answered(helpers: Helpers) -> None:
    pid = helpers.ask(os.getpid)
    with pytest.raises(NoAnswerError, match=r"sleep: no answer within 0\.2 s"):
        helpers.ask(time.sleep, 60, timeout_s=0.2)
    assert gone(pid)
    assert helpers.ask(os.getpid) != pid


def test_a_process_killed_from_outside_is_replaced(helpers: Helpers) -> None:
    pid = helpers.ask(os.getpid)
    os.kill(pid, signal.SIGKILL)
    while not gone(pid):
        time.sleep(0.01)
    assert helpers.ask(os.getpid) != pid
    with pytest.raises(NoAnswerError, match="_exit: its process ended with code 7"):
        helpers.ask(os._exit, 7)


def test_a_process_with_other_settings_is_replaced(helpers: Helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)  # a Ray of this process's may have set it
    pid = helpers.ask(os.getpid)
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    assert helpers.ask(os.getenv, "RAY_AUTH_MODE") == "token"
    assert helpers.ask(os.getpid) != pid
    monkeypatch.delenv("RAY_AUTH_MODE")
    assert helpers.ask(os.getenv, "RAY_AUTH_MODE") is None


def busy(helpers: Helpers, threads: ThreadPoolExecutor, fifo: Path) -> tuple[Future[str], int]:
    """A question that is being answered until the descriptor is closed."""
    os.mkfifo(fifo)
    question = threads.submit(helpers.ask, Path.read_text, fifo)
    while True:
        with suppress(OSError):  # until the helper reads
            return question, os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.001)


def test_a_long_question_does_not_hold_up_a_short_one(helpers: Helpers, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        long = [busy(helpers, threads, tmp_path / "one")]
        assert helpers.ask(os.getpid)
        long.append(busy(helpers, threads, tmp_path / "two"))
        with pytest.raises(NoAnswerError, match=r"getpid: others' questions took all of 0\.05 s"):
            helpers.ask(os.getpid, timeout_s=0.05)
        for question, descriptor in long:
            assert not question.done()
            os.close(descriptor)
            assert question.result() == ""


def test_it_ends_with_who_asked_however_that_ends() -> None:
    code = "import os, signal; from nas.service.helper import ask; print(ask(os.getpid), flush=True); {}"
    for end in ("pass", "os.kill(os.getpid(), signal.SIGKILL)"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(end)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        pid, until = int(done.stdout), time.monotonic() + 5
        while not gone(pid):
            assert time.monotonic() < until, "a helper is left over"
            time.sleep(0.01)


def test_the_answer_to_an_interrupted_question_is_nobody_elses(
    helpers: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(line: Connection, timeout: float) -> bool:
        raise KeyboardInterrupt

    pid = helpers.ask(os.getpid)
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "poll", interrupted)
        with pytest.raises(KeyboardInterrupt):
            helpers.ask(time.time)
    assert gone(pid)
    assert helpers.ask(divmod, 7, 2) == (3, 1)
