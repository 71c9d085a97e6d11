"""Whole numbers in the URL of a page."""

from nas.dashboard.pages.links import Link
from nas.errors import NasError


def whole(link: Link, name: str, default: int) -> int:
    """The number of that name in a query.

    Raises:
        NasError: it is none.
    """
    text = next(iter(link.all(name)), None)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise NasError(f"{name} {text[:40]!r}: it is a whole number; type e.g. {name}={default}")
    return int(text)


def first(link: Link, name: str) -> str:
    """The value of that name in a query; empty if there is none."""
    return next(iter(link.all(name)), "")
