"""Who asks, and whether they may: decided before any route sees a request."""

import re
from typing import NoReturn
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nas.dashboard.errors import RefusedError
from nas.dashboard.security.failures import Failures
from nas.dashboard.security.rights import COOKIE, NOBODY, Access, Keys, Right
from nas.dashboard.settings import is_local

OPEN = re.compile(r"/static/.*|/health|/login|/logout|/favicon\.ico")
"""Reached by anyone: what the login page is made of, the way out, and whether there is a service."""
ASKING = re.compile(r"/api/spaces/[^/]+/price")
"""Sent with POST, and changes nothing that others see."""
WRONG_TOKEN = "the token is wrong: it is the text of NAS_READ_TOKEN or NAS_WRITE_TOKEN"
STRANGE_PAGE = "the page is of another session: load it anew, and do it again"
NO_CSRF = (
    "no header X-NAS-CSRF: send the csrf of GET /api/session in it, or a token as Authorization: Bearer TOKEN"
)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="nas"'}
SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Puts an `Access` into `scope["state"]["access"]`, or refuses."""

    def __init__(self, app: ASGIApp, keys: Keys, failures: Failures) -> None:
        self.app, self.keys, self.failures = app, keys, failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass or refuse."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RefusedError(400, "this service speaks HTTP only")
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            raise RefusedError(400, "a zero byte in the address: leave it out")
        headers, state = Headers(scope=scope), scope.setdefault("state", {})
        state["access"] = NOBODY
        access = state["access"] = self._identified(scope, headers)
        if OPEN.fullmatch(scope["path"]):
            if scope["method"] not in SAFE:
                _check_origin(headers)
        elif access.right is Right.NONE:
            if scope["method"] in ("GET", "HEAD") and not _for_programs(scope["path"]):
                await _to_login(scope)(scope, receive, send)
                return
            _refuse_stranger(self.failures, scope)
        elif scope["method"] not in SAFE:
            _check_change(scope, headers, access)
        await self.app(scope, receive, send)

    def _identified(self, scope: Scope, headers: Headers) -> Access:
        if not self.keys.guarded:
            _check_host(headers)
            return self.keys.local()
        if "authorization" in headers:
            return self._bearer(scope, headers["authorization"])
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return self.keys.of_cookie(cookie) if cookie else NOBODY

    def _bearer(self, scope: Scope, text: str) -> Access:
        scheme, _, token = text.partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else ""
        right = proved(self.keys, self.failures, scope, given)
        return Access(right, f"{right.name.lower()} token", program=True)


def proved(keys: Keys, failures: Failures, scope: Scope, token: str) -> Right:
    """What a token allows that somebody shows; raises 401 for a wrong one, 429 after many."""
    _check_patience(failures, scope)
    right = keys.of_token(token)
    if right is Right.NONE:
        failures.add(address_of(scope))
        scope["state"]["guessed"] = True
        raise RefusedError(401, WRONG_TOKEN, headers=CHALLENGE)
    return right


def _refuse_stranger(failures: Failures, scope: Scope) -> NoReturn:
    """Refuse who shows no token. Actions are written down, so they count; a page may ask again and again."""
    if scope["method"] not in SAFE:
        _check_patience(failures, scope)
        failures.add(address_of(scope))
    raise RefusedError(401, "a token is needed: Authorization: Bearer TOKEN", headers=CHALLENGE)


def _check_patience(failures: Failures, scope: Scope) -> None:
    """Raises 429 where an address has failed too often."""
    if wait_s := failures.wait_s(address_of(scope)):
        what = f"too many wrong tokens from {address_of(scope)}: wait {wait_s:.0f} s"
        raise RefusedError(429, what, headers={"Retry-After": str(int(wait_s) + 1)})


def address_of(scope: Scope) -> str:
    """Where a request comes from."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _for_programs(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics"


def _to_login(scope: Scope) -> RedirectResponse:
    asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    answer = RedirectResponse(f"/login?next={quote(asked, safe='/')}", 303)
    MutableHeaders(raw=answer.raw_headers)["cache-control"] = "no-store"
    return answer


def _check_host(headers: Headers) -> None:
    """Without tokens a page of another host could ask in its visitor's name, once its name points here."""
    host = _name(headers.get("host", ""))
    if not is_local(host):
        raise RefusedError(
            403,
            f"asked for as host {host[:100]!r}: without a token this service answers to localhost and "
            "127.0.0.1 only; set NAS_WRITE_TOKEN to serve it under another name",
        )


def _name(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _check_change(scope: Scope, headers: Headers, access: Access) -> None:
    _check_origin(headers)
    _check_json(scope, headers)
    if ASKING.fullmatch(scope["path"]):
        return
    if not access.can_write:
        raise RefusedError(403, "this token may only read: log in with the one for writing")
    if not access.program and not access.matches(headers.get("x-nas-csrf", "")):
        raise RefusedError(403, STRANGE_PAGE if "x-nas-csrf" in headers else NO_CSRF)


def _check_origin(headers: Headers) -> None:
    """What a browser sends along from a page of another host is refused."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    same = origin is None or _netloc(origin) == headers.get("host", "").lower()
    if not same or site not in ("same-origin", "none"):
        raise RefusedError(403, "asked for by a page of another host: only pages of this service may")


def _netloc(origin: str) -> str:
    """Host and port of an origin; `null` and what is none have none."""
    try:
        return urlsplit(origin).netloc.lower() or "(none)"
    except ValueError:
        return "(none)"


def _check_json(scope: Scope, headers: Headers) -> None:
    """A form of another host cannot send JSON without being asked first."""
    empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not empty and kind != "application/json":
        raise RefusedError(400, f"content of type {kind[:100] or 'none'!r}: send application/json")
