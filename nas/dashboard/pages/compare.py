"""The page that shows studies beside each other, or what one says of its space."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, without_empty
from nas.dashboard.pages.whole import first
from nas.errors import NasError
from nas.service.analysing import Analysis, WhatIf, analyse, what_if
from nas.service.views.columns import metric_names
from nas.service.views.compare import Comparison, compare
from nas.service.views.overview import studies_page
from nas.store import Store
from nas.store.rows import COSTS

router = APIRouter(include_in_schema=False)

OFFERED = 200
"""Studies to choose from, the newest."""


@router.get("/compare")
async def compared(request: Request, desk: AtDesk) -> Response:
    """Several studies beside each other, or one."""
    asked = without_empty(request.query_params.multi_items())
    link = Link("/compare", tuple(dict.fromkeys(asked)))
    if link.pairs != asked:
        return RedirectResponse(str(link), 303)
    context = {"page": "compare", "title": "Compare"}
    return await desk.page(request, "compare.html", compare_view, link, context=context)


@dataclass(frozen=True)
class CompareView:
    """Several studies, one, or those to choose from."""

    link: Link
    names: list[str]
    others: list[str]
    """Studies that could be taken in too."""
    metric: str
    metrics: list[str]
    matched: str
    where: list[str]
    if_: list[str]
    against: list[str]
    """Conditions, all of which must hold."""
    found: Comparison | None
    """Of several."""
    one: Analysis | None
    narrowed: WhatIf | None
    """Of one, if its space is narrowed."""
    why: str
    """Why there is nothing to show, though something was asked for."""
    data: str
    """Where the same is as JSON."""

    @property
    def decides(self) -> dict[str, float]:
        """By parameter, of one study: its share of what parameters decide."""
        shares = self.one.importance.shares if self.one else []
        return {each.parameter: each.share for each in shares}

    @property
    def costs(self) -> tuple[str, ...]:
        """What studies may be matched at."""
        return tuple(cost for cost in COSTS if cost != self.metric)


def compare_view(store: Store, link: Link) -> CompareView:
    """The comparison that a URL asks for."""
    names = link.all("study")
    metrics = _metrics(store, names)
    found, one, narrowed, why = None, None, None, ""
    try:
        if len(names) > 1:
            found = _several(store, names, link)
        elif names:
            one, narrowed = _one(store, names[0], link)
    except NasError as error:
        why = str(error)
    return CompareView(
        link=link,
        names=names,
        others=[line.name for line in studies_page(store, limit=OFFERED).rows if line.name not in names],
        metric=first(link, "metric"),
        metrics=metrics,
        matched=first(link, "matched"),
        where=link.all("where"),
        if_=link.all("if"),
        against=link.all("against"),
        found=found,
        one=one,
        narrowed=narrowed,
        why=why,
        data=_twin(names, link),
    )


def _several(store: Store, names: Sequence[str], link: Link) -> Comparison:
    matched = first(link, "matched") or None
    return compare(store, names, metric=_metric(link), matched=matched, where=link.all("where"), dashes="")


def _one(store: Store, name: str, link: Link) -> tuple[Analysis, WhatIf | None]:
    metric, where, conditions = _metric(link), link.all("where"), link.all("if")
    whole = analyse(store, name, metric=metric, where=where, dashes="")
    if not conditions:
        return whole, None
    against = link.all("against")
    return whole, what_if(store, name, conditions, against=against, metric=metric, where=where, dashes="")


def _metric(link: Link) -> str | None:
    return first(link, "metric") or None


def _twin(names: Sequence[str], link: Link) -> str:
    """The address of what a page shows."""
    if len(names) != 1:
        return str(link.at("/api/compare").only("study", "metric", "matched", "where"))
    base = f"/api/studies/{quote(names[0], safe='')}"
    if link.all("if"):
        return str(link.at(f"{base}/what-if").only("metric", "where", "if", "against"))
    return str(link.at(f"{base}/analysis").only("metric", "where"))


def _metrics(store: Store, names: Sequence[str]) -> list[str]:
    """What all of these studies know. Raises `StudyNotFoundError`."""
    known = [metric_names(store, store.study(name)) for name in names]
    return [name for name in known[0] if all(name in each for each in known)] if known else []
