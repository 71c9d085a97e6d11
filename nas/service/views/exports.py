"""What is taken away from a trial's page: drawing, layers, point."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import asdict, fields
from typing import Any

from nas.cost.architecture import Architecture
from nas.cost.table import LayerRow
from nas.drawing import draw
from nas.service.studies import trial as look
from nas.store import Store
from workers.spaces import space_of


def drawing(
    store: Store, name: str, number: int, *, unfold: Collection[str] = (), embedded: bool = False
) -> str:
    """A trial's network as SVG. Raises `NasError` where the point has none."""
    title = None if embedded else f"Trial {number} of {name}"
    return draw(_architecture(store, name, number), title=title, unfold=unfold, embedded=embedded)


def layers_csv(store: Store, name: str, number: int) -> Iterator[str]:
    """A trial's layers, a line each."""
    names = [field.name for field in fields(LayerRow)]
    yield _line(names)
    for layer in _architecture(store, name, number).layers():
        yield _line([asdict(layer)[column] for column in names])


def point(store: Store, name: str, number: int) -> dict[str, Any]:
    """A trial's point, as `nas cost --set` and a study's queue take it."""
    return dict(look(store, name, number).trial.point)


def _architecture(store: Store, name: str, number: int) -> Architecture:
    found = look(store, name, number).trial
    return space_of(store.study(name).spec.space).architecture(found.point)


def _line(values: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()
