"""What was done, and what was refused, written down before the answer goes out."""

import json
import logging
import re
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nas.dashboard.errors import refused
from nas.dashboard.security.guard import ASKING, SAFE, WRONG_TOKEN, address_of
from nas.errors import NasError

log = logging.getLogger("nas.dashboard")

Record = Callable[..., Awaitable[None]]
"""Takes the fields of `nas.service.audit.record`."""

OF_STUDY = re.compile(r"/api/studies/([^/]+)/(?:trials/([0-9]+)/)?([a-z]+)(?:/([0-9]+))?")
STUDY = re.compile(r"/api/studies/([^/]+)")
SHOWN = 300
"""Characters of a detail or an outcome that are kept."""
QUIET = re.compile(r"/api/studies/preview")
"""Sent with POST, and does nothing."""


class Auditing:
    """Around the guard, so that it sees whom it refuses.

    A route may set `request.state.detail`: what exactly was asked, in words or as JSON data.
    """

    def __init__(self, app: ASGIApp, record: Record) -> None:
        self.app, self.record = app, record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        noted = False

        async def noting(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start" and not noted:
                noted = True
                await self._note(scope, message["status"], "")
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if not noted:
                answer = refused(error)
                await self._note(scope, answer.status_code, answer.detail)
            raise

    async def _note(self, scope: Scope, status: int, why: str) -> None:
        if not _counts(scope, status):
            return
        state = scope.get("state", {})
        study, action, detail = _named(scope)
        detail = " ".join(part for part in (detail, _text(state.get("detail"))) if part)
        access = state.get("access")
        if state.get("guessed"):  # a login that is sent back to its page
            status, why = 401, WRONG_TOKEN
        try:
            await self.record(
                actor=access.actor if access and access.actor else "nobody",
                action=action,
                study=state.get("study", study)[:SHOWN],
                detail=detail[:SHOWN],
                outcome="done" if status < 400 else f"refused ({status}): {why}"[:SHOWN],
                address=address_of(scope),
            )
        except NasError as error:  # what was asked for has its own answer
            log.warning("an action could not be written down: %s", error)


def _counts(scope: Scope, status: int) -> bool:
    """Actions, refused ones too, and wrong tokens; not each attempt of those who are told to wait."""
    if status == 429 or (scope["path"] == "/login" and scope["method"] in SAFE):
        return False
    if scope["method"] in SAFE:
        return bool(scope.get("state", {}).get("guessed"))
    if scope["path"] == "/logout":
        access = scope.get("state", {}).get("access")
        return bool(access and access.session)
    asked = bool(ASKING.fullmatch(scope["path"]) or QUIET.fullmatch(scope["path"]))
    return not asked or status in (401, 403)


def _named(scope: Scope) -> tuple[str, str, str]:
    """(study, action, trial or note) that a request is about, by its address."""
    path, method = scope["path"], scope["method"]
    if path in ("/login", "/logout"):
        return "", path[1:], ""
    if method in SAFE:
        return "", "read", path
    if path == "/api/studies":
        return "", "create", ""
    if found := STUDY.fullmatch(path):
        return found[1], method.lower(), ""
    if found := OF_STUDY.fullmatch(path):
        study, trial, action, note = found.groups()
        said = [f"trial {trial}" * bool(trial), f"note {note}" * bool(note)]
        verb = {"notes": "delete note" if method == "DELETE" else "note"}.get(action, action)
        return study, verb, " ".join(filter(None, said))
    return "", method.lower(), path


def _text(detail: object) -> str:
    if detail is None or isinstance(detail, str):
        return detail or ""
    return json.dumps(detail, ensure_ascii=False, default=str)
