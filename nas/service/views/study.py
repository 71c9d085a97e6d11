"""One study: where it stands, what it has found, what it was asked."""

from dataclasses import dataclass
from typing import Any

from nas.service.networks import network_of
from nas.service.pareto import missed
from nas.service.plain import plain
from nas.service.views.columns import metric_names
from nas.service.views.family import parameter_labels, space_yaml
from nas.service.views.overview import StudyLine, lines
from nas.service.views.standing import Contenders, contenders, numbers_of, ranked
from nas.service.views.usages import latest_usage
from nas.store import Store
from nas.store.rows import DriverRow, StudyRow, TrialRow


@dataclass(frozen=True)
class ObjectiveView:
    """What a study is for."""

    metric: str
    minimize: bool


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """One study with what its page shows besides charts."""

    line: StudyLine
    objectives: list[ObjectiveView]
    limits: list[str]
    best: TrialRow | None
    """By the first objective; of networks with repeats the first trial, with the means of all. Where no trial
    keeps the limits, the nearest."""
    repeats: list[int]
    """The trials behind `best` where networks have several."""
    front_size: int | None
    """With several objectives: how many trials no other one beats."""
    unmet: str
    """That no trial keeps the limits, if it is so, and what the nearest one is like."""
    refusals: dict[str, int]
    """By reason, the commonest first."""
    acceptance: float | None
    """The share of draws that became trials; None before the first, or while it is counted."""
    utilisation: float | None
    drivers: list[DriverRow]
    """All that the study has had, the latest first; of very many the latest."""
    wanted: str
    ending: str | None
    ending_detail: str
    """In words why it stands as it does, and what one may do."""
    answer: dict[str, Any] | None
    """What the search found, at its end: see `nas.service.answer.Answer`."""
    spec: dict[str, Any]
    """What was asked, without the space."""
    space_yaml: str
    """The space as it was resolved when the study began."""
    artifacts: str
    metrics: list[str]
    """What charts may be drawn of: objectives, metrics that trials have told, costs."""
    parameters: list[str]
    """Parameters of the space."""
    commands: dict[str, str]
    """What may be done, by what to type for it."""


DRIVERS = 100
"""The most drivers that are listed."""
PATIENCE_S = 0.1
"""So long a page waits for shares that take a walk over a large study."""


def study_page(store: Store, name: str) -> StudyPage:
    """A study by now. Raises `StudyNotFoundError`."""
    row = store.study(name)
    line = lines(store, [store.study_summary(row.id)])[0]
    rivals = contenders(store, row)
    best, repeats, unmet = best_of(store, row, rivals)
    several = len(row.spec.objectives) > 1
    used = latest_usage(store, row, live=line.drivers > 0, wait_s=PATIENCE_S)
    return StudyPage(
        line=line,
        objectives=[ObjectiveView(o.metric, o.minimize) for o in row.spec.objectives],
        limits=[str(limit) for limit in row.spec.limits],
        best=best,
        repeats=repeats,
        front_size=len(rivals.leading) if several else None,
        unmet=unmet,
        refusals=store.refusals(row.id),
        acceptance=used.acceptance if used else None,
        utilisation=used.utilisation if used else None,
        drivers=store.drivers(row.id)[:DRIVERS],
        wanted=row.wanted.value,
        ending=row.ending.value if row.ending else None,
        ending_detail=ENDINGS[line.standing].format(name=name, left=row.budget - row.used),
        answer=store.study_attributes(row.id).get("answer"),
        spec={key: plain(value) for key, value in row.spec.to_json().items() if key != "space"},
        space_yaml=space_yaml(row),
        artifacts=row.artifacts,
        metrics=metric_names(store, row),
        parameters=parameter_labels(row),
        commands=_commands(name, best, several),
    )


ENDINGS = {
    "starting": "It was begun or resumed a moment ago, and its driver is on its way.",
    "running": "Drivers are at work on it.",
    "stopped": "No driver is at work on it, and none has said why: it crashed, or was never begun. "
    "nas resume {name} goes on.",
    "finished": "Its budget is spent and every trial has ended. nas resume {name} --trials +24 adds to it.",
    "drained": "It was asked to stop, and its running trials have ended. nas resume {name} goes on.",
    "paused": "It was paused: what ran waits for its next attempt. nas resume {name} goes on.",
    "cancelled": "It was cancelled, with all that ran or waited. nas resume {name} goes on with the rest.",
    "exhausted": "Its space has no new network left, or none that was found in 1,000 draws: {left} trials of "
    "its budget are left.",
    "failing": "Several trials in a row failed with the same cause: see its failures, mend the cause, then "
    "nas resume {name}.",
}
"""What a study's standing means, and what may be typed."""


def best_of(store: Store, row: StudyRow, rivals: Contenders) -> tuple[TrialRow | None, list[int], str]:
    """The best trial by the first objective, or the nearest to the limits; its repeats; what it misses."""
    entries = ranked(rivals, 1).tolist()
    if not entries:
        return None, [], ""
    numbers = numbers_of(rivals, entries[0])
    network = network_of([store.trial(row.id, number) for number in numbers])
    return network.trial, numbers if row.spec.repeat > 1 else [], missed(network.trial, row)


def _commands(name: str, best: TrialRow | None, several: bool) -> dict[str, str]:
    found = {"show": f"nas show {name}", "trials": f"nas trials {name}", "resume": f"nas resume {name}"}
    found["more"] = f"nas resume {name} --trials +24"
    found |= {wish: f"nas {wish} {name}" for wish in ("pause", "stop", "cancel")}
    if several:
        found["front"] = f"nas pareto {name}"
    if best is not None:
        found |= {"best": f"nas best {name}", "trial": f"nas trial {name} {best.number}"}
    return found
