"""Pages out of templates; every value in them is escaped.

All templates know `page`, `title`, `can_write`, `actor`, `csrf`, `guarded`, `version`, `store_name`, `path`
(the asked one), the filters of `nas.dashboard.figures`, `json` (see below), `static(name)` and
`scripts(page)`.
"""

import functools
from collections.abc import Mapping
from typing import Any

import pydantic_core
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from nas.dashboard import static
from nas.dashboard.errors import RefusedError, as_json
from nas.dashboard.figures import FILTERS
from nas.dashboard.security.rights import NOBODY, Access
from nas.service.plain import plain
from nas.versions import ours


def to_json(value: Any) -> bytes:
    """Any record as JSON; numbers that are none are null."""
    return pydantic_core.to_json(value, inf_nan_mode="null", serialize_unknown=False, fallback=plain)


def _json_block(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: no text in it can end the block."""
    text = to_json(value).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


@functools.cache
def environment() -> Environment:
    """The templates of `nas/dashboard/templates`, and all that they may use."""
    made = Environment(
        loader=PackageLoader("nas.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS, json=_json_block)
    made.globals.update(static=static.address, scripts=static.scripts, version=ours())
    return made


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page."""
    known = {**_common(request.scope), **context}
    return HTMLResponse(environment().get_template(template).render(known), status)


def _common(scope: Scope) -> Mapping[str, Any]:
    access: Access = scope.get("state", {}).get("access", NOBODY)
    app = scope.get("app")
    return {
        "page": "",
        "title": "",
        "can_write": access.can_write,
        "actor": access.actor,
        "csrf": access.csrf,
        "guarded": app.state.desk.keys.guarded if app else False,
        "store_name": _store_name(app.state.desk.store_name, access) if app else "",
        "path": scope["path"],
    }


def _store_name(url: str, access: Access) -> str:
    """Where the store is, for those who may write; its name for those who look."""
    return url if access.can_write else url.rpartition("/")[2] * bool(access.right)


def error_response(scope: Scope, refusal: RefusedError) -> Response:
    """An error as whoever asked can read it: a page for a page, else JSON."""
    wants_page = scope["method"] in ("GET", "HEAD") or scope["path"] in ("/login", "/logout")
    if scope["path"].startswith(("/api/", "/metrics", "/static/", "/health")) or not wants_page:
        return as_json(refusal)
    context = {"title": "Error", "status": refusal.status_code, "fault": refusal.fault}
    text = environment().get_template("error.html").render({**_common(scope), **context})
    return HTMLResponse(text, refusal.status_code, refusal.headers)
