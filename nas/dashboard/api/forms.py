"""The form of a new study: what may be asked, and what of it may be chosen."""

from fastapi import APIRouter, Request, Response

from nas.dashboard.desk import AtDesk, tagged
from nas.dashboard.errors import responses
from nas.dashboard.rendering import to_json
from nas.service.form import SearchForm, search_form

router = APIRouter(prefix="/api", tags=["actions"], responses=responses())


@router.get("/new", response_model=SearchForm)
async def new(request: Request, desk: AtDesk) -> Response:
    """Fields, choices and bounds; what they mean stands in the body of `POST /api/studies`."""
    return tagged(request, to_json(await desk.compute(search_form)))
