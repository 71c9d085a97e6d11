"""Every mistake gets one message on stderr, exit code 2, no traceback, and loses nothing; a study that
fails gets 1."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nas.errors import did_you_mean
from tests.conftest import ROOT, Nas

QUICK = ("--evaluator", "python:tests.cli.evaluators.quick", "--engine", "inline")

MISTAKES = [
    (["search", "vggg"], "unknown space 'vggg'", "did you mean 'vgg'"),
    (["search", "no/such.yaml"], "no/such.yaml", "nas space list"),
    (["search", "vgg", "--data", "digit"], "unknown data set 'digit'", "did you mean 'digits'"),
    (["search", "vgg", "--sampler", "tpee"], "unknown sampler 'tpee'", "did you mean 'tpe'"),
    (["search", "vgg", "--stopper", "medium"], "unknown stopper 'medium'", "median"),
    (["search", "vgg", "--engine", "rey"], "unknown engine 'rey'", "did you mean 'ray'"),
    (["search", "vgg", "--evaluator", "trian"], "unknown evaluator 'trian'", "did you mean 'train'"),
    (["search", "vgg", "--set", "batchnorm=1"], "batchnorm", "batch_norm"),
    (["search", "vgg", "--set", "batch_norm"], "'batch_norm' is not of the form", "--set phi=2"),
    (["search", "vgg", "--recipe", "epoch=3"], "unknown recipe key 'epoch'", "did you mean 'epochs'"),
    (["search", "vgg", "--recipe", "epochs=-3"], "epochs = -3", "at least 1"),
    (["search", "vgg", "--profile", "digit"], "unknown profile 'digit'", "did you mean 'digits'"),
    (["search", "vgg", "--trials", "0"], "--trials 0", "from 1 to 2,147,483,647"),
    (["search", "vgg", "--trials", "2147483648"], "--trials 2147483648", "from 1 to 2,147,483,647"),
    (["search", "vgg", "--workers", "0"], "--workers 0", "from 1 to"),
    (["search", "vgg", "--seed", "-1"], "--seed -1", "from 0 to"),
    (["search", "vgg", "--seed", "9" * 30], "--seed 999", "from 0 to"),
    (["search", "vgg", "--timeout-per-trial", "0"], "--timeout-per-trial 0", "number of seconds above 0"),
    (["search", "vgg", "--timeout-per-trial", "nan"], "--timeout-per-trial nan", "number of seconds above 0"),
    (["search", "vgg", "--store", "sqlite://"], "is in memory", "--store sqlite:///FILE"),
    (["resume", "s", "--store", "sqlite:///:memory:"], "is in memory", "--store sqlite:///FILE"),
    (["search", "vgg", "--engine", "simulated"], "'train' works, and says no seconds", "--engine ray"),
    (["bench", "vgg"], "nas bench needs --evaluator", "type nas bench SPACE --evaluator table:PATH"),
    (["bench", "vgg", "--evaluator", "train"], "'train' has no table of results", "table:PATH"),
    (["bench", "vgg", "--evaluator", "tabel:x"], "'tabel:x' has no table of results", "table:PATH"),
    (["studies", "--csv", "--json"], "one format", "say one of them"),
    (["trials", "s", "--csv", "--json"], "one format", "say one of them"),
    (["pareto", "s", "--csv", "--json"], "one format", "say one of them"),
    (["search", "vgg", "--study", "a b"], "study name 'a b'", "vgg-1"),
    (["search", "vgg", "--study", "x" * 101], "study name 'xxx", "up to 100 letters"),
    (["search", "vgg", "--recipe", "lr==widht"], "training.lr", "'widht'"),
    (["search", "vgg", "--store", "postgresql://h:abc/db"], "postgresql://h:abc/db", "sqlite:///PATH or"),
    (["search", "vgg", "--store", "sqlite:///a.db?timeout=abc"], "timeout=abc", "such as 30"),
    (["resume", "s", "--trials", "+²"], "'+²'", "--trials +24"),
    (["resume", "s", "--trials", "+99999999999999"], "'+99999999999999'", "--trials +24"),
    (["resume", "s", "--trials", "+4294967296"], "--trials 4294967296", "from 1 to"),
    (["store", "check"], "no store at", "--store"),
    (["store", "upgrade"], "no store at", "--store"),
    (["search", "vgg", "--objective", "error:up"], "error:up", "METRIC:min"),
    (["search", "vgg", "--store", "mysql://h/d"], "mysql", "sqlite:///PATH or postgresql://"),
    (["search", "vgg", "--store", "sqlite:////proc/nas.db"], "/proc/nas.db", "cannot"),
    (["resume", "nothing"], "no store at", "--store"),
    (["studies", "--store", "sqlite:///nowhere.db"], "no store at", "--store"),
    (["cost", "vgg", "--reference", "vgg61"], "unknown reference", "'vgg16'"),
    (["search", "vgg", "--repeat", "x"], "--repeat x: it is a whole number", "such as --repeat 2"),
    (["search", "vgg", "--timeout-per-trial=x"], "--timeout-per-trial x: it is a number of seconds", "600"),
    (["search", "vgg", "--objectiv", "x"], "unknown option '--objectiv'", "did you mean --objective"),
    (["search", "vgg", "--epochs", "2"], "unknown option '--epochs'", "type --recipe epochs=2"),
    (["search", "vgg", "--lr=0.1"], "unknown option '--lr'", "type --recipe lr=0.1"),
    (["search", "vgg", "--sampler", "CMAES"], "unknown sampler 'CMAES'", "did you mean 'cmaes'"),
    (["export", "vgg", "vgg16"], "N vgg16: it is a whole number", "--reference vgg16"),
    (["export", "vgg", "x"], "N x: it is a whole number", "such as 2"),
    (["export", "vgg", "9" * 5000], "N 999", "it is a whole number"),
    (["export", "resnet"], "no store at", "--reference resnet18"),
    (["scale", "mobilenet", "--by", "alpha"], "version, resolution open", "--set resolution="),
    (["search", "vgg", "--trials"], "--trials needs a value", "--trials VALUE"),
    (["search", "vgg", "--json=3"], "--json takes no value", "type --json"),
    (["search"], "nas search needs SPACE", "nas space list"),
    (["search", "vgg", "more"], "nas search does not take 'more'", "type nas search SPACE"),
    (["trial", "s", "x"], "N x: it is a whole number", "such as 2"),
    (["space", "profile", "vgg", "--samples", "0"], "--samples 0", "must be greater than or equal to 1"),
    (["space", "samle"], "unknown command 'samle'", "did you mean 'sample'"),
    (["serach"], "unknown command 'serach'", "did you mean 'search'"),
    (["cost", "vgg"], "convs", "--set convs="),
    (["cost", "efficientnet-scaling", "--set", "alpha=7", "--set", "beta=1.1"], "alpha = 7", "from 1 to 2"),
]


def refused(done: "subprocess.CompletedProcess[str]", *said: str, code: int = 2) -> None:
    """One message, an exit code, no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("nas: ")
    assert done.stderr.count("\n") == 1
    for text in said:
        assert text in done.stderr


@pytest.mark.parametrize(("words", "what", "advice"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_a_mistake_is_one_message(nas_here: Nas, words: list[str], what: str, advice: str) -> None:
    refused(nas_here(*words), what, advice)


def test_a_mistake_shows_no_traceback_in_a_process_of_its_own(nas: Nas) -> None:
    refused(nas(*MISTAKES[0][0]), *MISTAKES[0][1:])


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("c1", ["v1", "r1", "e1"], ""),
        ("CMAES", ["cmaes", "grid"], "; did you mean 'cmaes'?"),
        ("vgg-1", ["vgg-2", "VGG-1"], "; did you mean 'VGG-1'?"),
        ("vgg-1", ["VGG-1", "vgg-2", "lenet-1"], "; did you mean 'VGG-1' or 'vgg-2'?"),
        ("ss", ["s"], "; did you mean 's'?"),
    ],
)
def test_near_matches_are_near_and_fewer_than_all(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known) == said


def test_an_unknown_command_has_near_matches(nas_here: Nas) -> None:
    done = nas_here("serach")
    assert done.returncode == 2
    assert "search" in done.stderr


@pytest.fixture
def studied(nas_here: Nas) -> Nas:
    """`nas` with a finished study `s` of four trials."""
    words = ("search", "vgg", *QUICK, "--trials", "4", "--study", "s", "--no-compare")
    assert nas_here(*words).returncode == 0
    return nas_here


def test_studies_and_trials_that_are_not_there(studied: Nas) -> None:
    refused(studied("resume", "t"), "no study called 't'", "known are s")
    refused(studied("show", "ss"), "did you mean 's'")
    refused(studied("trial", "s", "9"), "9", "trials 1 to 4", "nas trials s")
    refused(studied("trials", "s", "--state", "done"), "nas: --state: unknown state 'done'")
    refused(studied("trials", "s", "--state", "complet"), "did you mean 'complete'?")
    refused(studied("resume", "s", "--trials", "4"), "'4'", "--trials +24")
    refused(studied("resume", "s", "--trials", "+2147483647"), "a budget of 2147483651", "2,147,483,647")
    refused(studied("trials", "s", "--limit", "9" * 25), "--limit 999", "from 1 to")
    refused(studied("trials", "s", "--limit", "0"), "--limit 0", "from 1 to")
    refused(studied("trial", "s", "9" * 25), "trial 999", "from 1 to")
    refused(studied("best", "s", "-n", "-3"), "--count -3", "from 1 to")


def test_the_same_study_is_joined_and_another_refused(studied: Nas) -> None:
    again = studied("search", "vgg", *QUICK, "--trials", "4", "--study", "s", "--no-compare")
    assert again.returncode == 0, again.stderr
    changes = ("--seed", "3", "--recipe", "epochs=9", "--trials", "6")
    other = studied("search", "vgg", *QUICK, "--study", "s", *changes)
    refused(other, "seed: 0 in the study, 3 asked for", "epochs", "trials: 4", "nas resume s")
    rows = json.loads(studied("trials", "s", "--json").stdout)
    assert len(rows) == 4


def test_another_artifact_root_is_another_study(studied: Nas, tmp_path: Path) -> None:
    words = ("search", "vgg", *QUICK, "--trials", "4", "--study", "s", "--no-compare")
    said = f"artifacts: file://{tmp_path}/nas-data/artifacts in the study, file://{tmp_path}/b asked for"
    refused(studied(*words, "--artifacts", "b"), said, "nas resume s")
    assert studied(*words, "--artifacts", "nas-data/artifacts").returncode == 0


def test_a_constraint_that_nothing_satisfies(nas_here: Nas, tmp_path: Path) -> None:
    text = (ROOT / "search_spaces" / "vgg.yaml").read_text()
    text += '\nconstraints: ["params < 10"]\n'
    file = tmp_path / "tight.yaml"
    file.write_text(text)
    taken = nas_here("search", "tight.yaml", *QUICK)
    refused(taken, "tight.yaml:8: space: 'vgg' is the name of a shipped space", "such as `space: my-vgg`")
    file.write_text(text.replace("space: vgg", "space: tight"))
    barren = nas_here("search", "tight.yaml", *QUICK)
    refused(barren, "none of 540 random networks obeys all rules of tight: 'params < 10' refuses 540 of them")
    assert nas_here("studies", "--json").stdout.strip() == "[]"


def test_an_objective_that_the_evaluator_does_not_give(nas_here: Nas) -> None:
    """The evaluator would go on for ever: the first epoch ends it."""
    refused(
        nas_here("search", "vgg", "--evaluator", "python:tests.cli.evaluators.loss", "--engine", "inline"),
        "the evaluator gave no metric 'error': its metrics are loss",
        code=1,
    )
    (row,) = json.loads(nas_here("trials", "vgg-1", "--json").stdout)
    assert (row["state"], row["cause"]) == ("failed", "error")


def test_trials_that_never_end_are_stopped_by_their_time(nas_here: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.held", "--engine", "inline")
    done = nas_here("search", "vgg", *words, "--timeout-per-trial", "0.05")
    alike = "5 trials in a row (1, 2, 3, 4, 5) failed alike: timeout: took 0."
    refused(done, alike, "longer than its 0.05 s", code=1)


def test_an_evaluator_that_always_fails(nas_here: Nas) -> None:
    words = ("--evaluator", "python:tests.cli.evaluators.broken", "--engine", "inline")
    done = nas_here("search", "vgg", *words)
    assert done.returncode == 1
    assert "5 trials in a row" in done.stderr
    assert "KeyError: 'no such luck'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_of_a_newer_version(studied: Nas, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "nas-data" / "nas.db") as connection:
        connection.execute("UPDATE nas_alembic_version SET version_num = '9999'")
    refused(studied("show", "s"), "9999", "newer")


def test_a_file_that_is_no_database(nas_here: Nas, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("all work and no play " * 1000)
    refused(nas_here("search", "vgg", *QUICK, "--store", "text.db"), "text.db", "not a database")


WIDE = """
space: wide
about: Many points.
parameters: {width: {int: [1, 5000]}}
architecture:
  - conv: {out: =width, kernel: 3}
  - relu
  - global_avg_pool
  - linear: {out: =input.classes}
training: {epochs: 1}
"""


def test_a_full_disk(nas: Nas, tmp_path: Path) -> None:
    """The message says what to do, and what was stored before can be gone on with."""
    (tmp_path / "mnt").mkdir()
    mount = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=600k tmpfs mnt"]
    if not shutil.which("unshare") or subprocess.run(mount, cwd=tmp_path, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    (tmp_path / "wide.yaml").write_text(WIDE)
    main = f'{sys.executable} -c "import sys; from nas.cli import main; sys.exit(main())"'
    script = f"""
    mount -t tmpfs -o size=600k tmpfs mnt
    {main} search wide.yaml {" ".join(QUICK)} --trials 400 --study s --no-compare \
        --sampler random --store mnt/nas.db --artifacts file://{tmp_path}/a > out 2> err; echo $? > code
    cp mnt/nas.db* .
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(["unshare", "-rm", "sh", "-c", script], cwd=tmp_path, env=environment, check=True)
    said = (tmp_path / "err").read_text()
    assert (tmp_path / "code").read_text().strip() == "1", said
    assert "disk is full" in said
    assert "nas resume s" in said
    assert "Traceback" not in said
    kept = json.loads(nas("trials", "s", "--store", "nas.db", "--json").stdout)
    assert 0 < len(kept) < 400
    assert (tmp_path / "out").read_text().count(" complete ") <= len(kept)
