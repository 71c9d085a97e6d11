"""Which trials of a study keep their weights: a study must not fill the disk. Imports no torch.

Each worker that has written a trial's final weights looks through the study's folder and removes those
of trials that cannot be wanted any more. Nobody coordinates this, and nobody need: a trial loses its
weights only when so many others dominate it, which stays true whatever ends later; and those that
few dominate are removed by nobody, however little of the others each worker still sees.
"""

import functools
import json
import logging
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.errors import NasError
from nas.records import Limit, Objective
from workers.printed import LOG
from workers.states import WEIGHTS, listing, remove, remove_empty, trial_folder

logger = logging.getLogger(__name__)

TRIALS_VARIABLE = "NAS_KEEP_WEIGHTS"
LIMIT_VARIABLE = "NAS_ARTIFACTS_LIMIT"
TRIALS = 10
"""Trials of a study that keep their weights, unless said otherwise."""
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
LONGEST_HEADER = 100_000_000
"""Bytes; safetensors allows no more."""
OURS = re.compile(r"/(\d+)/(\d+)/[^/]+$")
"""NUMBER/ATTEMPT/FILE."""


@dataclass(frozen=True)
class Keep:
    """The rule: those trials stay that fewer than `trials` others dominate.

    What is beyond a limit of the study is dominated by all that is less so.
    With one objective these are the best `trials`; with several, the whole Pareto front and what lies
    close behind it. Of equal ones the earlier is better. Beyond `limit` bytes of the study's folder
    (running trials' states counted in, which always stay) the worst of these go too, but never the best.
    """

    trials: int | None = TRIALS
    """None: all."""
    limit: int | None = None
    objectives: Sequence[Objective] = (Objective("error"),)
    limits: Sequence[Limit] = ()

    @classmethod
    def from_environment(
        cls, objectives: Sequence[Objective] = (Objective("error"),), limits: Sequence[Limit] = ()
    ) -> "Keep":
        """What NAS_KEEP_WEIGHTS and NAS_ARTIFACTS_LIMIT say; raises `NasError`."""
        return cls(trials_kept(), bytes_kept(), tuple(objectives), tuple(limits))


@dataclass(frozen=True)
class _Trial:
    number: int
    values: tuple[float, ...]
    """Of the objectives, all to be minimised."""
    excess: float
    """How far it is beyond the limits; 0: it keeps them."""
    size: int
    paths: tuple[str, ...]

    @property
    def rank(self) -> tuple[float, tuple[float, ...], int]:
        """The best has the smallest."""
        return (self.excess, self.values, self.number)

    def dominates(self, other: "_Trial") -> bool:
        """Whether it is as good in all objectives and better in one, or equal and earlier."""
        if self.excess != other.excess:
            return self.excess < other.excess
        if self.values == other.values:
            return self.number < other.number
        return all(mine <= its for mine, its in zip(self.values, other.values, strict=True))


def keep_best(fs: Any, root: str, keep: Keep, but: int) -> None:
    """Remove weights below a study's folder by the rule; never of trial `but`, whose end is not told yet.

    (Were its worker to die before that, the next attempt would find nothing and train anew.)
    What cannot be read or removed is logged, no more: others may be at it in the same moment.
    """
    if keep.trials is None and keep.limit is None:
        return
    try:
        files = listing(fs, root)
        trials = list(_trials_of(fs, files, root, keep))
        weights = sum(trial.size for trial in trials)
        spare = sum(info["size"] or 0 for info in files.values()) - weights
        for trial in _unwanted(trials, keep, spare):
            if trial.number != but:
                _drop(fs, root, trial)
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot tidy up %s: %s", root, error)


def _unwanted(trials: Sequence[_Trial], keep: Keep, spare: int) -> Iterator[_Trial]:
    """Those whose weights go; `spare` bytes belong to files that stay."""
    above = _dominators(trials)
    taken = spare
    for place, trial in enumerate(sorted(trials, key=lambda t: (above[t.number], t.rank))):
        taken += trial.size
        many = keep.trials is not None and above[trial.number] >= keep.trials
        if many or (keep.limit is not None and taken > keep.limit and place > 0):
            taken -= trial.size
            yield trial


def _dominators(trials: Sequence[_Trial]) -> dict[int, int]:
    """How many trials dominate each; with one objective that is its place among all."""
    if all(len(trial.values) == 1 for trial in trials):
        ordered = sorted(trials, key=lambda trial: trial.rank)
        return {trial.number: place for place, trial in enumerate(ordered)}
    return {trial.number: sum(other.dominates(trial) for other in trials) for trial in trials}


def _trials_of(fs: Any, files: Mapping[str, Any], root: str, keep: Keep) -> Iterator[_Trial]:
    """The trials that have come to their end: those with final weights."""
    found: dict[int, dict[int, list[str]]] = {}
    for path in files:
        place = OURS.fullmatch(path.removeprefix(root.rstrip("/")))
        if place and (WEIGHTS.search(path) or path.endswith(f"/{LOG}")):
            found.setdefault(int(place[1]), {}).setdefault(int(place[2]), []).append(path)
    for number, attempts in found.items():
        paths = [path for attempt in sorted(attempts) for path in attempts[attempt]]
        last = [path for path in paths if path.endswith("/last.safetensors")]
        if last:
            stamp = json.dumps(files[last[-1]], default=str, sort_keys=True)
            metrics = _metrics(fs, last[-1], stamp)
            values, excess = _values(metrics, keep.objectives), _excess(metrics, keep.limits)
            yield _Trial(
                number, values, excess, sum(files[path]["size"] or 0 for path in paths), tuple(paths)
            )


def _values(metrics: Mapping[str, float], objectives: Sequence[Objective]) -> tuple[float, ...]:
    values = [
        (1 if objective.minimize else -1) * metrics.get(objective.metric, math.nan)
        for objective in objectives
    ]
    return tuple(math.inf if math.isnan(value) else value for value in values)


def _excess(metrics: Mapping[str, float], limits: Sequence[Limit]) -> float:
    """All that metrics lie beyond limits, added up; without one of the metrics as far as can be."""
    amounts = [
        limit.excess(metrics[limit.metric]) if limit.metric in metrics else math.inf for limit in limits
    ]
    return sum(math.inf if math.isnan(amount) else max(0.0, amount) for amount in amounts)


@functools.lru_cache(maxsize=4096)
def _metrics(fs: Any, path: str, stamp: str) -> Mapping[str, float]:
    """The last metrics in a file's header, read once for each `stamp` (size, time); none if unreadable."""
    try:
        size = int.from_bytes(fs.cat_file(path, start=0, end=8), "little")
        if size > LONGEST_HEADER:
            return {}
        header = json.loads(fs.cat_file(path, start=8, end=8 + size))
        facts = json.loads(header["__metadata__"]["nas"])
        metrics = {**facts["progress"]["metrics"], **facts.get("costs", {})}
        return {str(name): float(value) for name, value in metrics.items()}
    except Exception:  # gone meanwhile, cut off, or not ours: the worst of all
        return {}


def _drop(fs: Any, root: str, trial: _Trial) -> None:
    for path in trial.paths:
        remove(fs, path)
    remove_empty(fs, trial_folder(root, trial.number))


def trials_kept() -> int | None:
    """What NAS_KEEP_WEIGHTS says, None for all; raises `NasError`."""
    text = os.environ.get(TRIALS_VARIABLE) or str(TRIALS)
    if text == "all":
        return None
    if not text.isdecimal() or not int(text):
        raise NasError(
            f"{TRIALS_VARIABLE}={text!r}: it is the number of trials of a study that keep their weights, "
            f"from 1, or all; type e.g. export {TRIALS_VARIABLE}={TRIALS}"
        )
    return int(text)


def bytes_kept() -> int | None:
    """What NAS_ARTIFACTS_LIMIT says, None for no limit; raises `NasError`."""
    if not (text := os.environ.get(LIMIT_VARIABLE)):
        return None
    number, unit = (text[:-1], text[-1]) if text[-1] in UNITS else (text, "")
    if not re.fullmatch(r"\d+(\.\d+)?", number):
        raise NasError(
            f"{LIMIT_VARIABLE}={text!r}: it is the most bytes of a study's folder, with k, M, G or T; "
            f"type e.g. export {LIMIT_VARIABLE}=20G"
        )
    return int(float(number) * UNITS[unit])
