"""What a view of a network is: a picture with its words and its numbers, made from a subject."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from nas.registry import Registry
from workers.inside.subject import Subject


class DoesNotApplyError(Exception):
    """A network that this view has nothing to show of; the message says why, as the end of a sentence."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One finished picture."""

    image: Image.Image
    """Twice as many pixels as it takes on a page."""
    caption: str
    """What is to be seen, in a sentence or two, as below a figure of a paper."""
    alt: str
    """What it shows, for those who do not see it."""
    data: Mapping[str, Any]
    """The numbers that were drawn."""


@dataclass(frozen=True)
class View:
    """One way to look into a network."""

    title: str
    order: int
    """Its place among all views; from the input's side to the answer."""
    draw: Callable[[Subject], Picture]
    """Raises `DoesNotApplyError`."""


VIEWS: Registry[View] = Registry("view", "workers.inside")
"""All views by name."""


def view(
    name: str, title: str, about: str, *, order: int
) -> Callable[[Callable[[Subject], Picture]], Callable[[Subject], Picture]]:
    """Decorator: enter a drawing function as a view."""

    def enter(draw: Callable[[Subject], Picture]) -> Callable[[Subject], Picture]:
        VIEWS.register(name, about)(View(title, order, draw))
        return draw

    return enter
