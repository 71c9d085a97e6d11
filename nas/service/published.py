"""Published numbers of references against what their networks cost here."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from nas.cost.architecture import Architecture
from nas.cost.cost import COSTS
from nas.errors import did_you_mean

ACCURACIES = ("top1", "top5")
KNOWN = (*COSTS, "gmacs", "macs_with_bias", "params_with_heads", *ACCURACIES)
"""What a reference may have published."""


def here(key: str, architecture: Architecture) -> float | None:
    """The number that a network has here; None for what only training tells."""
    if key == "gmacs":
        return architecture.cost.macs / 1e9
    if key == "macs_with_bias":
        return sum(row.ops for row in architecture.layers() if row.macs)
    if key == "params_with_heads":
        return architecture.params_with_heads
    return asdict(architecture.cost).get(key)


def agrees(key: str, ours: float, published: float) -> bool:
    """Whether the published number is ours; billions to the digits given, since some round and some cut."""
    if key != "gmacs":
        return ours == published
    decimals = len(str(published).partition(".")[2])
    return abs(ours - published) <= 10.0**-decimals


def confirmed(published: Mapping[str, float], architecture: Architecture) -> list[str]:
    """The published numbers that come out here."""
    ours = {key: here(key, architecture) for key in published if key in KNOWN}
    return [key for key, value in ours.items() if value is not None and agrees(key, value, published[key])]


def contradictions(published: Mapping[str, float], architecture: Architecture) -> Iterator[str]:
    """What was published and is not so here, and what nobody can compare."""
    for key, value in published.items():
        if key not in KNOWN:
            listed = ", ".join(KNOWN)
            yield f"published.{key}: unknown number; known are {listed}{did_you_mean(key, KNOWN)}"
            continue
        ours = here(key, architecture)
        if ours is not None and not agrees(key, ours, value):
            yield f"{key} is {ours:,}, published {value:,}"
