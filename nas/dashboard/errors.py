"""One shape for all that goes wrong: `{"error": {"what", "kind", "field", "details"}}`, with its statuses.

What people see is the message of a `NasError`, as in the command line; never a traceback.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from nas.errors import (
    NasError,
    StoreError,
    StudyDrivenError,
    StudyEndedError,
    StudyExistsError,
    StudyFailedError,
    StudyNotFoundError,
    TrialNotFoundError,
    UnknownNameError,
)
from nas.service.actions.tasks import SeenBeforeError
from nas.service.helper import NoAnswerError
from nas.service.labels import WORDS, by_labels
from nas.service.notes import NoteNotFoundError
from nas.service.trained import NoWeightsError
from nas.service.views.inside import PictureNotKeptError
from nas.service.views.trial import FileNotKeptError

Kind = Literal["NotFound", "Invalid", "Forbidden", "Conflict", "TooLarge", "TooMany", "StoreAway", "Internal"]
KINDS: dict[int, Kind] = {
    400: "Invalid",
    401: "Forbidden",
    403: "Forbidden",
    404: "NotFound",
    405: "Invalid",
    409: "Conflict",
    413: "TooLarge",
    429: "TooMany",
    500: "Internal",
    503: "StoreAway",
}
MEANINGS = {
    400: "A mistake in what was asked",
    401: "A token is needed, or the one given is wrong",
    403: "The token may not do that, or the request is not from a page of this service",
    404: "There is no such thing",
    409: "Not possible as things stand",
    413: "The request is too large",
    429: "Too many failures from this address",
    503: "The store does not answer; ask again",
}
NO_ROUTE = {
    404: "there is nothing at this address: begin at /studies",
    405: "this address is not asked that way: see /api/openapi.json",
}
ADDRESSED = ("space", "study")
"""What an address names; an unknown name of another kind is a mistake in what is asked of it."""
RETRY_S = 2
"""How soon to ask again while the store is away."""


@dataclass(frozen=True)
class Fault:
    """What went wrong."""

    what: str
    kind: Kind
    field: str | None = None
    details: tuple[str, ...] = ()
    """What it is about, one by one: the differences of two studies."""


@dataclass(frozen=True)
class Problem:
    """The body of every answer that is an error."""

    error: Fault


class RefusedError(HTTPException):
    """A request that is not answered as asked. Of FastAPI's own kind, which passes through its reading of a
    body as it is."""

    def __init__(
        self,
        status: int,
        what: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(status, what, headers)
        self.field, self.details = field, details

    @property
    def fault(self) -> Fault:
        """As the body tells it."""
        return Fault(self.detail, KINDS.get(self.status_code, "Invalid"), self.field, self.details)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the statuses that a route may answer with, besides those that any may."""
    return {
        status: {"model": Problem, "description": MEANINGS[status]}
        for status in sorted({400, 401, 403, 413, 429, 503, *statuses})
    }


def refused(error: Exception) -> RefusedError:
    """What to answer to an error; `Internal` for one that is our own mistake."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        what = NO_ROUTE.get(error.status_code, error.detail)
        return RefusedError(error.status_code, what, None, error.headers)
    if isinstance(error, NasError):
        status = _status(error)
        away = {"Retry-After": str(RETRY_S)} if status == 503 else {}
        name = getattr(error, "field", None)
        what = by_labels(error.brief or str(error))
        return RefusedError(status, what, name if isinstance(name, str) else None, away, error.details)
    return RefusedError(500, "the service failed on this; what happened is in its log")


def _status(error: NasError) -> int:
    if isinstance(error, UnknownNameError):
        return 404 if error.kind in ADDRESSED else 400
    missing = StudyNotFoundError | TrialNotFoundError | NoteNotFoundError
    if isinstance(error, missing | FileNotKeptError | PictureNotKeptError):
        return 404
    impossible = StudyExistsError | StudyFailedError | StudyEndedError | StudyDrivenError
    if isinstance(error, impossible | NoWeightsError | SeenBeforeError):
        return 409
    if isinstance(error, StoreError | NoAnswerError):
        return 503
    return 400


def _invalid(error: RequestValidationError) -> RefusedError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        mistake = f"{first['ctx']['error']} at character {first['loc'][-1]}"
        return RefusedError(400, f"the body is not JSON: {mistake}")
    where = [str(part) for part in first["loc"]]
    name = ".".join(where[1:]) or where[0]
    said = f"{WORDS[name].label}: " if name in WORDS else f"{name[:200]}: "
    return RefusedError(400, said + _no_number(first), name[:200])


NUMBERS = {"int": "no whole number", "float": "no number"}


def _no_number(error: Mapping[str, Any]) -> str:
    """What is wrong, in our words where a number was asked for."""
    kind, _, how = str(error["type"]).partition("_")
    if kind in NUMBERS and how in ("parsing", "type", "from_float"):
        return f"{str(error['input'])[:40]!r} is {NUMBERS[kind]}; type e.g. 24"
    return str(error["msg"])


def as_json(refusal: RefusedError) -> JSONResponse:
    """The answer to a program."""
    return JSONResponse({"error": asdict(refusal.fault)}, refusal.status_code, refusal.headers)
