"""The cluster, failures, the audit, numbers for Prometheus, and whether the service is well."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import responses
from nas.dashboard.security.rights import Access
from nas.errors import StoreError
from nas.service.audit import entries
from nas.service.values import MOST
from nas.service.views.cluster import ClusterPage, cluster_page
from nas.service.views.failures import Failures, failures as failures_of
from nas.store import Store
from nas.store.remarks import AuditRow
from nas.versions import ours

router = APIRouter(tags=["operations"], responses=responses())


PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class Health(BaseModel):
    """Whether the service answers, and its store does."""

    status: Literal["ok", "store away"]
    version: str


ILL: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "The store does not answer"}}


class Session(BaseModel):
    """What whoever asks may do."""

    actor: str
    can_write: bool
    csrf: str
    """The header X-NAS-CSRF of all that changes something; a program with a token needs none."""
    version: str


@router.get("/api/cluster", response_model=ClusterPage)
async def cluster(request: Request, desk: AtDesk) -> Response:
    """Drivers, what runs, what waits, workers and nodes."""
    return await desk.answer(request, cluster_page, address=desk.settings.address)


@router.get("/api/failures", response_model=Failures, responses=responses(404))
async def failures(
    request: Request,
    desk: AtDesk,
    study: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """Failed attempts by cause."""
    return await desk.answer(request, failures_of, study=study, limit=limit)


@router.get("/api/audit", response_model=list[AuditRow])
async def audit(
    request: Request,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> Response:
    """What was done through the service, the latest first."""
    return await desk.answer(request, entries, limit=limit, before=before)


@router.get("/api/session")
async def session(request: Request) -> Session:
    """Who one is to this service."""
    access: Access = request.state.access
    return Session(actor=access.actor, can_write=access.can_write, csrf=access.csrf, version=ours())


@router.get(
    "/health",
    response_model=Health,
    responses=ILL,
)
async def health(desk: AtDesk) -> JSONResponse:
    """For those who watch whether the service runs; tells nothing else, to anyone."""
    try:
        await desk.read(Store.now_s)
    except StoreError:
        return JSONResponse({"status": "store away", "version": ours()}, 503)
    return JSONResponse({"status": "ok", "version": ours()})


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(desk: AtDesk) -> Response:
    """Numbers of all studies in the text format of Prometheus."""
    text = await desk.compute(desk.expose)
    return PlainTextResponse(text, media_type=PROMETHEUS)
