"""One seed, one driver, one slot: the same trials, however often and however rudely the driver is stopped."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nas.records import Ending, Objective
from nas.search.driver import drive
from nas.search.events import DriverEvent, TrialStarted
from nas.search.interrupts import Interrupts
from nas.search.samplers import SAMPLERS
from nas.search.study import Study
from nas.store import open_store
from tests.search.playing import able, early, slow
from tests.search.spaces import spec_of, tiny
from workers.slots.inline import InlineSlots

FORK = multiprocessing.get_context("fork")
SPACE = tiny(constraints=["params <= 1000"])
"""One point in four keeps the rule; a sampler that learns is refused less often."""

SLOW = ("auto", "gp", "tpe")
"""Samplers that take longer than a few seconds here."""

NAMES = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
    for name in SAMPLERS.names()
    if able(name, SPACE)
]


def budget(name: str) -> int:
    """Past the random start of every sampler: that of evolution is 24."""
    return 12 if early(name) else 30


def created(url: str, name: str, **changes: Any) -> str:
    """A store with a study that has not begun."""
    spec = spec_of(SPACE, sampler=name, evaluator="cost", objectives=(Objective("macs"),), **changes)
    with open_store(url) as store:
        store.create_study("s", spec, budget(name), "memory://s")
    return url


def go(url: str, interrupts: Interrupts | None = None, listener: Any = None) -> Ending:
    """Drive it."""
    with open_store(url) as store:
        ended = drive(Study(store, "s"), InlineSlots(), interrupts=interrupts, listener=listener)
    return ended.ending


def rows(url: str) -> list[tuple[Any, ...]]:
    """All that a trial is and has told, but not how many attempts it took."""
    with open_store(url) as store:
        found = store.trials(store.study("s").id)
    return [(t.number, t.state, t.point, t.key, t.seed, t.draw, t.attributes, t.values) for t in found]


def drawn(url: str) -> tuple[tuple[int, int], dict[str, int]]:
    """Draws that were accepted and refused, and the refusals by reason."""
    with open_store(url) as store:
        study_id = store.study("s").id
        return store.drawn(study_id), store.refusals(study_id)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """What a study finds that nothing stops, and its draws; each is run once."""

    @cache
    def whole(name: str, repeat: int = 1) -> tuple[list[tuple[Any, ...]], Any]:
        url = created(f"sqlite:///{tmp_path_factory.mktemp('whole')}/whole.db", name, repeat=repeat)
        assert go(url) is Ending.FINISHED
        return rows(url), drawn(url)

    return whole


def killed(what: Callable[[], object], after_s: float | None = None) -> None:
    """Run something in a process that gets SIGKILL after a while, or kills itself."""
    process = FORK.Process(target=what)
    process.start()
    if after_s is not None:
        time.sleep(after_s)
        process.kill()
    process.join()


@pytest.mark.parametrize("name", NAMES)
def test_twice_from_one_seed_and_stopped_in_between(
    name: str, undisturbed: Callable[..., Any], tmp_path: Path
) -> None:
    whole, counts = undisturbed(name)
    assert len(whole) == budget(name)
    url = created(f"sqlite:///{tmp_path}/broken.db", name)
    for _ in range(budget(name)):
        if go(url, interrupts := Interrupts(), Presses(interrupts, 7)) is Ending.FINISHED:
            break
    assert rows(url) == whole
    assert drawn(url) == counts


class Presses:
    """Ctrl-C after so many trials have started; every other time twice, which puts the trial back."""

    turns = 0

    def __init__(self, interrupts: Interrupts, after: int) -> None:
        self.interrupts, self.after = interrupts, after
        Presses.turns += 1

    def on_event(self, event: DriverEvent) -> None:
        """Count, and press."""
        if isinstance(event, TrialStarted):
            self.after -= 1
            if self.after == 0:
                self.interrupts.count += 1 + Presses.turns % 2


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_random_moments(name: str, undisturbed: Callable[..., Any], tmp_path: Path) -> None:
    whole, (accepted, _) = undisturbed(name)
    url, chance = created(f"sqlite:///{tmp_path}/broken.db", name), random.Random(name)
    for _ in range(3 if slow(name) else 6):
        killed(lambda: go(url), chance.uniform(0.05, 0.25))
    assert go(url) is Ending.FINISHED
    assert rows(url) == whole
    assert drawn(url)[0][0] == accepted[0]


@pytest.mark.parametrize("repeat", [1, 3])
@pytest.mark.parametrize("name", ["random", pytest.param("tpe", marks=pytest.mark.slow)])
def test_killed_between_a_draw_and_its_claim_and_between_claim_and_result(
    name: str, repeat: int, undisturbed: Callable[..., Any], tmp_path: Path
) -> None:
    whole, counts = undisturbed(name, repeat)
    url = created(f"sqlite:///{tmp_path}/broken.db", name, repeat=repeat)

    def dies(claims: bool) -> None:
        with open_store(url) as store:
            study = Study(store, "s")
            study.join()
            if not study.claim_queued(1):
                while not study.proposer.prepared:
                    study.proposer.prepare(1)
                if claims:
                    study.claim(1)
            os.kill(os.getpid(), signal.SIGKILL)

    for turn in range(6):
        killed(lambda turn=turn: dies(turn % 3 > 0))  # type: ignore[misc]
        if turn % 2:
            go(url, interrupts := Interrupts(), Presses(interrupts, 3))
    assert go(url) is Ending.FINISHED
    assert rows(url) == whole
    assert drawn(url)[0][0] == counts[0][0]
