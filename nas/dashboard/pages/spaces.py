"""The pages of the spaces: all of them, and one with its playground."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.cost.cost import COSTS
from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, without_empty
from nas.errors import NasError
from nas.service.plain import plain
from nas.service.values import settings
from nas.service.views.playground import Playground, price_point
from nas.service.views.space import SpacePage, space_page
from nas.service.views.spaces import SpaceLine, spaces_page
from nas.store import Store

router = APIRouter(include_in_schema=False)

COST_WORDS: Mapping[str, str] = {
    "params": "Parameters",
    "macs": "Multiply-adds",
    "activations": "Activations",
    "train_bytes": "Training bytes",
    "layers": "Layers deep",
    "receptive_field": "Receptive field",
    "paths": "Paths",
}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
KINDS: Mapping[str, str] = {
    "parameter": "Parameters",
    "input": "Input",
    "derived": "What follows",
    "equation": "Equations",
    "constraint": "Constraints",
}


@dataclass(frozen=True)
class SpaceView:
    """A space with a point of it."""

    page: SpacePage
    play: Playground | None
    """None where the space has no feasible point."""
    error: str
    """Why the point that was asked for is not shown."""
    reference: str | None
    settings: Mapping[str, Any]
    data: str | None
    profile: str | None
    """As asked for."""
    unfold: list[str]
    points: str
    """How many there are, in words."""
    derived: Mapping[str, str]
    """What follows from the point, as playground.js writes it."""
    search: str
    """Where a search over it is begun."""
    state: Mapping[str, Any]
    """For playground.js."""

    costs = COST_WORDS
    kinds = KINDS


@router.get("/spaces")
async def spaces(request: Request, desk: AtDesk) -> Response:
    """All shipped spaces."""
    context = {"page": "spaces", "title": "Spaces"}
    return await desk.page(request, "spaces.html", spaces_view, context=context)


@router.get("/spaces/{space}")
async def space(request: Request, desk: AtDesk, space: str) -> Response:
    """One space, at the point that its query names."""
    link = Link(f"/spaces/{quote(space, safe='')}", without_empty(request.query_params.multi_items()))
    context = {"page": "space", "title": space}
    return await desk.page(request, "space.html", space_view, space, link, context=context)


def spaces_view(store: Store) -> list[SpaceLine]:
    """All spaces, the oldest idea first."""
    found = [replace(line, points=raised(line.points)) for line in spaces_page()]
    return sorted(found, key=lambda line: (line.year or 0, line.space))


def raised(text: str) -> str:
    """Powers as they are printed: `5^6` as 5⁶."""
    return re.sub(r"\^(\d+)", lambda power: power[1].translate(RAISED), text)


def said(value: Any) -> str:
    """A value as words.js writes it: whole numbers whole, others to four digits, lists with commas."""
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return "–" if value is None else str(value)


def space_view(store: Store, name: str, link: Link) -> SpaceView:
    """A space and its point; a point that cannot be is told, and the first one shown."""
    profile, data, reference = (next(iter(link.all(key)), None) for key in ("profile", "data", "reference"))
    unfold, error = link.all("unfold"), ""
    try:
        named = settings(link.all("set"), "set")
    except NasError as problem:
        named, error = {}, str(problem)
    parameters = {field.name for field in space_page(name, profile=profile, data=data).form}
    held = {key: value for key, value in named.items() if key not in parameters}
    point = {key: value for key, value in named.items() if key in parameters}
    asked = {"profile": profile, "data": data, "unfold": unfold}
    try:
        page = space_page(name, profile=profile, data=data, settings=held)
        at = {"reference": reference} if reference else {"point": point}
        play: Playground | None = price_point(name, **asked, settings=held, **at)  # type: ignore[arg-type]
    except NasError as problem:
        error, held, reference = error or str(problem), {}, None
        page = space_page(name, profile=profile, data=data)
        play = price_point(name, **asked) if page.form else None  # type: ignore[arg-type]
    return SpaceView(
        page=page,
        play=play,
        error=error,
        reference=reference,
        settings=held,
        data=data,
        profile=profile,
        unfold=unfold,
        points=raised(page.cardinality),
        derived={key: said(value) for key, value in play.derived.items()} if play else {},
        search=str(Link("/new", (("space", name), *_kept(profile, data)))),
        state=_state(name, page, play, reference, asked, held),
    )


def _kept(profile: str | None, data: str | None) -> list[tuple[str, str]]:
    return [(key, value) for key, value in (("profile", profile), ("data", data)) if value]


def _state(
    name: str,
    page: SpacePage,
    play: Playground | None,
    reference: str | None,
    asked: Mapping[str, Any],
    held: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "space": name,
        **asked,
        "settings": plain(held),
        "reference": reference,
        "form": plain(page.form),
        "point": play.point if play else {},
        "cost": play.cost if play else None,
        "feasible": bool(play and play.feasible),
        "costs": list(COSTS),
    }
