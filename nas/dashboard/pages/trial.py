"""The page of one trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.records import FINISHED
from nas.service.plain import plain
from nas.service.views.exports import drawing
from nas.service.views.loaded import datasets, names
from nas.service.views.trial import TrialPage, trial_page
from nas.space.typed import words
from nas.store import Store
from nas.store.rows import COSTS, StudyRow

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class TrialView:
    """A trial, drawn."""

    page: TrialPage
    svg: str
    unfold: list[str]
    said: str
    """Its message in one line."""
    last_lines: list[str]
    """The same of each attempt."""
    aims: list[str]
    metrics: dict[str, Any]
    """What was measured besides costs and objectives."""
    curve_metrics: list[str]
    curve_text: str
    playground: str
    """Where its point can be moved; empty for a space that is not shipped."""
    data: Mapping[str, Any]
    """For trial.js."""


@router.get("/studies/{study}/trials/{number}")
async def trial(request: Request, desk: AtDesk, study: str, number: int) -> Response:
    """One trial."""
    unfold = request.query_params.getlist("unfold")
    context = {"page": "trial", "title": f"Trial {number} of {study}"}
    return await desk.page(request, "trial.html", trial_view, study, number, unfold, context=context)


def trial_view(store: Store, study: str, number: int, unfold: Sequence[str] = ()) -> TrialView:
    """The page; stages named by `unfold` are open in the drawing."""
    row, page = store.study(study), trial_page(store, study, number)
    found = page.trial
    aims = [objective.metric for objective in page.objectives]
    svg = "" if page.broken else drawing(store, study, number, unfold=unfold, embedded=True)
    told = sorted({name for point in page.curve for name in point.metrics}, key=lambda n: (n not in aims, n))
    return TrialView(
        page=page,
        svg=svg,
        unfold=list(unfold),
        said=last_line(found.message),
        last_lines=[last_line(attempt.message) for attempt in page.attempts],
        aims=aims,
        metrics={k: plain(v) for k, v in found.metrics.items() if k not in (*aims, *COSTS)},
        curve_metrics=told,
        curve_text="",
        playground=_playground(row, found.point),
        data={
            "study": study,
            "number": number,
            "revision": row.revision,
            "metric": aims[0],
            "state": found.state.value,
            "open": found.state not in FINISHED,
            "unfold": list(unfold),
            "curve": plain(page.curve),
        },
    )


def _playground(row: StudyRow, point: Mapping[str, Any]) -> str:
    """The space's page at this point, as the study has the space."""
    if row.spec.space_name not in names() or row.spec.data not in datasets():
        return ""
    document = row.spec.space
    pairs = [
        ("data", row.spec.data),
        *([("profile", document["profile"])] if document.get("profile") else []),
    ]
    settings = {**(document.get("set") or {}), **point}
    pairs += [("set", f"{name}={words(value)}") for name, value in settings.items()]
    return f"/spaces/{quote(row.spec.space_name)}?{urlencode(pairs)}"


def last_line(message: str) -> str:
    """A message in one line: of a traceback the last, which has the error."""
    lines = message.strip().splitlines()
    return lines[-1].strip() if lines else ""
