"""Listening: sockets that are bound before anything is promised, a server, and how both end."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from nas.dashboard.app import create_app
from nas.dashboard.settings import Settings
from nas.errors import NasError
from nas.store import Store

PATIENCE_S = 5
"""What is being answered at the end may take so long."""
BACKLOG = 512


class Service:
    """A service with its sockets. Once it is made, browsers may connect; they are answered from `run` on.

    Raises:
        NasError: the address cannot be had, or the service would be open to others.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.app: FastAPI = create_app(store, settings)
        self._stack = ExitStack()
        with self._stack:
            host = settings.host
            self._sockets = [self._stack.enter_context(listening(host, settings.port))]
            self.url, self.optuna_url = url_of(host, self._sockets[0]), ""
            asgi: ASGIApp = self.app
            if settings.optuna:
                from nas.dashboard.optuna import ByPort, optuna_app

                self._sockets.append(self._stack.enter_context(listening(host, 0)))
                port = self._sockets[1].getsockname()[1]
                asgi = ByPort(self.app, optuna_app(self.app.state.desk), port)
                self.optuna_url = url_of(host, self._sockets[1])
            self._server = _Server(asgi, settings.behind_proxy, self.app.state.desk.live.stop)
            self._stack = self._stack.pop_all()

    def run(self) -> None:
        """Answer until SIGINT, SIGTERM or `end`."""
        with self._stack:
            asyncio.run(self._server.serve(self._sockets))

    def end(self) -> None:
        """Make `run` return, from any thread."""
        self._server.should_exit = True


@contextmanager
def running(store: Store, settings: Settings) -> Iterator[Service]:
    """A service that answers from threads of this process, for those who use it from Python."""
    service = Service(store, settings)
    thread = threading.Thread(target=service.run, name="serve", daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.end()
        thread.join(PATIENCE_S + 5)


def serve(store: Store, settings: Settings, ready: Callable[[Service], None]) -> None:
    """Answer until SIGINT or SIGTERM; `ready` is told once requests are taken."""
    service = Service(store, settings)
    ready(service)
    service.run()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at the address; raises `NasError` where another has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), port))
            listener.listen(BACKLOG)
        except OSError as error:
            why = error.strerror or str(error)
            raise NasError(
                f"cannot listen at {host}:{port}: {why}; choose others with --host and --port (0: any that "
                "is free)"
            ) from None
        yield listener


def url_of(host: str, listener: socket.socket) -> str:
    """What to type into a browser."""
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host.strip("[]")
    return f"http://{f'[{name}]' if ':' in name else name}:{listener.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Ends quietly, and sends home first those who would watch forever."""

    def __init__(self, app: ASGIApp, proxies: str, before_end: Callable[[], None]) -> None:
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # errors are logged where they are answered
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                timeout_keep_alive=20,
                timeout_graceful_shutdown=PATIENCE_S,
            )
        )
        self._before_end = before_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_end()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with suppress(KeyboardInterrupt):
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
