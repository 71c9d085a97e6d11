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
    """What `look` finds, or why it does not."""
    try:
        return Check(what, True, look())
    except NasError as error:
        return refused(what, error)


def refused(what: str, error: NasError) -> Check:
    """A message of ours, split into what is and what to do."""
    found, _, advice = str(error).partition("; ")
    return Check(what, False, found, advice)
