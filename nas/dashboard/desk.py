"""What all routes use: the store behind a door that lets few in at a time, and answers made from records.

Everything that may wait, for the store or for a computation, runs in threads of its own kind, so that a page
that takes long holds up neither live pages nor actions.
"""

import functools
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from anyio import CapacityLimiter, Lock
from anyio.to_thread import run_sync
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from nas.dashboard.live import Live
from nas.dashboard.rendering import render, to_json
from nas.dashboard.security.failures import Failures
from nas.dashboard.security.rights import Keys
from nas.dashboard.settings import Settings
from nas.dashboard.warming import Warming
from nas.errors import StoreAwayError
from nas.service.actions.drivers import Drivers
from nas.service.actions.tasks import Tasks
from nas.service.metrics import exposer
from nas.store import Store
from nas.store.engine import parse_url, sqlite_path

P = ParamSpec("P")
T = TypeVar("T")

READERS = 6
"""Together with the others fewer than a store has connections."""
WRITERS = 2
PRICERS = 2
BATCH = 64
"""Pieces of a streamed file that are made in one go."""


class Desk:
    """One service: its store, its tokens, those who watch."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.keys, self.failures = Keys(settings), Failures()
        self.presence = Presence(store)
        self.live = Live(store, self.presence.check)
        self.warming = Warming(store)
        self.readers, self.writers = CapacityLimiter(READERS), CapacityLimiter(WRITERS)
        self.pricers = CapacityLimiter(PRICERS)
        self.store_name = store.url
        self._drivers: Drivers | None = None
        self._tasks: Tasks | None = None
        self._hiring = Lock()
        self.expose = exposer(store, self.presence.check)

    async def read(
        self, function: Callable[Concatenate[Store, P], T], *args: P.args, **options: P.kwargs
    ) -> T:
        """What `function(store, ...)` returns."""
        return await run_sync(self._present(function, *args, **options), limiter=self.readers)

    async def write(
        self, function: Callable[Concatenate[Store, P], T], *args: P.args, **options: P.kwargs
    ) -> T:
        """The same of one that changes something: it goes on although its page is closed meanwhile."""
        return await run_sync(self._present(function, *args, **options), limiter=self.writers)

    async def compute(self, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What `function(...)` returns that needs no store."""
        return await run_sync(functools.partial(function, *args, **options), limiter=self.pricers)

    async def answer(
        self,
        request: Request,
        function: Callable[Concatenate[Store, P], Any],
        *args: P.args,
        **options: P.kwargs,
    ) -> Response:
        """The record that `function(store, ...)` returns, as JSON."""
        asked = self._present(function, *args, **options)
        return tagged(request, await run_sync(lambda: to_json(asked()), limiter=self.readers))

    async def done(
        self,
        request: Request,
        function: Callable[..., Any],
        *args: Any,
        status: int = 200,
        **options: Any,
    ) -> Response:
        """The same of one that changes something; what it returns is nobody else's to keep."""
        asked = self._present(function, *args, **options)
        body = await run_sync(lambda: to_json(asked()), limiter=self.writers)
        return Response(body, status, media_type="application/json")

    async def drivers(self) -> Drivers:
        """Those who start studies, found once they are wanted."""
        async with self._hiring:
            if self._drivers is None:
                self._drivers = await run_sync(
                    Drivers, self.settings.store, self.settings.address, limiter=self.writers
                )
        return self._drivers

    async def tasks(self) -> Tasks:
        """Those who test trials and look into them, found once they are wanted."""
        async with self._hiring:
            if self._tasks is None:
                self._tasks = await run_sync(
                    Tasks, self.settings.store, self.settings.address, limiter=self.writers
                )
        return self._tasks

    def close(self) -> None:
        """Let go of what was opened here; drivers go on."""
        self.live.stop()
        if self._drivers is not None:
            self._drivers.close()

    async def page(
        self,
        request: Request,
        template: str,
        function: Callable[..., Any],
        *args: Any,
        context: dict[str, Any],
        **options: Any,
    ) -> HTMLResponse:
        """A page with the record that `function(store, ...)` returns as `view`, drawn in the same thread.

        A view may have a `status` of its own, as one that tells a mistake beside what there is.
        """
        asked = self._present(function, *args, **options)

        def drawn() -> HTMLResponse:
            view = asked()
            return render(request, template, getattr(view, "status", 200), **{"view": view, **context})

        return await run_sync(drawn, limiter=self.readers)

    async def stream(self, pieces: Iterator[str] | Iterator[bytes], **options: Any) -> StreamingResponse:
        """A file, made piece by piece; the first pieces before its status is sent."""
        first = await run_sync(_batch, pieces, limiter=self.readers)
        return StreamingResponse(self._rest(first, pieces), **options)

    async def _rest(self, first: bytes, pieces: Iterator[str] | Iterator[bytes]) -> AsyncIterator[bytes]:
        found = first
        while found:
            yield found
            found = await run_sync(_batch, pieces, limiter=self.readers)

    def _present(self, function: Callable[..., T], *args: Any, **options: Any) -> Callable[[], T]:
        def asked() -> T:
            self.presence.check()
            return function(self.store, *args, **options)

        return asked


def _batch(pieces: Iterator[str] | Iterator[bytes]) -> bytes:
    some: Iterable[str | bytes] = islice(pieces, BATCH)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in some)


def tagged(request: Request, body: bytes, kind: str = "application/json") -> Response:
    """An answer that a browser which has the same one already does not get again."""
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, kind)


class Presence:
    """Whether the file of a store is still the one that was opened.

    SQLite goes on with a file that was moved away, and makes a new empty one where it opens another
    connection.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._path = store, sqlite_path(parse_url(store.url))
        self._known = self._identity()

    def check(self) -> None:
        """Raises `StoreAwayError` while there is no file; one that was put in its place is opened anew."""
        if self._path is None:
            return
        now = self._identity()
        if now is None:
            raise StoreAwayError("the store's file is gone: put it back, or start nas serve anew")
        if now != self._known:
            self._store.close()
            self._known = now

    def _identity(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def desk(request: Request) -> Desk:
    """The service that a request is for."""
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(desk)]
