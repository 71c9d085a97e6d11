"""How much a request may send: counted while it comes, so that nothing large is ever held."""

from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nas.dashboard.errors import RefusedError

LIMIT = 2**20
"""Bytes of a body at most."""
DRAINED = 64 * 2**20
"""A body up to here is read and thrown away, so that its sender gets to read why it was refused."""


class BodyLimit:
    """Refuses what is too large before anyone reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > LIMIT:
            await _drain(receive, int(declared))
            raise too_large()
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LIMIT:
                await _drain(receive, DRAINED if message.get("more_body") else 0)
                raise too_large()
            return message

        await self.app(scope, counted, send)


async def _drain(receive: Receive, size: int) -> None:
    left, more = size if size <= DRAINED else 0, True
    while left > 0 and more:
        message: dict[str, Any] = dict(await receive())
        left -= max(1, len(message.get("body", b"")))
        more = bool(message.get("more_body"))


def too_large() -> RefusedError:
    """What to say to it."""
    return RefusedError(413, f"the request is larger than {LIMIT // 2**20} MiB: send less")
