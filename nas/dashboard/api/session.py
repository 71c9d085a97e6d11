"""Logging in with a token and out again."""

from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import RefusedError, responses
from nas.dashboard.rendering import render
from nas.dashboard.security.guard import STRANGE_PAGE, WRONG_TOKEN, proved
from nas.dashboard.security.rights import COOKIE, SESSION_S, Access

router = APIRouter(tags=["operations"])

HOME = "/studies"
FIELDS = 10
"""Of a login at most."""


@router.get("/login", include_in_schema=False)
def login_page(request: Request, next: str = HOME, wrong: bool = False) -> Response:
    """Where a token is typed; `wrong`: the last one was none of this service's."""
    said = WRONG_TOKEN if wrong else ""
    status = 401 if wrong else 200
    return render(request, "login.html", status, page="login", title="Log in", next=_local(next), wrong=said)


@router.post("/login", include_in_schema=False)
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
    cookie = desk.keys.cookie(right)
    request.state.access = desk.keys.of_cookie(cookie)
    answer = RedirectResponse(goal, 303)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout", status_code=303, response_class=RedirectResponse, responses=responses())
async def logout(request: Request, desk: AtDesk) -> Response:
    """End the session, and what its open pages still hear.

    With the page's `csrf`, as a field of a form or as the header X-NAS-CSRF.
    """
    access: Access = request.state.access
    if access.session:
        form = _fields(await request.body())
        if not access.matches(request.headers.get("x-nas-csrf") or form.get("csrf", [""])[-1]):
            raise RefusedError(403, STRANGE_PAGE)
        desk.keys.revoke(access.session)
        desk.live.dismiss(access.session)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=FIELDS)
    except ValueError:
        raise RefusedError(400, f"a form of more than {FIELDS} fields: send token and next") from None


def _local(goal: str) -> str:
    """A page of this service; nobody is sent elsewhere."""
    odd = "\\" in goal or not goal.isprintable() or goal.startswith("//")
    return goal if goal.startswith("/") and not odd else HOME
