"""Logging in with a token and out again."""

from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import RefusedError
from nas.dashboard.rendering import render
from nas.dashboard.security.guard import WRONG_TOKEN, proved
from nas.dashboard.security.rights import COOKIE, SESSION_S, Access

router = APIRouter(include_in_schema=False)

HOME = "/studies"
FIELDS = 10
"""Of a login at most."""


@router.get("/login")
def login_page(request: Request, next: str = HOME, wrong: bool = False) -> Response:
    """Where a token is typed; `wrong`: the last one was none of this service's."""
    said = WRONG_TOKEN if wrong else ""
    status = 401 if wrong else 200
    return render(request, "login.html", status, page="login", title="Log in", next=_local(next), wrong=said)


@router.post("/login")
async def login(request: Request, desk: AtDesk) -> Response:
    """A form with `token` and `next`; the answer sets the session's cookie.

    Every answer leads on, so that no page of the browser's history is one that was posted to.
    """
    form = _fields(await request.body())
    goal = _local(form.get("next", [HOME])[-1])
    if not desk.keys.guarded:
        return RedirectResponse(goal, 303)
    try:
        right = proved(desk.keys, desk.failures, request.scope, form.get("token", [""])[-1].strip())
    except RefusedError as refusal:
        if refusal.status_code == 429:
            raise
        return RedirectResponse(f"/login?wrong=true&next={quote(goal, safe='/')}", 303)
    answer = RedirectResponse(goal, 303)
    answer.set_cookie(
        COOKIE,
        desk.keys.cookie(right),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
async def logout(request: Request, desk: AtDesk) -> Response:
    """End the session, and what its open pages still hear."""
    access: Access = request.state.access
    if access.session:
        desk.keys.revoke(access.session)
        desk.live.dismiss(access.session)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=FIELDS)
    except ValueError:
        raise RefusedError(400, f"a login of more than {FIELDS} fields: send token and next") from None


def _local(goal: str) -> str:
    """A page of this service; nobody is sent elsewhere."""
    odd = "\\" in goal or not goal.isprintable() or goal.startswith("//")
    return goal if goal.startswith("/") and not odd else HOME
