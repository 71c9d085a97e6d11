"""Notes on studies and trials."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import responses
from nas.dashboard.strict import StrictRoute
from nas.service.notes import add_note, delete_note, notes
from nas.service.studies import trial
from nas.service.values import MOST
from nas.store import Store
from nas.store.remarks import NoteRow

router = APIRouter(
    prefix="/api/studies/{study}", tags=["notes"], responses=responses(404), route_class=StrictRoute
)

Number = Annotated[int, Path(ge=1, le=MOST, description="The trial's number")]
Id = Annotated[int, Path(ge=1, le=MOST, description="The note's id")]


class NoteBody(BaseModel):
    """What there is to say: plain text, shown as it is."""

    model_config = ConfigDict(extra="forbid")
    text: str
    """At most 20,000 characters."""
    author: Annotated[str, Field(max_length=100)] = ""


@router.get("/notes", response_model=list[NoteRow])
async def of_study(request: Request, desk: AtDesk, study: str) -> Response:
    """Notes on the study as a whole."""
    return await desk.answer(request, notes, study)


@router.get("/trials/{number}/notes", response_model=list[NoteRow])
async def of_trial(request: Request, desk: AtDesk, study: str, number: Number) -> Response:
    """Notes on a trial."""
    return await desk.answer(request, _of_trial, study, number)


@router.post("/notes", response_model=NoteRow, status_code=201)
async def note_study(request: Request, desk: AtDesk, study: str, asked: NoteBody) -> Response:
    """Leave a note on the study."""
    request.state.detail = asked.text
    return await desk.done(request, add_note, study, asked.text, author=asked.author, status=201)


@router.post("/trials/{number}/notes", response_model=NoteRow, status_code=201)
async def note_trial(request: Request, desk: AtDesk, study: str, number: Number, asked: NoteBody) -> Response:
    """Leave a note on a trial."""
    request.state.detail = asked.text
    return await desk.done(request, _on_trial, study, number, asked, status=201)


@router.delete("/notes/{id}", status_code=204)
async def delete(desk: AtDesk, study: str, id: Id) -> Response:
    """Take a note away, of the study or of one of its trials."""
    await desk.write(delete_note, study, id)
    return Response(status_code=204)


def _of_trial(store: Store, study: str, number: int) -> list[NoteRow]:
    trial(store, study, number)  # that there is one
    return notes(store, study, number)


def _on_trial(store: Store, study: str, number: int, asked: NoteBody) -> NoteRow:
    trial(store, study, number)
    return add_note(store, study, asked.text, number=number, author=asked.author)
