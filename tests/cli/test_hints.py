"""What commands say of a study, and what they say to type next."""

from dataclasses import replace

import pytest

from nas.cli.answer import Again, resuming
from nas.records import Ending, TrialState
from nas.service.engines import EngineOptions
from nas.service.specify import SearchOptions, specify
from nas.service.studies import TrialView, start, trial
from nas.store import open_store
from tests.conftest import Nas

INLINE = ("--engine", "inline", "--no-compare")
QUICK = ("--evaluator", "python:tests.cli.evaluators.quick", *INLINE)
BOTH = ("--objective", "error", "--objective", "macs")
TRADED = ("--evaluator", "python:tests.cli.evaluators.traded", *BOTH, *INLINE)


def test_a_resume_has_the_slots_of_the_search(nas_here: Nas) -> None:
    assert resuming("s", Again(EngineOptions(engine="simulated", workers=3)), 5) == (
        "nas resume s --trials +5 --engine simulated --workers 3"
    )
    assert resuming("s", Again(EngineOptions())) == "nas resume s"
    done = nas_here("search", "vgg", *QUICK, "--trials", "2")
    assert "nas resume vgg-1 --trials +2 --engine inline --no-compare" in done.stdout


def test_a_cost_that_is_the_objective_is_said_once(nas_here: Nas) -> None:
    done = nas_here("search", "vgg", "--evaluator", "cost", "--objective", "macs", *INLINE, "--trials", "2")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Best: ")]
    assert line.count("macs") == 1
    assert line.endswith(" params")


def test_a_study_under_way_is_not_to_be_resumed(nas_here: Nas) -> None:
    with open_store() as store:
        start(store, specify(SearchOptions(space="lenet")), "s", 2)
    assert nas_here("studies").stdout.endswith("Next: nas show STUDY\n")
    shown = nas_here("show", "s").stdout
    assert "no trials yet; starting" in shown
    assert "Next: nas show s" in shown
    assert "Next: nas trials s" in nas_here("trials", "s").stdout


def test_where_nothing_is_left_no_more_trials_are_advised(nas_here: Nas) -> None:
    few = ("--set", "batch_norm=false", "--set", "stages=2")
    done = nas_here("search", "vgg", *QUICK, "--trials", "30", *few)
    assert Ending.EXHAUSTED.value in done.stdout
    assert "Nothing is left to try" in done.stdout
    assert "--trials +" not in done.stdout


def test_states_that_no_trial_has_and_plain_values(nas_here: Nas) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "2").returncode == 0
    assert nas_here("trials", "vgg-1", "--state", "failed").stdout.startswith("No trial of vgg-1 is failed.")
    for words in (("trials", "vgg-1"), ("best", "vgg-1")):
        assert "[0." not in nas_here(*words).stdout


def test_fronts_say_why_nothing_is_dominated_and_print_whole_costs(nas_here: Nas) -> None:
    assert nas_here("search", "vgg", *TRADED, "--trials", "3").returncode == 0
    said = nas_here("pareto", "vgg-1", "--reference", "error=1,macs=1").stdout
    assert "No trial of the front is better than this point" in said
    assert "No trial" not in nas_here("pareto", "vgg-1", "--reference", "error=1,macs=1G").stdout
    row = nas_here("pareto", "vgg-1", "--csv").stdout.splitlines()[1]
    assert row.split(",")[2].isdigit()


def test_a_stopped_trial_says_by_what(nas_here: Nas, monkeypatch: pytest.MonkeyPatch) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "2").returncode == 0
    with open_store(None, create=False) as store:
        found = trial(store, "vgg-1", 1)
    pruned = replace(found.trial, state=TrialState.PRUNED)
    seen = TrialView(pruned, found.curve, found.attempts, "median")
    monkeypatch.setattr("nas.service.studies.trial", lambda *_: seen)
    assert "stopper median ended it after epoch 1" in nas_here("trial", "vgg-1", "1").stdout
