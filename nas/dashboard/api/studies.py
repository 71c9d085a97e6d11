"""Studies, and what their charts show."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import responses
from nas.service import analysing
from nas.service.analysing import Analysis, WhatIf
from nas.service.values import MOST
from nas.service.views import (
    compare as compare_,
    curves as curves_,
    front as front_,
    history as history_,
    importance as importance_,
    parallel as parallel_,
    timeline as timeline_,
)
from nas.service.views.compare import Comparison
from nas.service.views.curves import Curves
from nas.service.views.front import Front
from nas.service.views.history import History
from nas.service.views.importance import Importance
from nas.service.views.overview import StudiesPage, studies_page
from nas.service.views.parallel import Parallel
from nas.service.views.study import StudyPage, study_page
from nas.service.views.timeline import Timeline

router = APIRouter(prefix="/api", tags=["studies"], responses=responses(404))

Points = Annotated[int, Query(ge=1, le=20_000, description="Points at most")]
Metric = Annotated[str | None, Query(max_length=200, description="Default: the objective")]
Time = Annotated[float | None, Query(ge=0, le=1e11, allow_inf_nan=False, description="Seconds since 1970")]
Condition = Annotated[str, Query(max_length=500)]
Conditions = Annotated[
    list[Condition], Query(default_factory=list, max_length=20, description="As macs<600M; all must hold")
]
Number = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/studies", response_model=StudiesPage)
async def studies(
    request: Request,
    desk: AtDesk,
    state: Annotated[str | None, Query(max_length=50, description="Where they stand")] = None,
    sort: Annotated[str | None, Query(max_length=50, description="COLUMN or COLUMN:desc")] = None,
    query: Annotated[str, Query(max_length=200, description="Words that they contain")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> Response:
    """A page of the list of studies."""
    return await desk.answer(
        request, studies_page, state=state, sort=sort, query=query, limit=limit, offset=offset
    )


@router.get("/studies/{study}", response_model=StudyPage)
async def study(request: Request, desk: AtDesk, study: str) -> Response:
    """One study with all but its charts."""
    return await desk.answer(request, study_page, study)


@router.get("/studies/{study}/history", response_model=History)
async def history(
    request: Request, desk: AtDesk, study: str, metric: Metric = None, points: Points = 2000
) -> Response:
    """Values in order of trials, and the best so far."""
    return await desk.answer(request, history_.history, study, metric=metric, points=points)


@router.get("/studies/{study}/front", response_model=Front)
async def front(
    request: Request, desk: AtDesk, study: str, x: Metric = None, y: Metric = None, points: Points = 2000
) -> Response:
    """Trials by two metrics, with those that no other beats, and published networks."""
    return await desk.answer(request, front_.front, study, x, y, points=points)


@router.get("/studies/{study}/curves", response_model=Curves)
async def curves(
    request: Request,
    desk: AtDesk,
    study: str,
    metric: Metric = None,
    number: Annotated[list[Number] | None, Query(max_length=100)] = None,
    top: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """Learning curves of the best trials, or of those named."""
    return await desk.answer(request, curves_.curves, study, metric=metric, numbers=number, top=top)


@router.get("/studies/{study}/parallel", response_model=Parallel)
async def parallel(
    request: Request, desk: AtDesk, study: str, metric: Metric = None, points: Points = 400
) -> Response:
    """Trials as lines over their parameters."""
    return await desk.answer(request, parallel_.parallel, study, metric=metric, points=points)


@router.get("/studies/{study}/importance", response_model=Importance)
async def importance(request: Request, desk: AtDesk, study: str, metric: Metric = None) -> Response:
    """Which parameters decide; `pending` while it is computed."""
    return await desk.answer(request, importance_.importance, study, metric=metric)


@router.get("/studies/{study}/timeline", response_model=Timeline)
async def timeline(
    request: Request,
    desk: AtDesk,
    study: str,
    since_s: Time = None,
    until_s: Time = None,
    limit: Points = 2000,
) -> Response:
    """Attempts by worker in a window of time."""
    return await desk.answer(
        request, timeline_.timeline, study, since_s=since_s, until_s=until_s, limit=limit
    )


@router.get("/studies/{study}/analysis", response_model=Analysis)
async def analysis(
    request: Request, desk: AtDesk, study: str, where: Conditions, metric: Metric = None
) -> Response:
    """How results are spread, and which values good networks have."""
    return await desk.answer(request, analysing.analyse, study, metric=metric, where=where, dashes="")


@router.get("/studies/{study}/what-if", response_model=WhatIf)
async def what_if(
    request: Request,
    desk: AtDesk,
    study: str,
    conditions: Annotated[list[Condition], Query(alias="if", min_length=1, max_length=20)],
    against: Conditions,
    where: Conditions,
    metric: Metric = None,
) -> Response:
    """How results would move if the space were narrowed to networks that meet conditions."""
    return await desk.answer(
        request,
        analysing.what_if,
        study,
        conditions,
        against=against,
        metric=metric,
        where=where,
        dashes="",
    )


@router.get("/compare", response_model=Comparison)
async def compare(
    request: Request,
    desk: AtDesk,
    study: Annotated[list[str], Query(min_length=1, max_length=12)],
    where: Conditions,
    metric: Metric = None,
    matched: Annotated[str | None, Query(max_length=200, description="A cost to compare at")] = None,
) -> Response:
    """Several studies beside each other."""
    return await desk.answer(
        request, compare_.compare, study, metric=metric, matched=matched, where=where, dashes=""
    )
