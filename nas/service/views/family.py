"""The space of a study and its published networks, compiled and priced once."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ruamel.yaml import YAML

import workers.spaces
from nas.errors import NasError
from nas.service.plain import plain
from nas.space.space import Space
from nas.store.rows import COSTS, StudyRow

KEPT = 32
"""Studies whose references are kept."""
LABELS = 300
PUBLISHED_ON = {"imagenet-1k": 1000, "cifar10": 10, "cifar100": 100}
"""Data sets that references have published accuracies on, with their classes."""


@dataclass(frozen=True)
class Member:
    """A published network with what is known of it."""

    name: str
    numbers: Mapping[str, float]
    """Costs by what its network costs here, and metrics by what was published."""
    published: frozenset[str]
    """Which of the numbers were published, and not computed."""


class _Study:
    """A study as a key: what was stored when it began never changes."""

    def __init__(self, row: StudyRow) -> None:
        self.row, self._key = row, (row.id, row.name, row.created_s)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Study) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def space_of(row: StudyRow) -> Space | None:
    """The space that a study searches; None where its document is not read any more."""
    try:
        return workers.spaces.space_of(row.spec.space)
    except (NasError, LookupError, TypeError):
        return None


def members(row: StudyRow) -> list[Member]:
    """The references of a study's space; accuracies only where the study has the data that they are of."""
    return _members(_Study(row))


@lru_cache(maxsize=KEPT)
def _members(study: _Study) -> list[Member]:
    space = space_of(study.row)
    names = space.references if space is not None else ()
    found = (_member(space, name, study.row.spec.data) for name in names if space is not None)
    return [member for member in found if member is not None]


def _member(space: Space, name: str, data: str) -> Member | None:
    try:
        network = space.reference(name)
    except NasError:
        return None
    costs = {cost: float(min(getattr(network.cost, cost), 2**1023)) for cost in COSTS}
    published = space.references[name].published
    metrics: dict[str, float] = {}
    if PUBLISHED_ON.get(data) == network.input.classes and network.input.channels == 3:
        metrics = dict(_metrics(published))
    return Member(name, {**costs, **metrics}, frozenset(metrics))


def _metrics(published: Mapping[str, float]) -> dict[str, float]:
    """Published accuracies in percent as the metrics of a training."""
    found: dict[str, float] = {}
    if "top1" in published:
        found |= {"top1": published["top1"], "accuracy": published["top1"] / 100}
        found |= {"error": 1 - found["accuracy"], "test_error": 1 - found["accuracy"]}
    if "top5" in published:
        found |= {"top5": published["top5"], "top5_error": 1 - published["top5"] / 100}
    return found


@lru_cache(maxsize=KEPT)
def _yaml(study: _Study) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = None, 110, True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.dump(plain(study.row.spec.space["space"]), text)
    return text.getvalue()


def space_yaml(row: StudyRow) -> str:
    """The space that a study searches as a file: `nas.load_space` takes it back."""
    return _yaml(_Study(row))


def parameter_labels(row: StudyRow) -> list[str]:
    """The scalars of the space's parameters, at most `LABELS`: of a vector whose length depends on the point
    only its name."""
    space = space_of(row)
    found: list[str] = []
    for name, parameter in space.parameters.items() if space else ():
        width = _width(space, name) if parameter.length is not None else None
        found += [f"{name}[{place}]" for place in range(width)] if width else [name]
    return found[:LABELS]


def _width(space: Space | None, name: str) -> int | None:
    try:
        return space.compiled.width(name, {}) if space else None
    except NasError:
        return None
