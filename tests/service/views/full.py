"""A study for the tests of views: trials in all states, of a real space, with curves and causes."""

from pathlib import Path

from nas.records import Cause, Objective, TrialState
from nas.store import Store
from tests.search.spaces import conditional, spec_of
from tests.search.test_optuna_store import points
from tests.store.makers import outcome, report

S = TrialState
AIMS = (Objective("error"), Objective("score", minimize=False))
SPEC = spec_of(conditional(), objectives=AIMS)
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: <b>no</b> such loss'


def fill(store: Store, folder: Path, name: str = "s") -> int:
    """Trials 1 to 8 complete (4 has told no number), 9 pruned, 10 failed, 11 and 12 running, 13 queued; its
    driver's id."""
    study = store.create_study(name, SPEC, 20, str(folder)).id
    driver = store.start_driver(study, "node-1/boot/7", 7, 3600)
    found = points(conditional(), SPEC, 13)
    store.claim(study, driver, found[:12])
    store.enqueue(study, found[12:])
    store.report(study, driver, [report(n, e, 1 / e) for n in range(1, 12) for e in (1, 2)])
    ends = [
        outcome(n, values=(error(n), float(n % 3)), metrics={"error": error(n), "loss": float(n % 4)})
        for n in range(1, 9)
    ]
    ends += [
        outcome(9, state=S.PRUNED, values=(0.9, 0.0), metrics={}, worker="node-2"),
        outcome(10, state=S.FAILED, values=(), metrics={}, cause=Cause.ERROR, message=TRACE),
    ]
    store.tell(study, driver, ends)
    return driver


def error(number: int) -> float:
    """Of a complete trial."""
    return float("nan") if number == 4 else (number * 7 % 5) / 10
