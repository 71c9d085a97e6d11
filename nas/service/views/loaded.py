"""Shipped spaces as pages ask for them: found by name alone, loaded once, kept."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nas.errors import NasError, UnknownNameError
from nas.service.costs import data_info
from nas.space.load import load_space, shipped_folder, shipped_names
from nas.space.space import Space

KEPT = 64
"""Variants of spaces that are kept: a compiled one takes 20 to 250 ms to make, and about 1 MB."""


def loaded(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any] | None = None,
    reference: str | None = None,
) -> Space:
    """A shipped space as its profile, data set, settings and reference make it; the same object each time.

    Raises:
        UnknownNameError: no such shipped space, profile, data set, setting or reference. Paths are none of
            them: what a page asks for never reaches the file system.
    """
    if name not in names():
        raise UnknownNameError("space", name, names())
    if data is not None and data not in datasets():
        raise UnknownNameError("data set", data, datasets())
    try:
        key = json.dumps(settings or {}, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise NasError(
            f"settings: {error}; numbers, words, true, false and lists of them are allowed"
        ) from None
    return _loaded(name, profile or None, data or None, key, reference or None)


@lru_cache(maxsize=KEPT)
def _loaded(name: str, profile: str | None, data: str | None, settings: str, reference: str | None) -> Space:
    return load_space(
        name, profile=profile, data=data_info(data), settings=json.loads(settings), reference=reference
    )


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """All shipped spaces."""
    return tuple(shipped_names())


@lru_cache(maxsize=1)
def datasets() -> tuple[str, ...]:
    """Data sets that are known by a name alone, without a path or another argument."""
    from workers.data.base import spellings

    return tuple(name for name in spellings() if ":" not in name)


def text_of(name: str) -> str:
    """The YAML of a shipped space."""
    if name not in names():
        raise UnknownNameError("space", name, names())
    return (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")
