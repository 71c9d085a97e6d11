"""What the best network sees: the pictures that were drawn of it, if somebody has looked."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from nas.errors import NasError
from nas.report.blocks import Block, Picture, Prose, Section
from nas.report.material import Material
from nas.report.words import counted
from nas.service.views.inside import picture, trial_inside
from nas.store import Store
from workers.pictures import Shown

MOST_BYTES = 2_000_000
"""Of all pictures and the numbers behind them, before they are written as text."""


def inside(store: Store, found: Material) -> Section | None:
    """The pictures; nothing where there are none."""
    views = [each for each in trial_inside(store, found.name, found.best.number) if not each.why]
    if not views:
        return None
    return Section(f"{found.tag}-inside", "What the network sees", list(_pictures(store, found, views)))


def _pictures(store: Store, found: Material, views: Sequence[Shown]) -> Iterator[Block]:
    name, number = found.name, found.best.number
    left, room = 0, MOST_BYTES
    for view in views:
        with suppress(NasError):  # taken away meanwhile
            png, data = (picture(store, name, number, file) for file in view.files)
            if (size := len(png) + len(data)) > room:
                left += 1
                continue
            room -= size
            yield Picture(
                id=f"{found.tag}-{view.name}",
                title=view.title,
                caption=view.caption,
                alt=view.alt,
                png=png,
                data=data,
                width=view.width,
                height=view.height,
            )
    if left:
        yield Prose(f"{counted(left, 'more picture')} would not fit: nas look {name} {number} --out FOLDER")
