"""What is done with one trial by processes of their own: its test, and pictures of what its network sees."""

from fastapi import APIRouter, Request, Response

from nas.dashboard.api.trials import Number
from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import responses
from nas.dashboard.rendering import to_json
from nas.service.actions.tasks import Kind, Task, Tasks
from nas.service.studies import trial
from nas.store import Store

router = APIRouter(
    prefix="/api/studies/{study}/trials/{number}", tags=["actions"], responses=responses(404, 409)
)


@router.get("/tasks", response_model=list[Task])
async def tasks(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """What was begun with the trial from here, and how it is: of each kind the last one."""
    return await desk.answer(request, _of, await desk.tasks(), study, number)


@router.post("/evaluate", response_model=Task, status_code=202)
async def evaluate(desk: AtDesk, study: str, number: Number) -> Response:
    """Let its network see the test set, which happens once; what it errs is part of the trial then."""
    return await _begun(desk, study, number, "evaluate")


@router.post("/look", response_model=Task, status_code=202)
async def look(desk: AtDesk, study: str, number: Number) -> Response:
    """Draw what its network sees; the pictures are part of the trial then."""
    return await _begun(desk, study, number, "look")


async def _begun(desk: AtDesk, study: str, number: int, kind: Kind) -> Response:
    task = await desk.write(_start, await desk.tasks(), study, number, kind)
    return Response(to_json(task), 202, media_type="application/json")


def _of(store: Store, tasks: Tasks, study: str, number: int) -> list[Task]:
    trial(store, study, number)  # that there is one
    return tasks.of(store, study, number)


def _start(store: Store, tasks: Tasks, study: str, number: int, kind: Kind) -> Task:
    return tasks.start(store, study, number, kind)
