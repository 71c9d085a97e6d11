"""optuna-dashboard on the same studies, at a port of its own: its pages know no address but the root.

It gets a copy of the studies in memory, kept up to date while somebody looks, and may only be read: what its
pages change would be lost. It stands behind the same tokens; a session of ours holds for its port too, since
browsers do not tell the ports of a host apart. Its pages bring a content security policy of their own, which
allows the eval that its charts use.
"""

import threading
import time
import warnings
from importlib.util import find_spec
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from nas.dashboard.desk import Desk
from nas.dashboard.errors import RefusedError
from nas.dashboard.security.body import BodyLimit
from nas.dashboard.security.guard import Guard
from nas.dashboard.security.headers import SafeHeaders
from nas.errors import NasError
from nas.versions import getting

FRESH_S = 2.0
"""How old the copy may be when somebody asks."""


def optuna_app(desk: Desk) -> ASGIApp:
    """optuna-dashboard's application; loads Optuna. Raises `NasError` where it is not installed."""
    if find_spec("optuna_dashboard") is None:
        raise NasError(f"--optuna: optuna-dashboard is not installed; type {getting('dashboard')}")
    from optuna_dashboard import wsgi

    from nas.search.optuna_mirror import Mirror

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to go some day
        from starlette.middleware.wsgi import WSGIMiddleware

    mirror = Mirror(desk.store)
    pages = _Copied(WSGIMiddleware(wsgi(mirror.storage)), desk, mirror)
    return SafeHeaders(Guard(BodyLimit(pages), keys=desk.keys, failures=desk.failures))


class _Copied:
    """Reads the studies before they are shown, and lets nothing be changed."""

    def __init__(self, app: ASGIApp, desk: Desk, mirror: Any) -> None:
        self._app, self._desk, self._mirror = app, desk, mirror
        self._read_s, self._turn = float("-inf"), threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise RefusedError(403, "here studies are only looked at: change them with nas, or on its pages")
        if scope["path"].startswith("/api/"):
            await self._desk.compute(self._refresh)
        await self._app(scope, receive, send)

    def _refresh(self) -> None:
        with self._turn:
            if time.monotonic() - self._read_s > FRESH_S:
                self._desk.presence.check()
                self._mirror.refresh()
                self._read_s = time.monotonic()


class ByPort:
    """Two applications in one server."""

    def __init__(self, app: ASGIApp, other: ASGIApp, port: int) -> None:
        self._app, self._other, self._port = app, other, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To the one whose port was asked."""
        asked = scope.get("server") or ("", 0)
        await (self._other if asked[1] == self._port else self._app)(scope, receive, send)
