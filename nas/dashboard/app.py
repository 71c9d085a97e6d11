"""The application: middlewares from outside in, routes, the start and the end of what runs beside them."""

import functools
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nas.dashboard import api, pages, static
from nas.dashboard.desk import Desk
from nas.dashboard.security.auditing import Auditing
from nas.dashboard.security.body import BodyLimit
from nas.dashboard.security.guard import Guard
from nas.dashboard.security.headers import SafeHeaders
from nas.dashboard.security.heads import Heads
from nas.dashboard.settings import Settings
from nas.service.audit import record
from nas.store import Store
from nas.versions import ours

ABOUT = """Everything that the pages show and do, as JSON. Every page `/X` has its twin `/api/X`.

With a token: `Authorization: Bearer TOKEN`. Without one, on this machine, what changes something carries the
header `X-NAS-CSRF` that `/api/session` tells. HEAD answers wherever GET does. Errors are
`{"error": {"what", "kind", "field", "details"}}`."""
WORTH_PACKING = 1000


def create_app(store: Store, settings: Settings) -> FastAPI:
    """The service for a store. Raises `NasError` where it would be open to others."""
    settings.check()
    desk = Desk(store, settings)

    async def note(**fields: Any) -> None:
        await desk.write(record, **fields)

    app = FastAPI(
        title="nas",
        description=ABOUT,
        version=ours(),
        openapi_url="/api/openapi.json",
        docs_url=None,  # these pages load scripts from other hosts
        redoc_url=None,
        lifespan=_life,
        exception_handlers={HTTPException: _passed_on, RequestValidationError: _passed_on},
        middleware=[
            Middleware(Heads),
            Middleware(SafeHeaders),
            Middleware(GZipMiddleware, minimum_size=WORTH_PACKING, compresslevel=5),
            Middleware(Auditing, record=note),
            Middleware(Guard, keys=desk.keys, failures=desk.failures),
            Middleware(BodyLimit),
        ],
    )
    app.state.desk = desk
    app.openapi = functools.partial(_documented, app)  # type: ignore[method-assign]
    _add_routes(app)
    return app


def _documented(app: FastAPI) -> dict[str, Any]:
    """The document without FastAPI's own 422: here a request that does not fit is answered with 400."""
    if app.openapi_schema is None:
        found = FastAPI.openapi(app)
        for methods in found["paths"].values():
            for about in methods.values():
                about["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            found["components"]["schemas"].pop(name, None)
    return app.openapi_schema or {}


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    desk: Desk = app.state.desk
    desk.live.start()
    desk.warming.start(app.openapi)  # which sets up all routes
    yield
    await run_sync(desk.warming.end)
    desk.close()


async def _passed_on(request: Request, error: Exception) -> Response:
    """Errors are answered in one place, outside of everything that wants to know of them."""
    raise error


def _add_routes(app: FastAPI) -> None:
    for package in (api, pages):
        for found in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{found.name}")
            if hasattr(module, "router"):
                app.router.routes += module.router.routes  # `include_router` would set each up once more

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/studies", 307)

    @app.get("/static/{path:path}", include_in_schema=False)
    def file(request: Request, path: str) -> Response:
        return static.answer(request, path)
