"""All networks of a space at one cost: its width is no choice any more but follows from the budget.

A space says which name that is, and where its value is looked for:

    iso: {width: {domain: [1, 512], step: 0.05}}

`--iso macs=400M` makes of it a derived value that solves `macs = 400e6` over the whole network, and a
constraint that this succeeds within 5 %. References keep the value that they were published with.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nas.errors import InfeasibleError, NasError, UnknownNameError
from nas.service.values import limits
from nas.space.load import load_space, shipped_names
from nas.space.space import Space

COSTS = ("macs", "params", "activations", "train_bytes")
"""What can be made equal: costs that grow with the width."""

WITHIN = 0.05
"""How far a network's cost may be from the target, as a share of it; widths are whole numbers."""

PROBES = 64
"""Random points by which the reach of a space is told."""


def at_cost(space: Space, text: str) -> Space:
    """The space in which every network costs what `text`, such as `macs=400M`, says.

    Raises:
        NasError: the space names no width, it is set by hand, or no network of it can cost that.
    """
    ((cost, target),) = limits([text], "--iso").items()
    if cost not in COSTS:
        raise UnknownNameError("cost", cost, COSTS, f"--iso {text}: ")
    name = next(iter(space.model.iso), None)
    if name is None:
        able = ", ".join(other for other in shipped_names() if load_space(other).model.iso)
        said = f"space {space.name} does not say which width could follow from a cost"
        raise NasError(f"--iso {text}: {said} (iso: {{NAME: {{domain: [low, high]}}}}); these do: {able}")
    if name in space.settings:
        raise NasError(f"--iso {text}: {name} follows from it, so leave out --set {name}=…")
    made = Space(
        _solved(space, name, f"{cost} = {target:.12g}", (cost, target)),
        space.where,
        data=space.data,
        profile=space.profile,
        settings=space.settings,
    )
    _refuse_unreachable(made, text, name, cost, target)
    return made


def _solved(space: Space, name: str, equation: str, wanted: tuple[str, float]) -> dict[str, Any]:
    """The space's document with `name` solved, and set by nobody but its references."""
    raw, said = dict(space.raw), space.model.iso[name]
    profiles = {key: dict(profile) for key, profile in raw.get("profiles", {}).items()}
    rule = {"solve": equation, "domain": list(said.domain), "step": said.step}
    low, high = ((1 + sign * WITHIN) * wanted[1] for sign in (-1, 1))
    around = [f"{wanted[0]} >= {low:.12g}", f"{wanted[0]} <= {high:.12g}"]
    changed = {
        "constants": _without(raw.get("constants"), name),
        "parameters": _without(raw.get("parameters"), name),
        "derived": {**raw.get("derived", {}), name: rule},
        "constraints": [*raw.get("constraints", []), *around],
        "references": dict(_references(raw, name)),
        "profiles": {
            key: {**profile, "set": _without(profile.get("set"), name)}
            | {"parameters": _without(profile.get("parameters"), name)}
            for key, profile in profiles.items()
        },
    }
    answer = raw.get("answer", {})
    if (show := answer.get("show")) and name not in show:
        changed["answer"] = {**answer, "show": [*show, name]}
    return {**raw, **changed, "iso": {}}


def _without(values: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    return {key: value for key, value in (values or {}).items() if key != name}


def _references(raw: Mapping[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The references with the value that `name` had for each, if not of its own then its profile's."""
    usual = dict(raw.get("constants", {}))
    if isinstance(rule := raw.get("derived", {}).get(name), str):
        usual[name] = f"={rule}"
    for key, reference in raw.get("references", {}).items():
        profile = raw.get("profiles", {}).get(reference.get("profile"), {})
        known = {**usual, **profile.get("set", {}), **reference.get("set", {})}
        pinned = {name: known[name]} if name in known else {}
        yield key, {**reference, "set": {**pinned, **reference.get("set", {})}}


def _refuse_unreachable(space: Space, text: str, name: str, cost: str, target: float) -> None:
    """Say now what costs the space reaches, if a search would find no network at the target."""
    model, rng = space.model.derived[name], np.random.default_rng(0)
    domain: tuple[float, float] = model.domain  # type: ignore[union-attr]
    reached: list[tuple[int, int]] = []
    for _ in range(PROBES):
        point = space.draw(rng)
        try:
            low, high = (getattr(space.fixed(point, {name: end}).cost, cost) for end in domain)
        except InfeasibleError:
            continue
        if low <= target <= high:
            return
        reached.append((low, high))
    if not reached:
        raise NasError(f"--iso {text}: no point of {space.name} has a network; see nas space check")
    least, most = min(low for low, _ in reached), max(high for _, high in reached)
    where = f" on {space.data.name}" if space.data else ""
    raise NasError(
        f"--iso {text}: networks of {space.name}{where} have {least:,} to {most:,} {cost}; "
        f"type e.g. --iso {cost}={round((least * most) ** 0.5):.2g}"
    )
