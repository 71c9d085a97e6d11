"""The shipped spaces, what their networks cost, and one point at a time."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ParamSpec

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nas.dashboard.desk import AtDesk, Desk, tagged
from nas.dashboard.errors import responses
from nas.dashboard.rendering import to_json
from nas.dashboard.strict import StrictRoute
from nas.service.values import MOST, settings
from nas.service.views.playground import Playground, price_point
from nas.service.views.space import Envelope, SampleCard, SpacePage, envelope, samples, space_page
from nas.service.views.spaces import SpaceLine, spaces_page

router = APIRouter(prefix="/api/spaces", tags=["spaces"], responses=responses(404), route_class=StrictRoute)

P = ParamSpec("P")
Name = Annotated[str | None, Query(max_length=200)]
Seed = Annotated[int, Query(ge=0, le=MOST)]
Setting = Annotated[
    list[Annotated[str, Query(max_length=2000)]],
    Query(alias="set", default_factory=list, max_length=200, description="NAME=VALUE"),
]
Text = Annotated[str, Field(max_length=200)]
Values = Annotated[dict[Text, Any], Field(max_length=1000)]


class PriceBody(BaseModel):
    """A point of a space, whole or in part, or one of its references."""

    model_config = ConfigDict(extra="forbid")
    profile: Text | None = None
    data: Text | None = None
    settings: Values = {}
    point: Values = {}
    reference: Text | None = None
    unfold: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=200)] = []


@router.get("", response_model=list[SpaceLine])
async def spaces(request: Request, desk: AtDesk) -> Response:
    """All of them."""
    return await _computed(request, desk, spaces_page)


@router.get("/{space}", response_model=SpacePage)
async def space(
    request: Request, desk: AtDesk, space: str, given: Setting, profile: Name = None, data: Name = None
) -> Response:
    """One, as its profile, data set and settings make it."""
    asked = settings(given, "set")
    return await _computed(request, desk, space_page, space, profile=profile, data=data, settings=asked)


@router.get("/{space}/envelope", response_model=Envelope)
async def envelope_of(
    request: Request,
    desk: AtDesk,
    space: str,
    profile: Name = None,
    data: Name = None,
    count: Annotated[int, Query(ge=1, le=1000)] = 200,
    seed: Seed = 0,
) -> Response:
    """What random networks cost."""
    asked = partial(envelope, space, profile=profile, data=data, count=count, seed=seed)
    return await _computed(request, desk, asked)


@router.get("/{space}/samples", response_model=list[SampleCard])
async def samples_of(
    request: Request,
    desk: AtDesk,
    space: str,
    profile: Name = None,
    data: Name = None,
    count: Annotated[int, Query(ge=1, le=24)] = 6,
    seed: Seed = 0,
) -> Response:
    """Random networks, drawn."""
    asked = partial(samples, space, profile=profile, data=data, count=count, seed=seed)
    return await _computed(request, desk, asked)


@router.post("/{space}/price", response_model=Playground)
async def price(request: Request, desk: AtDesk, space: str, asked: PriceBody) -> Response:
    """Derived values, price and picture of a point. Changes nothing: the right to read is enough."""
    options = {name: getattr(asked, name) for name in PriceBody.model_fields}
    return await _computed(request, desk, partial(price_point, space, **options))


async def _computed(
    request: Request, desk: Desk, function: Callable[P, Any], *args: P.args, **options: P.kwargs
) -> Response:
    body = await desk.compute(lambda: to_json(function(*args, **options)))
    return tagged(request, body)
