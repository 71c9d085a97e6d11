"""The page of what was done through the service."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, without_empty
from nas.dashboard.pages.whole import whole
from nas.service.audit import entries
from nas.store import Store
from nas.store.remarks import AuditRow

router = APIRouter(include_in_schema=False)

LIMIT = 100
"""Actions on a page."""


@router.get("/audit")
async def audit(request: Request, desk: AtDesk) -> Response:
    """Actions, the latest first."""
    link = Link("/audit", without_empty(request.query_params.multi_items()))
    context = {"page": "audit", "title": "Actions"}
    return await desk.page(request, "audit.html", audit_view, link, context=context)


@dataclass(frozen=True)
class AuditView:
    """A page of actions."""

    rows: list[AuditRow]
    before: int | None
    """Where the earlier ones begin; None: there are none."""


def audit_view(store: Store, link: Link) -> AuditView:
    """The page that a URL asks for."""
    rows = entries(store, limit=LIMIT + 1, before=whole(link, "before", 0) or None)
    shown = rows[:LIMIT]
    return AuditView(shown, shown[-1].id if len(rows) > LIMIT else None)
