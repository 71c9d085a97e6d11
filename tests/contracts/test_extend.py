"""A study that has ended is extended from another process, on a host of another name: it goes on as if its
budget had been the larger one from the beginning."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nas.records import Ending, Objective, TrialState
from nas.search.driver import drive
from nas.search.study import Study
from nas.store import open_store
from tests.search.spaces import spec_of, tiny
from tests.store.stores import postgres_url, sqlite_url
from workers.slots.inline import InlineSlots

__all__ = ["postgres_url", "sqlite_url"]

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"auto": (8, 4), "tpe": (12, 6), "nsga2": (20, 16)}
"""Trials before and after: beyond the random start of each, and of one generation."""

AIMS = {
    "auto": (Objective("error"),),
    "tpe": (Objective("error"),),
    "nsga2": (Objective("error"), Objective("macs")),
}


def created(url: str, sampler: str, budget: int, stopper: str = "none") -> None:
    """A study that has not begun."""
    evaluator = "python:tests.cli.evaluators.curved"
    spec = spec_of(tiny(), sampler=sampler, evaluator=evaluator, objectives=AIMS[sampler], stopper=stopper)
    with open_store(url) as store:
        store.create_study("s", spec, budget, "memory://s")


def go(url: str) -> Ending:
    """Drive it in this process."""
    with open_store(url) as store:
        return drive(Study(store, "s"), InlineSlots()).ending


def elsewhere(*words: str) -> subprocess.CompletedProcess[str]:
    """`nas …` in another process; where that is allowed, on a host of another name."""
    command = [sys.executable, "-c", "from nas.cli import main; main()", *words]
    if os.geteuid() == 0:
        command = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh", *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def rows(url: str) -> list[tuple[Any, ...]]:
    """What makes a trial what it is."""
    with open_store(url) as store:
        found = store.trials(store.study("s").id)
    return [(t.number, t.state, t.point, t.key, t.draw, t.attributes, t.values) for t in found]


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
@pytest.mark.parametrize(("sampler", "stopper"), [("auto", "none"), ("tpe", "median"), ("nsga2", "none")])
def test_an_extended_study_goes_on_as_one_with_that_budget(
    kind: str, sampler: str, stopper: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole, url = f"sqlite:///{tmp_path}/whole.db", request.getfixturevalue(kind)
    first, more = SIZES[sampler]
    created(whole, sampler, first + more, stopper)
    assert go(whole) is Ending.FINISHED
    created(url, sampler, first, stopper)
    assert go(url) is Ending.FINISHED
    words = ("s", "--trials", f"+{more}", "--engine", "inline", "--no-compare", "--store", url)
    done = elsewhere("resume", *words)
    assert done.returncode == 0, done.stderr
    found = rows(url)
    assert found == rows(whole)
    assert len({row[4] for row in found}) == first + more, "a draw became two trials"
    assert (stopper == "none") == all(row[1] is TrialState.COMPLETE for row in found)


def test_a_driver_elsewhere_is_one_of_another_host(sqlite_url: str) -> None:
    created(sqlite_url, "tpe", 2)
    assert go(sqlite_url) is Ending.FINISHED
    words = ("s", "--trials", "+1", "--engine", "inline", "--no-compare", "--store", sqlite_url)
    assert elsewhere("resume", *words).returncode == 0
    with open_store(sqlite_url) as store:
        hosts = {driver.host.split("/")[0] for driver in store.drivers(store.study("s").id)}
    assert len(hosts) == (2 if os.geteuid() == 0 else 1)
