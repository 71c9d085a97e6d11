"""The page that shows studies beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, without_empty
from nas.dashboard.pages.whole import first
from nas.errors import NasError
from nas.service.views.columns import metric_names
from nas.service.views.compare import Comparison, compare
from nas.service.views.overview import studies_page
from nas.store import Store

router = APIRouter(include_in_schema=False)

OFFERED = 200
"""Studies to choose from, the newest."""


@router.get("/compare")
async def compared(request: Request, desk: AtDesk) -> Response:
    """Several studies beside each other."""
    asked = without_empty(request.query_params.multi_items())
    link = Link("/compare", tuple(dict.fromkeys(asked)))
    if link.pairs != asked:
        return RedirectResponse(str(link), 303)
    context = {"page": "compare", "title": "Compare"}
    return await desk.page(request, "compare.html", compare_view, link, context=context)


@dataclass(frozen=True)
class CompareView:
    """Several studies, or those to choose from."""

    link: Link
    names: list[str]
    others: list[str]
    """Studies that could be taken in too."""
    metric: str
    metrics: list[str]
    found: Comparison | None
    why: str
    """Why there is nothing to compare, though something was asked for."""
    data: str
    """Where the same is as JSON."""


def compare_view(store: Store, link: Link) -> CompareView:
    """The comparison that a URL asks for."""
    names, metric = link.all("study"), first(link, "metric")
    metrics = _metrics(store, names)
    found, why = None, ""
    try:
        found = compare(store, names, metric=metric or None) if len(names) > 1 else None
    except NasError as error:
        why = str(error)
    return CompareView(
        link=link,
        names=names,
        others=[line.name for line in studies_page(store, limit=OFFERED).rows if line.name not in names],
        metric=metric,
        metrics=metrics,
        found=found,
        why=why,
        data=f"/api/compare?{urlencode(link.pairs)}",
    )


def _metrics(store: Store, names: Sequence[str]) -> list[str]:
    """What all of these studies know. Raises `StudyNotFoundError`."""
    known = [metric_names(store, store.study(name)) for name in names]
    return [name for name in known[0] if all(name in each for each in known)] if known else []
