"""The URL of a page as its state: links that change one part of it and keep the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Link:
    """A page with its query, as (name, value) pairs in order; a name may come several times."""

    path: str
    pairs: Pairs = ()

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.pairs)}" if self.pairs else self.path

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return [value for key, value in self.pairs if key == name]

    def put(self, **values: str | int | None) -> "Link":
        """With other values; None takes a name out, and the first page comes again."""
        away = {*values, "offset"}
        kept = [pair for pair in self.pairs if pair[0] not in away]
        return Link(
            self.path, (*kept, *((key, str(value)) for key, value in values.items() if value is not None))
        )

    def drop(self, name: str, value: str | None = None) -> "Link":
        """Without a name, or without one of its values."""
        away = [pair for pair in self.pairs if pair[0] == name and value in (None, pair[1])]
        return Link(self.path, tuple(pair for pair in self.pairs if pair not in away and pair[0] != "offset"))

    def only(self, *names: str) -> "Link":
        """With no other names."""
        return Link(self.path, tuple(pair for pair in self.pairs if pair[0] in names))

    def at(self, path: str) -> "Link":
        """Another page with the same query."""
        return Link(path, self.pairs)


def without_empty(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """What a form sends, without its empty fields."""
    return tuple((name, value.strip()) for name, value in pairs if value.strip())
