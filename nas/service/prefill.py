"""A form of a new search that is filled in already, from a study and a trial to start from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nas.cost.cost import COSTS
from nas.records import Objective, StudySpec
from nas.service.plain import plain
from nas.service.specify import TRAINS
from nas.service.studies import trial as look
from nas.service.views.family import space_yaml
from nas.service.views.loaded import loaded, names
from nas.space.typed import thawed
from nas.store import Store
from nas.store.rows import StudyRow

BOUND = re.compile(rf"({'|'.join(COSTS)}) (<=|>=) (\S+)")


@dataclass(frozen=True)
class Prefill:
    """What the form begins with."""

    request: dict[str, Any]
    """Fields of the request that are not as usual."""
    point: dict[str, Any] = field(default_factory=dict)
    """What is tried first."""
    said: str = ""
    """Where it comes from, in words."""


def from_trial(store: Store, study: str, number: int | None = None) -> Prefill:
    """The search of a study again, beginning with one of its trials if `number` names one."""
    row = store.study(study)
    request = {**_space(row), **_aims(row.spec), **_means(row.spec), "trials": row.budget}
    point = {} if number is None else dict(thawed_point(look(store, study, number).trial.point))
    begins = f", beginning with trial {number}" if number is not None else ""
    return Prefill(request, point, f"As study {study}{begins}.")


def thawed_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """A point as plain JSON data."""
    return {name: thawed(value) for name, value in point.items()}


def _space(row: StudyRow) -> dict[str, Any]:
    """The space by its name, or as text where it came with the study."""
    spec, document = row.spec, row.spec.space
    known = spec.space_name in names()
    named = {"space": spec.space_name} if known else {"space_yaml": space_yaml(row)}
    found = {**named, "data": spec.data, "profile": document.get("profile")}
    found["settings"] = {name: thawed(value) for name, value in (document.get("set") or {}).items()}
    return found


def _aims(spec: StudySpec) -> dict[str, Any]:
    most = [f"{limit.metric}={limit.bound:.12g}" for limit in spec.limits if limit.upper]
    least = [f"{limit.metric}={limit.bound:.12g}" for limit in spec.limits if not limit.upper]
    for rule in _added(spec):
        if match := BOUND.fullmatch(rule):
            (most if match[2] == "<=" else least).append(f"{match[1]}={match[3]}")
    return {"objective": ",".join(_aim(each) for each in spec.objectives), "most": most, "least": least}


def _aim(objective: Objective) -> str:
    return objective.metric if objective.minimize else f"{objective.metric}:max"


def _added(spec: StudySpec) -> list[str]:
    """The rules that a search has added to its space: its limits of costs."""
    if spec.space_name not in names():
        return []
    own = [str(rule) for rule in loaded(spec.space_name).raw.get("constraints", ())]
    return [str(rule) for rule in spec.space["space"].get("constraints", ()) if str(rule) not in own]


def _means(spec: StudySpec) -> dict[str, Any]:
    found: dict[str, Any] = {
        "evaluator": spec.evaluator,
        "sampler": spec.sampler,
        "stopper": spec.stopper,
        "seed": spec.seed,
        "repeat": spec.repeat,
        "timeout_s": spec.timeout_s,
    }
    if spec.screen is not None:
        found["screen"] = f"{spec.screen.proxy}:{spec.screen.pool}"
    if spec.evaluator == TRAINS:
        found["recipe"] = plain(spec.recipe)
    return found
