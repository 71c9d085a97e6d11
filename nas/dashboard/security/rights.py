"""Tokens and what they allow. Nothing of a session is kept: its cookie is signed with the token itself.

So sessions outlive a restart of the service, and end when the token is changed.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from enum import IntEnum

from nas.dashboard.settings import Settings

COOKIE = "nas_session"
SESSION_S = 12 * 3600
"""How long a login holds."""


class Right(IntEnum):
    """Each includes those below it."""

    NONE = 0
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Access:
    """Who asks, and what they may."""

    right: Right
    actor: str
    """`local`, `reader`, `writer`, or nobody."""
    csrf: str = ""
    """What a page sends with everything that changes something; empty where no page asks."""
    session: str = ""
    """Which login it is; empty where there was none."""
    program: bool = False
    """Asks with a token of its own in every request, which no foreign page can make a browser send."""

    @property
    def can_write(self) -> bool:
        """Whether it may change anything."""
        return self.right >= Right.WRITE

    def matches(self, csrf: str) -> bool:
        """Whether that is what the session's own pages send."""
        return bool(self.csrf) and hmac.compare_digest(self.csrf.encode(), csrf.encode())


NOBODY = Access(Right.NONE, "")
ACTORS = {Right.READ: "reader", Right.WRITE: "writer"}


class Keys:
    """The tokens of a service. All comparisons take the same time, whatever is compared."""

    def __init__(self, settings: Settings) -> None:
        given = {Right.WRITE: settings.write_token, Right.READ: settings.read_token}
        self._tokens = {right: token.encode() for right, token in given.items() if token}
        self._revoked: dict[str, float] = {}
        self._own = secrets.token_bytes(32)

    @property
    def guarded(self) -> bool:
        """Whether there is any token."""
        return bool(self._tokens)

    def local(self) -> Access:
        """Whoever sits at this machine, where there are no tokens."""
        return Access(Right.WRITE, "local", _signed(self._own, "csrf"))

    def of_token(self, text: str) -> Right:
        """What a token allows."""
        found, given = Right.NONE, hashlib.sha256(text.encode()).digest()
        for right, token in self._tokens.items():
            if hmac.compare_digest(hashlib.sha256(token).digest(), given):
                found = max(found, right)
        return found

    def cookie(self, right: Right) -> str:
        """A new session with that right."""
        said = f"{right.value}.{int(time.time()) + SESSION_S}.{secrets.token_urlsafe(12)}"
        return f"{said}.{_signed(self._tokens[right], f'session {said}')}"

    def of_cookie(self, text: str) -> Access:
        """Whose session a cookie is; nobody's if it is forged, old or was logged out of."""
        said, _, signature = text.rpartition(".")
        parts = said.split(".")
        if len(parts) != 3 or parts[0] not in ("1", "2") or not parts[1].isdecimal() or not said.isascii():
            return NOBODY
        right = Right(int(parts[0]))
        token = self._tokens.get(right, self._own)
        expected = _signed(token, f"session {said}")
        genuine = hmac.compare_digest(expected.encode(), signature.encode())
        if not genuine or int(parts[1]) < time.time() or said in self._revoked:
            return NOBODY
        return Access(right, ACTORS[right], _signed(token, f"csrf {said}"), said)

    def revoke(self, session: str) -> None:
        """End a session before its time."""
        now = time.time()
        self._revoked = {known: end for known, end in self._revoked.items() if end > now}
        self._revoked[session] = now + SESSION_S


def _signed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
