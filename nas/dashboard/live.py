"""Live pages: one thread asks the store what has changed, everybody who watches gets the same text.

A page is told at most once a second and study. While nobody watches nothing is asked. Who reads too slowly is
let go, and comes back by himself: a browser opens an event stream anew and says where it was.
"""

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from nas.dashboard.changes import Changes
from nas.dashboard.errors import RefusedError
from nas.dashboard.security.rights import NOBODY, Access
from nas.errors import NasError
from nas.store import Store
from nas.store.reading.pulses import Pulse

log = logging.getLogger("nas.dashboard")

TICK_S = 0.5
"""How often the store is asked for revisions."""
GAP_S = 1.0
"""Between two events of one study at least."""
HEARTBEAT_S = 15.0
WAITING = 16
"""Events that a reader may be behind."""
SLOW_S = 20.0
"""How long one event may take to be sent."""
WATCHERS = 2000
"""Pages that are kept up to date at most."""
LIST = ""
"""The channel of the list of studies; each study has one by its name."""


First = Callable[[], Awaitable[str]]
Pulses = Mapping[str, Pulse]
"""Studies by name, as they were when a page began to watch them."""


class Watcher:
    """One open page. Used in the event loop only."""

    def __init__(self, channel: str, session: str = "") -> None:
        self.channel, self.session = channel, session
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING)
        self.over = False

    def put(self, text: str) -> None:
        """One more event; too many unread ones end it."""
        if self.over:
            return
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Nothing more comes."""
        self.over = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Live:
    """Who watches what, and the thread that looks for them."""

    def __init__(self, store: Store, check: Callable[[], None]) -> None:
        self.changes = Changes(store, check)
        self._watchers: dict[str, set[Watcher]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._wanted, self._ended = threading.Event(), threading.Event()
        self._begun: dict[str, Pulses] = {}
        self._joining = threading.Lock()
        self.away = ""
        """Why the store does not answer, while it does not."""

    def start(self) -> None:
        """Begin to look, from the event loop that the watchers are in."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._look, name="live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send everybody home."""
        self._ended.set()
        self._wanted.set()
        for watchers in list(self._watchers.values()):
            for watcher in list(watchers):
                watcher.end()

    def dismiss(self, session: str) -> None:
        """A session is over: its pages hear nothing more."""
        for watchers in list(self._watchers.values()):
            for watcher in list(watchers):
                if watcher.session == session:
                    watcher.end()

    @property
    def count(self) -> int:
        """How many watch."""
        return sum(map(len, self._watchers.values()))

    def join(self, channel: str, known: Pulses, session: str = "") -> Watcher:
        """One more watches, who knows the channel's studies as they were at these pulses."""
        watcher = Watcher(channel, session)
        self._watchers[channel].add(watcher)
        with self._joining:
            self._begun.setdefault(channel, known)
        if self.away:
            watcher.put(event("away", self.changes.text({"what": self.away})))
        if self._ended.is_set():
            watcher.end()
        self._wanted.set()
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """One less."""
        self._watchers[watcher.channel].discard(watcher)
        if not self._watchers[watcher.channel]:
            del self._watchers[watcher.channel]
        if not self._watchers:
            self._wanted.clear()

    def _look(self) -> None:
        told: dict[str, float] = {}
        while not self._ended.is_set():
            if not self._wanted.is_set():
                self.changes.forget()
                self._wanted.wait()
                continue  # the wait may have ended with the service
            began = time.monotonic()
            try:
                self._tick(told, began)
            except NasError as error:
                self._say_away(error.brief or str(error))
            except Exception:
                log.exception("live pages were not told of a change")
            self._ended.wait(max(0.05, TICK_S - (time.monotonic() - began)))

    def _tick(self, told: dict[str, float], now: float) -> None:
        channels = list(self._watchers)
        ready = [name for name in channels if now - told.get(name, 0.0) >= GAP_S - 0.01]
        with self._joining:
            begun, self._begun = self._begun, {}
        for channel, kind, text, revision in self.changes.since_last(ready, channels, begun):
            told[channel] = now
            self._publish(channel, event(kind, text, revision))
        if self.away:
            self.away = ""
            self._publish(None, event("back", "{}"))

    def _say_away(self, why: str) -> None:
        if not self.away:
            self.away = why
            self._publish(None, event("away", self.changes.text({"what": why})))

    def _publish(self, channel: str | None, text: str) -> None:
        """To all that watch a channel, or to all."""

        def put() -> None:
            for name in list(self._watchers) if channel is None else [channel]:
                for watcher in list(self._watchers.get(name, ())):
                    watcher.put(text)

        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(put)


def event(kind: str, data: str, revision: int | None = None) -> str:
    """One server-sent event; JSON has no line breaks. A browser that comes back says the last revision."""
    place = "" if revision is None else f"id: {revision}\n"
    return f"event: {kind}\n{place}data: {data}\n\n"


class EventStream(StreamingResponse):
    """The answer to a page that watches."""

    def __init__(self, live: Live, channel: str, known: Pulses, first: First | None = None) -> None:
        """`first` gives what is told before all else: asked once nothing can be missed any more."""
        super().__init__((), headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream")
        self._live, self._channel, self._known, self._first = live, channel, known, first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one of both ends it."""
        access: Access = scope.get("state", {}).get("access", NOBODY)
        watcher = self._live.join(self._channel, self._known, access.session)
        gone = asyncio.create_task(_gone(receive, watcher))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _send(send, f": watching\nretry: 2000\n\n{await self._begin(watcher)}")
            while (text := await _next(watcher)) is not None:
                await _send(send, text)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("a page that read too slowly was let go")
        finally:
            gone.cancel()
            self._live.leave(watcher)

    async def _begin(self, watcher: Watcher) -> str:
        if self._first is None:
            return ""
        try:
            return await self._first()
        except NasError as error:  # what was missed is still to be told: the browser comes back for it
            watcher.end()
            return event("away", self._live.changes.text({"what": error.brief or str(error)}))


async def _next(watcher: Watcher) -> str | None:
    try:
        return await asyncio.wait_for(watcher.queue.get(), HEARTBEAT_S)
    except TimeoutError:
        return ": still here\n\n"


async def _send(send: Send, text: str) -> None:
    async with asyncio.timeout(SLOW_S):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive, watcher: Watcher) -> None:
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    except RefusedError:
        log.info("a page that sent too much was let go")
    finally:
        watcher.end()
