"""No trial is wasted, however tight the budget: `nice python -m tests.benchmarks.waste [TRIALS] [SPACE …]`.

Every space is searched under limits on macs and params that fewer than one uniform draw in a hundred keeps.
Then every trial is priced again: none breaks a limit, none trains what another one has trained. Spaces with
fewer points than trials end as exhausted, with all of them tried. The evaluator is `cost`, so that what is
left is the price of refusing.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

import nas
from nas.errors import InfeasibleError
from nas.records import Ending, Objective, StudySpec, TrialState
from nas.search.driver import drive
from nas.search.study import Study
from nas.space.load import shipped_names
from nas.space.space import Space
from nas.store import open_store
from nas.store.rows import TrialRow
from workers.slots.inline import InlineSlots

TRIALS = 2000
PROBES = 3000
"""Uniform draws by which the limits are set."""

SHARE = 0.008
"""How many of them keep the limits."""

COMPLETE = TrialState.COMPLETE
MOST = 0.01
COSTS = ("macs", "params")


@dataclass(frozen=True)
class Waste:
    """What a study under tight limits has done."""

    space: str
    limits: list[str]
    uniform: float
    """The share of uniform draws that keep the limits."""
    trials: int
    ending: str
    detail: str
    refused: int
    duplicates: int
    """Refused, not trained."""
    infeasible_trained: int
    trained_twice: int
    seconds: float


def limited(space: Space) -> tuple[Space, list[str], float]:
    """The space under the tightest limits, equal in rank, that `SHARE` of uniform draws keep."""
    rng, found = np.random.default_rng(0), []
    for _ in range(PROBES):
        try:
            cost = space.architecture(space.draw(rng)).cost
            found.append([cost.macs, cost.params])
        except InfeasibleError:
            continue
    costs = np.array(found)
    ends = [(sign, *_tight(sign * costs)) for sign in (1, -1)]  # the cheap end, else the dear one
    sign, bounds, share = next((end for end in ends if 0 < end[2] < MOST), ends[0])
    limits = dict(zip(COSTS, (sign * int(bound) for bound in bounds), strict=True))
    rules = [f"{name} {'<=' if sign > 0 else '>='} {bound}" for name, bound in limits.items()]
    raw = {**space.raw, "constraints": [*space.raw.get("constraints", ()), *rules]}
    return Space(raw, space.where, data=space.data), rules, share


def _tight(costs: Any) -> tuple[Any, float]:
    """Upper bounds of equal rank that `SHARE` of the rows keep, fewer where many are alike; and how many."""
    columns = np.sort(costs, axis=0)
    ranks = np.stack([np.searchsorted(columns[:, i], costs[:, i], "right") for i in (0, 1)], axis=1)
    rank = int(np.sort(ranks.max(axis=1))[int(SHARE * len(costs))])
    while True:
        bounds = columns[rank - 1]
        share = float((costs <= bounds).all(axis=1).mean()) if rank else 0.0
        if share < MOST or rank <= 1:
            return (bounds, share) if share < MOST else (columns[0] - 1, 0.0)
        rank -= 1


def waste(name: str, trials: int = TRIALS, sampler: str = "random") -> Waste:
    """Search one space, and price again what was trained."""
    space, limits, share = limited(nas.load_space(name))
    spec = StudySpec(
        space=space.document,
        data="digits",
        recipe=space.training,
        evaluator="cost",
        objectives=(Objective("macs"),),
        sampler=sampler,
    )
    begun = time.process_time()
    with open_store("sqlite://") as store:
        row = store.create_study("waste", spec, trials, "memory://waste")
        ended = drive(Study(store, "waste"), InlineSlots())
        rows, refused = store.trials(row.id), store.refusals(row.id)
    return Waste(
        name,
        limits,
        share,
        len(rows),
        ended.ending.value,
        ended.detail,
        sum(refused.values()),
        refused.get("duplicate", 0),
        sum(_breaks(space, trial) for trial in rows),
        len(rows) - len({_training(space, trial) for trial in rows}),
        time.process_time() - begun,
    )


def _breaks(space: Space, trial: TrialRow) -> bool:
    """Whether a trial should not have been: its own price, not the stored one, says so."""
    try:
        return space.architecture(trial.point).cost.macs != trial.macs or trial.state is not COMPLETE
    except InfeasibleError:
        return True


def _training(space: Space, trial: TrialRow) -> str:
    """All that its result depends on."""
    return f"{space.architecture(trial.point).arch_id} {sorted(space.recipe(trial.point).items())}"


def main() -> None:
    """All spaces; ends with 1 if anything was wasted."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    names = [word for word in sys.argv[1:] if not word.isdigit()] or shipped_names()
    wrong = 0
    for name in names:
        found = waste(name, numbers[0] if numbers else TRIALS)
        drawn = found.trials + found.refused
        wrong += found.infeasible_trained + found.trained_twice
        print(
            f"{found.space:21} uniform {100 * found.uniform:4.2f} %  {found.trials:5,} trials of "
            f"{drawn:9,} draws ({100 * found.trials / max(1, drawn):6.2f} %)  infeasible "
            f"{found.infeasible_trained}  twice {found.trained_twice}  {found.ending:9} "
            f"{found.seconds:6.1f} s  {found.detail if found.ending == Ending.EXHAUSTED else ''}",
            flush=True,
        )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
