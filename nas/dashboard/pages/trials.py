"""The list of a study's trials."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from nas.dashboard.desk import AtDesk
from nas.dashboard.pages.links import Link, Pairs, without_empty
from nas.dashboard.pages.table import Table, groups, table, usual
from nas.dashboard.pages.whole import whole
from nas.errors import NasError
from nas.service.views.trials import TrialsPage, trials_page
from nas.store import Store

router = APIRouter(include_in_schema=False)
DRAFT = ("name", "is", "value", "upto", "column")
"""Fields of forms that do not stay in the URL: conditions and columns are made of them."""


@dataclass(frozen=True)
class TrialsView:
    """The list of trials with what narrows it."""

    study: str
    link: Link
    page: TrialsPage
    table: Table
    error: str
    """Why nothing is shown: a filter that does not parse."""
    all_trials: int
    states: list[str]
    """Those that are asked for; none: all."""
    columns: list[str]
    groups: list[tuple[str, list[str]]]
    typed: str
    """The command that lists the same."""

    @property
    def status(self) -> int:
        """Of the answer."""
        return 400 if self.error else 200


@router.get("/studies/{study}/trials")
async def trials(request: Request, desk: AtDesk, study: str) -> Response:
    """The list."""
    asked = without_empty(request.query_params.multi_items())
    link = Link(f"/studies/{quote(study, safe='')}/trials", canonical(asked))
    if link.pairs != asked:
        return RedirectResponse(str(link), 303)
    context = {"page": "trials", "title": f"Trials of {study}"}
    return await desk.page(request, "trials.html", trials_view, study, link, context=context)


def canonical(pairs: Pairs) -> Pairs:
    """The query of a permalink: what forms send as fields, as conditions and lists with commas."""
    asked = dict(pairs)
    where = [value for name, value in pairs if name == "where"]
    where += [text for text in _conditions(asked) if text not in where]
    states = [value for name, value in pairs if name == "state"]
    columns = [value for name, value in pairs if name == "column"]
    kept = {name: value for name, value in asked.items() if name in ("sort", "limit", "offset", "columns")}
    if columns:
        kept["columns"] = ",".join(columns)
    if any(name in DRAFT for name, _ in pairs):
        kept.pop("offset", None)
    head = (("state", ",".join(states)),) if states else ()
    return (*head, *(("where", text) for text in where), *kept.items())


def _conditions(asked: dict[str, str]) -> list[str]:
    name, sign, value, upto = (asked.get(key, "") for key in ("name", "is", "value", "upto"))
    if not name:
        return []
    if sign != "between":
        return [f"{name}{sign or '='}{value}"] if value else []
    ends = ((">=", value), ("<=", upto))
    return [f"{name}{way}{end}" for way, end in ends if end]


def trials_view(store: Store, study: str, link: Link) -> TrialsView:
    """The page; filters that do not parse are told on it, beside the filters."""
    row = store.study(study)
    asked = {name: next(iter(link.all(name)), None) for name in ("state", "sort")}
    error = ""
    try:
        page = trials_page(
            store,
            study,
            state=asked["state"],
            where=link.all("where"),
            sort=asked["sort"],
            limit=whole(link, "limit", 50),
            offset=whole(link, "offset", 0),
        )
    except NasError as problem:
        error, page = str(problem), trials_page(store, study, limit=1)
    aims = [objective.metric for objective in row.spec.objectives]
    columns = _columns(link, page)
    return TrialsView(
        study=study,
        link=link,
        page=page,
        table=table(page, columns, link),
        error=error,
        all_trials=sum(row.counts.values()),
        states=asked["state"].split(",") if asked["state"] else [],
        columns=columns,
        groups=groups(page, aims),
        typed=_typed(study, link),
    )


def _columns(link: Link, page: TrialsPage) -> list[str]:
    known = [*page.names, "paths", "message"]
    chosen = [name for text in link.all("columns") for name in text.split(",") if name in known]
    rest = [name for name in chosen if name != "number"]
    return ["number", *rest] if rest else usual(page)


def _typed(study: str, link: Link) -> str:
    """What to type for the same list."""
    words: Sequence[str] = [f"--{n} {shlex.quote(v)}" for n, v in link.pairs if n != "columns"]
    return " ".join(["nas trials", shlex.quote(study), *words])
