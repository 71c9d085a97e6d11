"""One thing that was looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from nas.errors import NasError


@dataclass(frozen=True)
class Check:
    """What was looked at and found; `advice` says what to type where it is not as it should be."""

    what: str
    ok: bool
    found: str
    advice: str = ""


def attempt(what: str, look: Callable[[], str]) -> Check:
    """What `look` finds; a message of ours is split into what is and what to do."""
    try:
        return Check(what, True, look())
    except NasError as error:
        found, _, advice = str(error).partition("; ")
        return Check(what, False, found, advice)
