"""Our study as a study of Optuna's: what `optuna-dashboard` and `optuna` open."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, create_trial

from nas.errors import NasError
from nas.records import TrialState
from nas.search.bridge import STATES
from nas.search.optuna_storage import choice, directions, readable
from nas.search.outcome import excess_of
from nas.space.domains import Choice
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow

ORIGIN = "nas:study"
"""The Optuna study's attribute that says which study of ours it shows."""

NUMBER = "nas:trial"
"""The Optuna trial's attribute with the number of ours."""

ENDED = {**STATES, TrialState.FAILED: optuna.trial.TrialState.FAIL}
del ENDED[TrialState.RUNNING]

EXACT = 2**53
"""Whole numbers from here on are written as words: not every reader of JSON knows them."""


@dataclass(frozen=True)
class Exported:
    """What an export has done."""

    study: str
    """The Optuna study's name."""
    added: int
    known: int
    """Trials that were there from an earlier export."""
    left: dict[str, int]
    """State -> number of trials that Optuna has no word for, or that have not ended yet."""


def export(store: Store, row: StudyRow, storage: BaseStorage, name: str) -> Exported:
    """Add the study's ended trials that the Optuna study of that name does not have yet."""
    study = _created(storage, row, name)
    space, curves = Space.from_document(row.spec.space), store.curves(row.id)
    known = {trial.user_attrs.get(NUMBER) for trial in study.get_trials(deepcopy=False)}
    added, left = 0, dict[str, int]()
    for trial in store.trials(row.id):
        if trial.state not in ENDED:
            left[trial.state.value] = left.get(trial.state.value, 0) + 1
        elif trial.number not in known:
            study.add_trial(_frozen(trial, row, space, dict(curves.get(trial.number, ()))))
            added += 1
    return Exported(name, added, len(known - {None}), left)


def _created(storage: BaseStorage, row: StudyRow, name: str) -> optuna.Study:
    """The Optuna study, new or of an earlier export of the same study of ours."""
    origin = {"name": row.name, "created_s": row.created_s}
    aims = directions(row.spec.objectives)
    if name not in [each.study_name for each in storage.get_all_studies()]:
        study = optuna.create_study(storage=storage, study_name=name, directions=aims)
        study.set_user_attr(ORIGIN, origin)
        study.set_user_attr("space", row.spec.space_name)
        for key in ("data", "evaluator", "sampler", "stopper", "seed"):
            study.set_user_attr(key, getattr(row.spec, key))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names([objective.metric for objective in row.spec.objectives])
        return study
    study = optuna.load_study(study_name=name, storage=storage)
    if study.user_attrs.get(ORIGIN) != origin:
        raise NasError(
            f"Optuna's storage has a study {name!r} already, and not of this one: type --name OTHER"
        )
    return study


def _frozen(row: TrialRow, study: StudyRow, space: Space, curve: Mapping[int, float]) -> FrozenTrial:
    labels = space.labels(row.point)
    domains = {label: space.narrowing.domains[label.partition("[")[0]] for label in labels}
    complete = row.state is TrialState.COMPLETE
    excess = excess_of(row.metrics, study.spec.limits) if complete else ()
    trial = create_trial(
        state=ENDED[row.state],
        params={
            label: choice(value, domain) if isinstance(domain := domains[label], Choice) else value
            for label, value in labels.items()
        },
        distributions={label: readable(domain) for label, domain in domains.items()},
        values=list(row.values) if complete else None,
        intermediate_values=dict(curve),
        user_attrs=_attributes(row),
        constraints={str(limit): amount for limit, amount in zip(study.spec.limits, excess, strict=False)}
        or None,
    )
    trial.datetime_start = datetime.fromtimestamp(row.started_s or row.created_s)
    trial.datetime_complete = datetime.fromtimestamp(row.ended_s or row.created_s)
    return trial


def _attributes(row: TrialRow) -> dict[str, Any]:
    """What else is known of a trial, as JSON data that any reader takes."""
    said = {"worker": row.worker, "cause": row.cause.value if row.cause else "", "message": row.message}
    return {
        NUMBER: row.number,
        "arch_id": row.arch_id,
        "key": row.key,
        "seed": str(row.seed),
        "attempts": row.attempt,
        **{name: value if value < EXACT else str(value) for name, value in row.cost.items()},
        "metrics": {name: v if math.isfinite(v) else str(v) for name, v in row.metrics.items()},
        **{name: text for name, text in said.items() if text},
    }
