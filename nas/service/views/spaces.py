"""The page of all spaces."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nas.service.views.loaded import loaded, names
from nas.service.views.wording import cardinality


@dataclass(frozen=True)
class SpaceLine:
    """One space in a line."""

    space: str
    about: str
    source: str
    """Title and authors of the paper that it comes from; of the first, if there are several."""
    year: int | None
    parameters: int
    points: str
    """How many points it has, in words."""
    references: int
    profiles: list[str]


@lru_cache(maxsize=1)
def _lines() -> tuple[SpaceLine, ...]:
    return tuple(map(_line, names()))


def spaces_page() -> list[SpaceLine]:
    """All shipped spaces. The first call loads them, which takes two seconds; later ones take nothing."""
    return list(_lines())


def _line(name: str) -> SpaceLine:
    space = loaded(name)
    first = _first_source(space.raw.get("source"))
    return SpaceLine(
        space=space.name,
        about=space.about,
        source=", ".join(str(first[key]) for key in ("title", "authors") if first.get(key)),
        year=first.get("year"),
        parameters=len(space.parameters),
        points=cardinality(space),
        references=len(space.references),
        profiles=list(space.model.profiles),
    )


def _first_source(source: Any) -> dict[str, Any]:
    entries = source if isinstance(source, list) else [source]
    return dict(entries[0] or {})
