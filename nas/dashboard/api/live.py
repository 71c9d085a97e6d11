"""Server-sent events: what changes, while it changes."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from nas.dashboard.changes import delta
from nas.dashboard.desk import AtDesk, Desk
from nas.dashboard.errors import RefusedError, responses
from nas.dashboard.live import LIST, WATCHERS, EventStream, event
from nas.dashboard.rendering import to_json
from nas.store import Store
from nas.store.reading.pulses import Pulse

router = APIRouter(tags=["live"], responses=responses())

EVENTS = {"content": {"text/event-stream": {}}, "description": "Events until one of both ends it"}
Since = Annotated[
    int | None, Query(ge=0, le=2**62, description="First tell what has changed after this revision")
]


@router.get("/api/live", response_class=Response, responses={200: EVENTS})
async def studies(desk: AtDesk) -> Response:
    """`studies`: lines of studies that changed; `gone`: names of those deleted; `away`, `back`: the store."""
    _check_room(desk)
    return EventStream(desk.live, LIST, await desk.read(Store.pulses))


@router.get("/api/studies/{study}/live", response_class=Response, responses={200: EVENTS, **responses(404)})
async def study(
    desk: AtDesk,
    study: str,
    since: Since = None,
    last_event_id: Annotated[str | None, Header(max_length=30)] = None,
) -> Response:
    """`study`: line, changed trials and new epochs; its id is the study's revision."""
    _check_room(desk)
    pulse = await desk.read(_pulse, study)
    told = int(last_event_id) if last_event_id and last_event_id.isdecimal() else since
    after = min(told, pulse.revision) if told is not None else pulse.revision

    async def first() -> str:
        return await desk.read(_missed, study, after)

    return EventStream(desk.live, study, {study: pulse}, first)


def _pulse(store: Store, study: str) -> Pulse:
    return store.pulses().get(study) or store.pulses()[store.study(study).name]


def _missed(store: Store, study: str, after: int) -> str:
    pulse = _pulse(store, study)
    return event("study", to_json(delta(store, pulse, after)).decode(), pulse.revision)


def _check_room(desk: Desk) -> None:
    if desk.live.count >= WATCHERS:
        what = f"{WATCHERS:,} pages are kept up to date already: close some"
        raise RefusedError(429, what, headers={"Retry-After": "30"})
