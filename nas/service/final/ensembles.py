"""`nas ensemble`: the averaged probabilities of a study's best networks, beside the best of them alone.

Members are chosen by validation, and so is the one that they have to beat. Source: Lakshminarayanan, Pritzel
& Blundell 2017, arXiv:1612.01474.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import numpy as np

from nas.errors import NasError
from nas.records import TrialState
from nas.service.final.baselines import Say
from nas.service.final.intervals import Paired
from nas.service.final.looks import Tested, compared, disagreement, error, look, scores, tested, told
from nas.service.final.testing import answers, looks, measured, named, see
from nas.service.final.training import origin
from nas.service.networks import beyond
from nas.service.pareto import nothing_yet
from nas.service.trained import Trained, trained
from nas.service.values import bounded
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow
from nas.store.tested import TestRow

TOP = 5
MOST = 100
"""Members: their numbers are the name of the record, and a key of PostgreSQL has at most 2,704 bytes."""


@dataclass(frozen=True)
class Ensemble:
    """Networks that vote with their probabilities."""

    study: str
    data: str
    members: list[Tested]
    """Each by itself, the best on validation first."""
    tested: Tested
    """All together."""
    best: int
    """Number of the single trial that validation would have chosen."""
    gain: Paired
    """That trial's error minus the ensemble's, on the same images: above 0 the ensemble is better."""
    disagreement: float
    """The share of images that two members take for different classes; mean over all pairs."""
    disagreements: list[list[float]]
    """Of each pair of members, in their order."""
    params: int
    macs: int
    """Of all members together: what an answer costs."""
    skipped: list[int]
    """Better trials of which no weights are kept."""
    fresh: bool
    """Whether the test set was seen now; else all this was recorded before."""
    looks: int
    """Networks and ensembles of the study that have seen the test set."""
    measured: dict[int, float]
    """Validation error of its members as training measured it, in its own precision."""


def ensemble(store: Store, name: str, top: int = TOP, *, say: Say = lambda text: None) -> Ensemble:
    """The ensemble of the `top` trials with the lowest validation error of which weights are kept.

    It is tested once, as its members are; asked again, what was recorded is told.

    Raises:
        NasError: fewer than two such trials, or there is no test part.
    """
    bounded(top, "--top", low=2, high=MOST)
    row = store.study(name)
    members, skipped = _members(store, row, top)
    numbers = [each.trial.number for each in members]
    what = " ".join(["ensemble", *map(str, numbers)])
    known = store.test(row.id, what)
    together = known or _together(store, row, what, members, say)
    rows = [store.test(row.id, named(one.trial.number)) or see(store, one) for one in members]
    apart = [[disagreement(one, other) for other in rows] for one in rows]
    return Ensemble(
        study=name,
        data=row.spec.data,
        members=[tested(each) for each in rows],
        tested=tested(together),
        best=numbers[0],
        gain=compared(rows[0], together),
        disagreement=fmean(apart[i][j] for i, j in combinations(range(len(rows)), 2)),
        disagreements=apart,
        params=sum(each.architecture.cost.params for each in members),
        macs=sum(each.architecture.cost.macs for each in members),
        skipped=skipped,
        fresh=known is None,
        looks=looks(store, row),
        measured=measured(store, row, numbers),
    )


def where_possible(store: Store, name: str) -> str | None:
    """The study whose networks can vote: this one, else the search that it trains a network of; or none."""
    row = store.study(name)
    found = origin(store, row)
    for each in (name, *([found[0]] if found else [])):
        with suppress(NasError):
            _members(store, store.study(each), 2)
            return each
    return None


def _members(store: Store, row: StudyRow, top: int) -> tuple[list[Trained], list[int]]:
    """The members, and the numbers of better trials that have no weights any more."""
    complete = store.trials(row.id, states=[TrialState.COMPLETE])
    ranked = sorted((t for t in complete if "error" in t.metrics and not beyond(row, t)), key=_rank)
    if not complete:
        raise nothing_yet(row.name)
    found: list[Trained] = []
    skipped: list[int] = []
    for trial in ranked:
        if len(found) == top:
            break
        one = trained(store, row.name, trial.number)
        if one.has_weights:
            found.append(one)
        else:
            skipped.append(trial.number)
    if len(found) < 2:
        raise NasError(_too_few(row, len(found), complete))
    return found, skipped


def _rank(trial: TrialRow) -> tuple[float, int]:
    return trial.metrics["error"], trial.number


def _too_few(row: StudyRow, found: int, complete: Sequence[TrialRow]) -> str:
    many = f"weights of {found} of its {len(complete)} complete trials are kept"
    again = (
        f"type nas train {row.name} {complete[0].number} --seeds {TOP}, and make an ensemble of that study"
    )
    return f"an ensemble of study {row.name!r} needs two trained networks, but {many}; {again}"


def _together(store: Store, row: StudyRow, what: str, members: Sequence[Trained], say: Say) -> TestRow:
    """Average the members' probabilities, and record what they tell."""
    from workers.final.outputs import Outputs

    sums: dict[str, Outputs] = {}
    for one in members:
        say(f"asking trial {one.trial.number} of {row.name}")
        found = answers(one)
        see(store, one, found)
        for part, mine in found.items():
            so_far = sums[part].log_probabilities if part in sums else np.float32(-np.inf)
            sums[part] = Outputs(mine.labels, np.logaddexp(so_far, mine.log_probabilities))
    valid, test = (
        Outputs(sums[part].labels, sums[part].log_probabilities - np.float32(np.log(len(members))))
        for part in ("valid", "test")
    )
    made = look(
        what,
        test.labels,
        told(test),
        test.log_probabilities.shape[1],
        valid_error=error(valid),
        scores=scores(test),
        about={"members": [one.trial.number for one in members]},
    )
    store.record_test(row.id, made)
    return store.test(row.id, what) or made
