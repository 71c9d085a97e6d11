"""Spaces by their documents, kept between the trials of a process."""

import functools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nas.space.space import Space


def space_of(document: Mapping[str, Any]) -> "Space":
    """The space of a request's document; all trials of a study share it."""
    return _space(json.dumps(document))


@functools.lru_cache(maxsize=8)
def _space(document: str) -> "Space":
    from nas.space.space import Space

    return Space.from_document(json.loads(document))
