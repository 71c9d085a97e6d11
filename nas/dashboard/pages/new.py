"""The page on which a study is begun."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import RefusedError
from nas.dashboard.pages.links import Link, without_empty
from nas.dashboard.pages.whole import whole
from nas.dashboard.security.rights import Access
from nas.service.form import SearchForm, search_form
from nas.service.prefill import Prefill, from_trial
from nas.service.values import settings
from nas.service.views.loaded import loaded, names
from nas.store import Store

router = APIRouter(include_in_schema=False)
FIRST = "lenet"
"""The space that is chosen if none is asked for: small enough to see results within a minute."""
TEXTS = ("space", "profile", "data", "objective", "evaluator", "sampler", "stopper", "screen")
"""Fields that a link may fill."""


@dataclass(frozen=True)
class NewView:
    """The form, and what it begins with."""

    form: SearchForm
    fill: Prefill
    abouts: dict[str, str]
    """Space -> what it is about."""
    source: tuple[str, int | None] | None
    """The study and trial it starts from."""


@router.get("/new")
async def new(request: Request, desk: AtDesk) -> Response:
    """The form, for those who may begin a study."""
    access: Access = request.state.access
    if not access.can_write:
        raise RefusedError(403, "reading only: whoever begins a study logs in with the token for writing")
    link = Link("/new", without_empty(request.query_params.multi_items()))
    context = {"page": "new", "title": "New study"}
    return await desk.page(request, "new.html", new_view, link, context=context)


def new_view(store: Store, link: Link) -> NewView:
    """The form that a link asks for: of a space, or started from a study and one of its trials."""
    study = next(iter(link.all("study")), None)
    number = whole(link, "trial", 0) or None
    fill = from_trial(store, study, number) if study else _asked(link)
    chosen = str(fill.request.get("space"))
    abouts = {name: loaded(name).about if name == chosen else "" for name in names()}
    source = (study, number) if study else None
    return NewView(search_form(whole=False), fill, abouts, source)


def _asked(link: Link) -> Prefill:
    found: dict[str, object] = {name: link.all(name)[0] for name in TEXTS if link.all(name)}
    found.setdefault("space", FIRST)
    space = loaded(str(found["space"]))
    named = settings(link.all("set"), "set") if link.all("set") else {}
    parameters = space.parameters
    held = {name: value for name, value in named.items() if name not in parameters}
    point = {name: value for name, value in named.items() if name in parameters}
    if held:
        found["settings"] = held
    return Prefill(found, point, "Beginning with the point from the playground." if point else "")
