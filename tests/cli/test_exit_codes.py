"""What the exit code of a search says, as the table in its help and in the documents has it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

from nas.errors import Exit
from tests.conftest import ROOT, Nas

QUICK = ("--evaluator", "python:tests.cli.evaluators.quick", "--engine", "inline", "--no-compare")
FEW = ("--set", "batch_norm=false", "--set", "stages=2")


def test_a_finished_study_is_done(nas_here: Nas) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "2").returncode == Exit.DONE


def test_an_exhausted_study_is_done(nas_here: Nas) -> None:
    done = nas_here("search", "vgg", *QUICK, *FEW, "--trials", "30")
    assert "exhausted" in done.stdout
    assert done.returncode == Exit.DONE


def test_a_study_whose_trials_fail_has_failed(nas_here: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.broken", "--engine", "inline", "--trials", "3")
    done = nas_here("search", "vgg", *words)
    assert done.returncode == Exit.FAILED
    assert "3 trials of study 'vgg-1', and all failed" in done.stderr


VARIABLES = (
    "NAS_LEASE_S", "NAS_STUCK_S", "NAS_CHECKPOINT_S", "NAS_KEEP_WEIGHTS", "NAS_ARTIFACTS_LIMIT", "NAS_DATA"
)  # fmt: skip


def test_a_mistake_in_the_environment_begins_nothing(
    nas_here: Nas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "2").returncode == Exit.DONE
    search, more = ("search", "vgg", *QUICK, "--store", "other/nas.db"), ("resume", "vgg-1", "--trials", "+2")
    for name, words in product(VARIABLES, (search, more)):
        with monkeypatch.context() as patch:
            patch.setenv(name, "x")
            done = nas_here(*words)
        assert done.returncode == Exit.MISTAKE
        assert done.stderr.startswith(f"nas: {name}=")
    assert not (tmp_path / "other").exists()
    assert json.loads(nas_here("show", "vgg-1", "--json").stdout)["study"]["budget"] == 2


@pytest.mark.parametrize("lines", [1, 5])
def test_who_reads_the_output_may_go(nas_here: Nas, tmp_path: Path, lines: int) -> None:
    code = "from nas.cli import main; main()"
    words = [sys.executable, "-c", code, "search", "vgg", *QUICK, "--trials", "4", "--study", "s"]
    here, pipe = {**os.environ, "PYTHONPATH": str(ROOT)}, subprocess.PIPE
    search = subprocess.Popen(words, cwd=tmp_path, env=here, stdout=pipe, stderr=pipe, text=True)
    assert search.stdout is not None
    assert search.stderr is not None
    for _ in range(lines):
        search.stdout.readline()
    search.stdout.close()
    assert (search.wait(60), search.stderr.read()) == (Exit.DONE, "")
    assert "complete 4; finished" in nas_here("show", "s").stdout


def test_a_mistake_begins_nothing(nas_here: Nas) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "0").returncode == Exit.MISTAKE
    assert nas_here("search", "vgg", "--no-such-option").returncode == Exit.MISTAKE
    assert json.loads(nas_here("studies", "--json").stdout) == []


def test_a_paused_study_is_stopped(nas_here: Nas) -> None:
    """`nas pause` while a driver runs: told by the evaluator itself, in the first trial."""
    words = ("--evaluator", "python:tests.cli.evaluators.pausing", "--engine", "inline", "--no-compare")
    done = nas_here("search", "vgg", *words, "--study", "s", "--trials", "3")
    assert done.returncode == Exit.STOPPED, done.stderr
    assert "s: paused" in done.stdout
    assert nas_here("resume", "s", "--engine", "inline", "--no-compare").returncode == Exit.DONE


@pytest.mark.parametrize("verb", ["pause", "stop", "cancel"])
def test_asking_a_finished_study_for_something_says_so(nas_here: Nas, verb: str) -> None:
    assert nas_here("search", "vgg", *QUICK, "--study", "s", "--trials", "2").returncode == Exit.DONE
    done = nas_here(verb, "s")
    assert done.returncode == Exit.DONE
    assert done.stdout.startswith(f"s: it is finished already, nothing to {verb}; 2 complete")
    assert "nas resume s --trials +24" in done.stdout
    assert nas_here("resume", "s", "--trials", "+1", *QUICK[2:]).returncode == Exit.DONE


def test_a_store_that_is_lost_under_a_study_has_failed_it(nas_here: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.spoiling", "--engine", "inline", "--no-compare")
    done = nas_here("search", "vgg", *words, "--study", "s", "--trials", "3")
    assert done.returncode == Exit.FAILED, done.stdout
    assert done.stderr.startswith("nas: study 's' stopped: cannot ")
    assert done.stderr.rstrip().endswith("type nas resume s")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_search_that_is_stopped_before_it_begins(tmp_path: Path, number: int) -> None:
    """It waits for its points from a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "points.json")
    words = ["search", "vgg", *QUICK, "--start-from", "points.json"]
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        # Where tests run in the background, Ctrl-C is ignored from the start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    end = time.monotonic() + 60
    opened = None
    while opened is None:
        assert time.monotonic() < end
        try:
            opened = os.open(tmp_path / "points.json", os.O_WRONLY | os.O_NONBLOCK)  # once it is read from
        except OSError:
            time.sleep(0.02)
    time.sleep(1)  # between open and read Python hears no signal
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    os.close(opened)
    assert err == "nas: stopped before it had begun: type the same command again\n"
    assert process.returncode == Exit.STOPPED


def test_the_help_has_the_table(nas_here: Nas) -> None:
    for verb in ("search", "resume"):
        told = nas_here(verb, "--help").stdout.partition("Exit codes:")[2]
        assert [int(code) for code in re.findall(r"^ +(\d)  ", told, flags=re.MULTILINE)] == list(Exit)


def test_the_version_is_told(nas_here: Nas) -> None:
    done = nas_here("--version")
    assert done.returncode == Exit.DONE
    assert re.fullmatch(r"nas \d+\.\d+\.\d+\n", done.stdout)
