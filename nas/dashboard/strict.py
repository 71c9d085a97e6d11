"""Bodies as JSON has them: no NaN, no half characters, no endless nesting."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, get_args

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo

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
            try:
                return await handle(StrictRequest(request.scope, request.receive))
            except RequestValidationError as error:
                if self.body_field is not None:
                    _refuse_unknown(error, self.body_field.field_info.annotation)
                raise

        return strictly


UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
"""By which types of mistake pydantic tells of a field that models, or dataclasses, do not have."""


def _refuse_unknown(error: RequestValidationError, kind: Any) -> None:
    """Raise 400 with the fields that there are, where the first mistake is a field that there is not."""
    first = error.errors()[0]
    if first["type"] not in UNKNOWN:
        return
    *path, name = (str(part) for part in first["loc"][1:])
    known = _fields(kind)
    for part in path:
        known = _fields(known[part].annotation)
    where = ".".join([*path, name])[:200]
    raise RefusedError(400, f"{where}: there is no such field; there are {', '.join(known)}", where)


def _fields(kind: Any) -> dict[str, FieldInfo]:
    """The fields of a model or a dataclass, or of the one in `Model | None`."""
    kinds = (kind, *get_args(kind))
    return next(each.__pydantic_fields__ for each in kinds if hasattr(each, "__pydantic_fields__"))


def _no_number(text: str) -> NoReturn:
    raise RefusedError(400, f"the body has {text} in it, which is no JSON: leave it out or write null")
