"""Trials: pages of them, one of them, and what can be taken away from it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from nas.dashboard.desk import AtDesk, tagged
from nas.dashboard.errors import responses
from nas.service.described import trial_source
from nas.service.values import MOST
from nas.service.views.exports import drawing as drawing_of, layers_csv, point as point_of
from nas.service.views.inside import picture as picture_of, trial_inside
from nas.service.views.trial import TrialLog, TrialPage, trial_file, trial_log, trial_page
from nas.service.views.trials import TrialsPage, trials_csv, trials_page
from workers.pictures import Shown

router = APIRouter(prefix="/api/studies/{study}", tags=["trials"], responses=responses(404))

Number = Annotated[int, Path(ge=1, le=MOST, description="The trial's number")]
State = Annotated[str | None, Query(max_length=200, description="One or several, with commas")]
Where = Annotated[
    list[Annotated[str, Query(max_length=500)]],
    Query(default_factory=list, max_length=20, description="Conditions, such as macs<600M"),
]
Sort = Annotated[str | None, Query(max_length=200, description="NAME or NAME:desc")]
Unfold = Annotated[list[Annotated[str, Query(max_length=20)]], Query(default_factory=list, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows of a page")]
Offset = Annotated[int, Query(ge=0, le=MOST, description="Rows before it")]
ANY: dict[str, Any] = {"content": {"application/octet-stream": {}}}
PNG: dict[str, Any] = {"content": {"image/png": {}, "application/json": {}}}
PYTHON: dict[str, Any] = {"content": {"text/x-python": {}}}
SVG: dict[str, Any] = {"content": {"image/svg+xml": {}}}
CSV: dict[str, Any] = {"content": {"text/csv": {}}}


@router.get("/trials", response_model=TrialsPage)
async def trials(
    request: Request,
    desk: AtDesk,
    study: str,
    where: Where,
    state: State = None,
    sort: Sort = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """A page of trials."""
    return await desk.answer(
        request, trials_page, study, state=state, where=where, sort=sort, limit=limit, offset=offset
    )


@router.get("/trials.csv", response_class=Response, responses={200: CSV})
async def trials_as_csv(
    desk: AtDesk,
    study: str,
    where: Where,
    state: State = None,
    sort: Sort = None,
) -> Response:
    """All trials that meet the conditions, with all their values."""
    pieces = await desk.read(trials_csv, study, state=state, where=where, sort=sort)
    return await desk.stream(pieces, media_type="text/csv", headers=_file(f"{study}-trials.csv"))


@router.get("/trials/{number}", response_model=TrialPage)
async def trial(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """One trial: network, curve, attempts, notes, files."""
    return await desk.answer(request, trial_page, study, number)


@router.get("/trials/{number}/log", response_model=TrialLog)
async def log(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """What it said."""
    return await desk.answer(request, trial_log, study, number)


@router.get("/trials/{number}/drawing.svg", response_class=Response, responses={200: SVG})
async def drawing(
    request: Request, desk: AtDesk, study: str, number: Number, unfold: Unfold, embedded: bool = False
) -> Response:
    """Its network as a picture, with some stages or blocks unfolded; `*` unfolds all."""
    text = await desk.read(drawing_of, study, number, unfold=unfold, embedded=embedded)
    return tagged(request, text.encode(), "image/svg+xml")


@router.get("/trials/{number}/source.py", response_class=Response, responses={200: PYTHON})
async def source(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """Its network as one Python file that needs torch only, without weights."""
    text = await desk.read(trial_source, study, number)
    return tagged(request, text.encode(), "text/x-python")


@router.get("/trials/{number}/layers.csv", response_class=Response, responses={200: CSV})
async def layers(desk: AtDesk, study: str, number: Number) -> Response:
    """Its layers."""
    pieces = await desk.read(layers_csv, study, number)
    return await desk.stream(pieces, media_type="text/csv", headers=_file(f"{study}-{number}-layers.csv"))


@router.get("/trials/{number}/point.json", response_model=dict[str, Any])
async def point(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """Its point."""
    return await desk.answer(request, point_of, study, number)


@router.get("/trials/{number}/files/{name}", response_class=Response, responses={200: ANY})
async def file(desk: AtDesk, study: str, number: Number, name: str) -> Response:
    """A file that the trial's page lists."""
    found = await desk.read(trial_file, study, number, name)
    return await desk.stream(
        found.chunks,
        media_type="application/octet-stream",
        headers={**_file(f"{study}-{number}-{found.name}"), "Content-Length": str(found.size)},
    )


@router.get("/trials/{number}/inside", response_model=list[Shown])
async def inside(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """What its network sees: pictures in words, as far as somebody has looked."""
    return await desk.answer(request, trial_inside, study, number)


@router.get("/trials/{number}/inside/{name}", response_class=Response, responses={200: PNG})
async def picture(request: Request, desk: AtDesk, study: str, number: Number, name: str) -> Response:
    """One picture, `NAME.png`, or the numbers behind it, `NAME.json`."""
    content = await desk.read(picture_of, study, number, name)
    kind = "image/png" if name.endswith(".png") else "application/json"
    return tagged(request, content, kind)


def _file(name: str) -> dict[str, str]:
    """Saved under that name; never shown as a page of this host."""
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)
    return {"Content-Disposition": f'attachment; filename="{safe}"'}
