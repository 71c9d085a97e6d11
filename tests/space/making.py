"""Small spaces made in tests."""

from typing import Any

from nas.errors import InfeasibleError
from nas.records import DataInfo
from nas.space.schema import Where
from nas.space.space import Space

TAIL = ["global_avg_pool", {"linear": {"out": "=input.classes"}}]


def raw(*entries: Any, **more: Any) -> dict[str, Any]:
    """A document of a 4-channel space that ends in a classifier."""
    return {
        "space": "test",
        "about": "a space of a test",
        "input": {"channels": 4, "size": 8, "classes": 10},
        "architecture": [*entries, *TAIL],
        **more,
    }


def space(*entries: Any, data: DataInfo | None = None, profile: str | None = None, **more: Any) -> Space:
    """The space of `raw`."""
    settings = more.pop("settings", None)
    return Space(raw(*entries, **more), Where("test.yaml"), data=data, profile=profile, settings=settings)


def feasible(made: Space) -> list[dict[str, Any]]:
    """All points that break no rule, found one by one."""
    kept = []
    for rank in range(made.counter.total or 0):
        point = made.counter.point(rank)
        try:
            made.architecture(point)
        except InfeasibleError:
            continue
        kept.append(point)
    return kept
