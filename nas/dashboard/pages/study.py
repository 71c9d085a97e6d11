"""The page of one study."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.records import Wanted
from nas.service.notes import notes
from nas.service.plain import si
from nas.service.views.loaded import names
from nas.service.views.overview import StudyLine
from nas.service.views.study import StudyPage, study_page
from nas.store import Store
from nas.store.remarks import NoteRow

router = APIRouter(include_in_schema=False)


@router.get("/studies/{study}")
async def study(request: Request, desk: AtDesk, study: str) -> Response:
    """One study."""
    context = {"page": "study", "title": study}
    return await desk.page(request, "study.html", study_view, study, context=context)


@dataclass(frozen=True)
class Rival:
    """A network that was trained anew beside the best one."""

    name: str
    macs: int
    mean: float
    sd: float


@dataclass(frozen=True)
class StudyView:
    """One study with what is said about it."""

    study: StudyPage
    notes: Sequence[NoteRow]
    trials: int
    counted: str
    """`20 complete, 3 pruned`: the states that some trial is in."""
    driven: str
    """`1 driver, stops when its trials have ended`: who drives it and what they were asked."""
    refused: int
    axes: tuple[str, str]
    """What the front is drawn over at first."""
    ships: bool
    """Whether its space has a page."""
    gone: bool
    """Whether its driver was killed, or its machine went down."""
    answered: bool
    """Whether what it has found is its answer: not once it goes on."""
    rivals: Sequence[Rival]
    specified: Mapping[str, str]
    data: Mapping[str, Any]
    """What the scripts of the page begin with."""


def study_view(store: Store, name: str) -> StudyView:
    """The page of a study."""
    found = study_page(store, name)
    line = found.line
    told = [f"{count:,} {state}" for state, count in line.counts.items() if count]
    aims = [aim.metric for aim in found.objectives]
    answered = bool(found.answer and found.best and found.answer["best"] == found.best.number)
    answered = answered and line.standing in OVER
    data = {"line": line, "objectives": found.objectives, "limits": found.limits, "metrics": found.metrics}
    return StudyView(
        study=found,
        notes=notes(store, name),
        trials=sum(line.counts.values()),
        counted=", ".join(told) or "none begun",
        driven=driven(line),
        refused=sum(found.refusals.values()),
        axes=(aims[1] if len(aims) > 1 else "params" if aims[0] != "params" else "macs", aims[0]),
        ships=line.space in names(),
        gone=line.standing == "stopped" and bool(found.drivers),
        answered=answered,
        rivals=[_rival(row) for row in (found.answer or {}).get("comparison", ()) if answered],
        specified=specified(found.spec),
        data=data,
    )


OVER = ("finished", "exhausted")

ASKED = {
    Wanted.PAUSE: ", pausing",
    Wanted.DRAIN: ", stops after the trials that run",
    Wanted.CANCEL: ", cancelling",
}


def driven(line: StudyLine) -> str:
    """Who drives a study, and what they were asked for and have not done yet."""
    count = f"{line.drivers} driver{'' if line.drivers == 1 else 's'}"
    return count + (ASKED.get(Wanted(line.wanted), "") if line.drivers else "")


def _rival(row: Mapping[str, Any]) -> Rival:
    values = row["values"]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return Rival(row["name"], row["macs"], statistics.fmean(values), spread)


def specified(spec: Mapping[str, Any]) -> dict[str, str]:
    """What a study was told, a line each; what is as usual is left out."""
    found: dict[str, str] = {}
    for name, value in spec.items():
        if value in (None, "", [], {}) or name == "space":
            continue
        if isinstance(value, Mapping):
            found[name] = ", ".join(f"{key} {_words(said)}" for key, said in value.items())
        else:
            found[name] = _words(value)
    return found


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_words(each) for each in value)
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_words(said)}" for key, said in value.items())
    return si(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
