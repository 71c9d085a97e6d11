"""Bodies as JSON has them: no NaN, no half characters, no endless nesting."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from nas.dashboard.errors import RefusedError


class StrictRequest(Request):
    """Reads its body with the care that Python's own reader leaves out."""

    async def json(self) -> Any:
        """The body; raises 400 for what no store could keep."""
        body = await self.body()
        try:
            found = json.loads(body, parse_constant=_no_number)
            if b"\\ud" in body.lower():
                json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise RefusedError(400, "the body has half a character (a lone surrogate) in it") from None
        except RecursionError:
            raise RefusedError(400, "the body is nested too deeply") from None
        return found


class StrictRoute(APIRoute):
    """A route that reads so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As the plain one."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


def _no_number(text: str) -> NoReturn:
    raise RefusedError(400, f"the body has {text} in it, which is no JSON: leave it out or write null")
