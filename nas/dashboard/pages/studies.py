"""The page of all studies."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, without_empty
from nas.dashboard.pages.whole import first, whole
from nas.service.listing import STANDINGS
from nas.service.views.overview import StudiesPage, studies_page
from nas.store import Store

router = APIRouter(include_in_schema=False)

SORTS = (
    ("created:desc", "newest first"),
    ("changed:desc", "changed last"),
    ("name", "name"),
    ("budget:desc", "budget"),
)
LIMIT = 50
"""Studies on a page."""


@router.get("/studies")
async def studies(request: Request, desk: AtDesk) -> Response:
    """The list of studies."""
    asked = without_empty(request.query_params.multi_items())
    context = {"page": "studies", "title": "Studies"}
    return await desk.page(request, "studies.html", studies_view, Link("/studies", asked), context=context)


@dataclass(frozen=True)
class StudiesView:
    """The list with what narrows it."""

    found: StudiesPage
    link: Link
    query: str
    state: str
    sort: str

    standings = STANDINGS
    sorts = SORTS

    @property
    def narrowed(self) -> bool:
        """Whether some studies may be left out."""
        return bool(self.query or self.state)


def studies_view(store: Store, link: Link) -> StudiesView:
    """The list that a URL asks for."""
    query, state, sort = (first(link, name) for name in ("query", "state", "sort"))
    found = studies_page(
        store,
        state=state or None,
        sort=sort or None,
        query=query,
        limit=whole(link, "limit", LIMIT),
        offset=whole(link, "offset", 0),
    )
    return StudiesView(found, link, query, state, sort or SORTS[0][0])
