"""A study of Optuna's as trials of ours, where its points are points of our space."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState as OptunaState

from nas.errors import InfeasibleError, NasError
from nas.records import Metrics, TrialState
from nas.search.optuna_storage import choice, directions
from nas.search.outcome import missing_metric
from nas.search.refuse import DUPLICATE, Pricer
from nas.search.samplers import Proposal
from nas.space.domains import Choice, Domain
from nas.space.schema import frozen_value
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Adopted, Candidate, StudyRow

BATCH = 200
"""Trials of one transaction."""

ENDED = {OptunaState.COMPLETE: TrialState.COMPLETE, OptunaState.PRUNED: TrialState.PRUNED}


@dataclass(frozen=True)
class Imported:
    """What an import has done."""

    study: str
    """The name of Optuna's study."""
    added: int
    refused: dict[str, int]
    """Reason -> number of trials that are not here for it, the commonest first."""


class RefusedError(Exception):
    """A trial of Optuna's that cannot be one of ours; the reason, short, so that it can be counted."""


def adopt(store: Store, row: StudyRow, driver_id: int, study: optuna.Study) -> Imported:
    """Take over all trials that the study does not have yet."""
    _check_aims(row, study)
    reader, refused, added = _Reader(store, row, study.study_name), Counter[str](), 0
    for some in _batches(study.get_trials(deepcopy=False), BATCH):
        found = [adopted for trial in some if (adopted := _attempt(reader, trial, refused)) is not None]
        numbers = store.adopt(row.id, driver_id, found)
        added += sum(number is not None for number in numbers)
        refused[DUPLICATE] += sum(number is None for number in numbers)
    return Imported(study.study_name, added, {why: num for why, num in refused.most_common() if num})


def _batches(trials: Iterable[FrozenTrial], size: int) -> Iterator[list[FrozenTrial]]:
    source = iter(trials)
    while some := list(islice(source, size)):
        yield some


def _attempt(reader: "_Reader", trial: FrozenTrial, refused: Counter[str]) -> Adopted | None:
    try:
        return reader.read(trial)
    except (RefusedError, InfeasibleError) as error:
        refused[getattr(error, "reason", str(error))] += 1
        return None


def _check_aims(row: StudyRow, study: optuna.Study) -> None:
    ours, theirs = directions(row.spec.objectives), study.directions
    if ours != theirs:
        there, here = (", ".join(each.name.lower() for each in some) for some in (theirs, ours))
        named = ",".join(f"{o.metric}:{'min' if o.minimize else 'max'}" for o in row.spec.objectives)
        raise NasError(
            f"Optuna's study {study.study_name!r} is to {there}, study {row.name!r} to {here} ({named}): "
            "import it into a study with --objective METRIC:min or METRIC:max for each, in Optuna's order"
        )


class _Reader:
    """Turns Optuna's trials into ours."""

    def __init__(self, store: Store, row: StudyRow, name: str) -> None:
        self._row, self._spec, self._name = row, row.spec, name
        self._space = Space.from_document(row.spec.space)
        self._pricer = Pricer(self._space, row.spec)
        known = store.trials(row.id)
        self._keys, self._origins = {t.key for t in known}, {t.worker for t in known}

    def read(self, trial: FrozenTrial) -> Adopted:
        """The trial; `RefusedError` or `InfeasibleError` if it cannot be."""
        if trial.state not in ENDED:
            raise RefusedError(f"{trial.state.name.lower()} in Optuna")
        worker = f"optuna:{self._name}#{trial.number}"
        if worker in self._origins:
            raise RefusedError(DUPLICATE)
        candidate = self._candidate(trial)
        curve = _curve(trial, self._spec.objectives[0].metric)
        metrics = self._metrics(trial, candidate, curve)
        values = tuple(metrics[o.metric] for o in self._spec.objectives if o.metric in metrics)
        spent = trial.duration.total_seconds() if trial.duration else 0.0
        self._keys.add(candidate.key)
        return Adopted(
            candidate=candidate,
            state=ENDED[trial.state],
            values=values,
            metrics=metrics,
            curve=curve,
            wall_s=spent,
            worker=worker,
        )

    def _candidate(self, trial: FrozenTrial) -> Candidate:
        """Its point, priced; of a network with repeats the next one."""
        point = self._point(trial.params)
        new = (c for c in self._pricer.repeats(Proposal(-1, point)) if c.key not in self._keys)
        if (found := next(new, None)) is None:
            raise RefusedError(DUPLICATE)
        return found

    def _point(self, params: Mapping[str, Any]) -> dict[str, Any]:
        asked = set[str]()

        def choose(label: str, domain: Domain) -> Any:
            if label not in params:
                raise RefusedError(f"no value for {label}")
            asked.add(label)
            return _value(label, params[label], self._space.narrowing.domains[label.partition("[")[0]])

        point = self._space.walk(choose)
        if others := sorted(params.keys() - asked):
            raise RefusedError(f"the space has no {others[0]} there")
        return self._space.validate(point)

    def _metrics(self, trial: FrozenTrial, candidate: Candidate, curve: tuple[Any, ...]) -> Metrics:
        """Those of the study's objectives, and others that an export of ours has left with it."""
        kept = trial.user_attrs.get("metrics")
        metrics = {k: v for k, v in kept.items() if _is_number(v)} if isinstance(kept, dict) else {}
        for objective, value in zip(self._spec.objectives, trial.values or (), strict=False):
            exact = candidate.cost.get(objective.metric)
            if exact is not None and not math.isclose(exact, value, rel_tol=1e-9):
                raise RefusedError(f"its {objective.metric} is not what the network's is")
            metrics[objective.metric] = value
        if trial.state is OptunaState.PRUNED and curve:
            metrics |= curve[-1][1]
        needed: list[Any] = [*self._spec.limits]
        if trial.state is OptunaState.COMPLETE and missing_metric(metrics, needed):
            raise RefusedError("no value for the metric of a limit")
        return metrics


def _curve(trial: FrozenTrial, metric: str) -> tuple[tuple[int, Metrics], ...]:
    """Its intermediate values by epoch, counted from 1."""
    steps = sorted(trial.intermediate_values.items())
    first = 1 - min(steps[0][0], 1) if steps else 0
    return tuple((step + first, {metric: value}) for step, value in steps)


def _value(label: str, value: Any, domain: Domain) -> Any:
    """A value of Optuna's as our domain has it."""
    if isinstance(domain, Choice):
        for known in domain.values:
            for name in (known, choice(known, domain)):
                if frozen_value(value) == name and isinstance(value, bool) == isinstance(name, bool):
                    return known
    elif domain.contains(value):
        return value
    raise RefusedError(f"{label} is not in its domain")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
