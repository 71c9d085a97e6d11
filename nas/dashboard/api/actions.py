"""What is done to studies: begun, stopped, gone on with, enqueued into, deleted."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import refused, responses
from nas.dashboard.rendering import to_json
from nas.dashboard.strict import StrictRoute
from nas.errors import NasError
from nas.service.actions.control import cancel, delete, pause, resume, stop
from nas.service.actions.creating import create
from nas.service.actions.enqueue import EnqueueResult, enqueue
from nas.service.actions.preview import Preview, field_of, preview
from nas.service.actions.records import DriverProcess
from nas.service.actions.request import SearchRequest
from nas.service.deleting import Deleted
from nas.service.engines import EngineOptions
from nas.service.plain import counted
from nas.service.studies import Wish
from nas.service.values import MOST
from nas.store import Store
from nas.store.rows import StudyRow

router = APIRouter(
    prefix="/api/studies", tags=["actions"], responses=responses(404, 409), route_class=StrictRoute
)


class Strict(BaseModel):
    """A body without anything that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class SlotsBody(Strict):
    """Where trials run; what is left out is as usual."""

    engine: Literal["ray", "inline", "simulated"] = "ray"
    workers: Annotated[int | None, Field(ge=1, le=10_000)] = None
    cpus_per_trial: float | None = None
    gpus_per_trial: float | None = None


class ResumeBody(Strict):
    """How a study goes on."""

    more: Annotated[int, Field(ge=0, le=MOST)] = 0
    """Trials to add to its budget."""
    slots: SlotsBody | None = None
    """Left out: those of its last start from here."""


class PointBody(Strict):
    """A point of the study's space."""

    point: Annotated[dict[str, Any], Field(max_length=1000)]


@router.post("/preview", response_model=Preview)
async def look(request: Request, desk: AtDesk, asked: SearchRequest) -> Response:
    """What a search would be: specification, prices, refusals. A mistake is an answer with `ok` false."""
    return await desk.answer(request, _look, asked, desk.settings.address)


def _look(store: Store, asked: SearchRequest, address: str | None) -> Preview:
    return preview(asked, store, address=address)


@router.post("", response_model=StudyRow, status_code=201)
async def begin(request: Request, desk: AtDesk, asked: SearchRequest) -> Response:
    """Begin a study, and see to it that it is driven."""
    request.state.study, request.state.detail = asked.study or "", f"space {asked.space or 'as pasted'}"
    try:
        made = await desk.write(create, asked, await desk.drivers())
    except NasError as error:
        refusal = refused(error)
        if refusal.status_code < 500:
            refusal.field = field_of(asked, error)
        raise refusal from error
    request.state.study = made.name
    if asked.space_yaml is not None:
        request.state.detail = f"space {made.spec.space_name}, pasted"
    return Response(to_json(made), 201, media_type="application/json")


@router.post("/{study}/stop", response_model=Wish)
async def stop_study(request: Request, desk: AtDesk, study: str) -> Response:
    """Running trials end, no new ones begin."""
    return await desk.done(request, stop, study)


@router.post("/{study}/pause", response_model=Wish)
async def pause_study(request: Request, desk: AtDesk, study: str) -> Response:
    """Running trials go back to the queue, and go on from their checkpoints later."""
    return await desk.done(request, pause, study)


@router.post("/{study}/cancel", response_model=Wish)
async def cancel_study(request: Request, desk: AtDesk, study: str) -> Response:
    """Trials that wait or run are cancelled."""
    return await desk.done(request, cancel, study)


@router.delete("/{study}", response_model=Deleted)
async def delete_study(
    request: Request,
    desk: AtDesk,
    study: str,
    keep_artifacts: Annotated[
        bool, Query(description="Leave checkpoints and pictures where they are")
    ] = False,
) -> Response:
    """Delete a study that nobody drives, for good: its trials, curves, notes and artifacts."""
    drivers, tasks = await desk.drivers(), await desk.tasks()
    gone = await desk.write(delete, study, drivers, tasks, keep_artifacts=keep_artifacts)
    kept = "" if gone.removed else "; its artifacts are kept"
    request.state.detail = f"with {counted(gone.trials, 'trial')}{kept}"
    return Response(to_json(gone), media_type="application/json")


@router.post("/{study}/resume", response_model=DriverProcess)
async def resume_study(
    request: Request, desk: AtDesk, study: str, asked: ResumeBody | None = None
) -> Response:
    """Go on with a study, with more trials if asked."""
    asked = asked or ResumeBody()
    slots = None
    if asked.slots is not None:
        address = desk.settings.address if asked.slots.engine == "ray" else None
        slots = EngineOptions(**asked.slots.model_dump(), address=address)
    request.state.detail = f"{asked.more} more trials" if asked.more else ""
    return await desk.done(request, resume, study, await desk.drivers(), asked.more, slots)


@router.post("/{study}/enqueue", response_model=EnqueueResult)
async def enqueue_point(request: Request, desk: AtDesk, study: str, asked: PointBody) -> Response:
    """Let a point be tried before any that the sampler proposes."""
    request.state.detail = asked.point
    return await desk.done(request, enqueue, study, asked.point)
