"""All views of one network, one after the other."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from nas.registry import Entry
from workers.inside.base import VIEWS, DoesNotApplyError, Picture, View
from workers.inside.subject import Subject


@dataclass(frozen=True, eq=False)
class Looked:
    """What a view came to."""

    name: str
    title: str
    order: int
    """Its place among all views."""
    picture: Picture | None
    why: str
    """Why there is no picture, as the end of a sentence; empty if there is one."""


def wanted(names: Collection[str]) -> list[Entry[View]]:
    """These views, or all, from the input's side to the answer; unknown names list near matches."""
    found = [VIEWS.entry(name) for name in dict.fromkeys(names)] if names else list(VIEWS)
    return sorted(found, key=lambda entry: entry.value.order)


def look(
    subject: Subject, names: Collection[str] = (), on_view: Callable[[str], None] = lambda title: None
) -> Iterator[Looked]:
    """The views of these names, or all; `on_view` hears the title of each before it is drawn."""
    for entry in wanted(names):
        title, order = entry.value.title, entry.value.order
        on_view(title)
        try:
            yield Looked(entry.name, title, order, entry.value.draw(subject), "")
        except DoesNotApplyError as error:
            yield Looked(entry.name, title, order, None, str(error))
