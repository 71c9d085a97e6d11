"""One document, many variants: what a data set, a profile, a reference and settings make of a space.

Precedence, low to high: space, data set, profile, reference, settings.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.errors import PointError, UnknownNameError
from nas.records import DataInfo
from nas.space.schema import ParameterModel, ReferenceModel, SolveModel, SpaceModel, Where, frozen_value
from nas.space.yaml_reader import Path


@dataclass
class Resolved:
    """A space with everything applied. Values that start with `=` are expressions still."""

    constants: dict[str, Any]
    parameters: dict[str, ParameterModel]
    derived: dict[str, SolveModel | bool | int | float | str]
    input: dict[str, Any]
    training: dict[str, Any]
    origin: dict[str, Path]
    """The key path that gave a name its present value."""


def resolve(
    model: SpaceModel,
    where: Where,
    *,
    data: DataInfo | None = None,
    profile: str | None = None,
    reference: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Resolved:
    """Apply a data set, a profile, a reference and settings to a space.

    Raises:
        UnknownNameError: no such profile, reference or name.
    """
    result = Resolved(
        constants={name: frozen_value(value) for name, value in model.constants.items()},
        parameters=dict(model.parameters),
        derived=dict(model.derived),
        input=model.input.model_dump(),
        training=dict(model.training),
        origin=_origins(model, where),
    )
    if reference is not None:
        chosen = _entry(model.references, "reference", reference, where)
        profile = profile or chosen.profile
    sized = False
    if profile is not None:
        sized = _profile(result, model, profile, where)
    if data is not None:
        result.input.update(channels=data.channels, classes=data.classes)
        if not sized and isinstance(result.input["size"], int):
            result.input["size"] = data.size
    if reference is not None:
        _reference(result, chosen, ("references", reference), where)
    for name, value in (settings or {}).items():
        _set(result, name, value, ("set", name), where)
    return result


def _origins(model: SpaceModel, where: Where) -> dict[str, Path]:
    origin: dict[str, Path] = {}
    for part in ("constants", "parameters", "derived"):
        for name in getattr(model, part):
            if name in origin:
                raise where.error((part, name), f"{name!r} is given twice: in {origin[name][0]} too")
            origin[name] = (part, name)
    return origin


def _entry(entries: Mapping[str, Any], kind: str, name: str, where: Where) -> Any:
    if name not in entries:
        raise UnknownNameError(kind, name, entries, f"{where.file}: ")
    return entries[name]


def _profile(result: Resolved, model: SpaceModel, name: str, where: Where) -> bool:
    """Apply a profile; whether it sets the input's size."""
    profile = _entry(model.profiles, "profile", name, where)
    for parameter, replaced in profile.parameters.items():
        result.constants.pop(parameter, None)
        result.derived.pop(parameter, None)
        result.parameters[parameter] = replaced
        result.origin[parameter] = ("profiles", name, "parameters", parameter)
    for key, value in profile.set.items():
        _set(result, key, value, ("profiles", name, "set", key), where)
    result.training.update(profile.training)
    if profile.input is None:
        return False
    result.input.update(profile.input.model_dump(exclude_unset=True))
    return "size" in profile.input.model_fields_set


def _reference(result: Resolved, chosen: ReferenceModel, path: Path, where: Where) -> None:
    for key, value in chosen.set.items():
        _set(result, key, value, (*path, "set", key), where)
    if chosen.input is not None:
        result.input.update(chosen.input.model_dump(exclude_unset=True))


def _set(result: Resolved, name: str, value: Any, path: Path, where: Where) -> None:
    """Replace whatever `name` was by a constant (or an expression)."""
    groups = (result.constants, result.parameters, result.derived)
    known = [known for group in groups for known in group]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise where.error(path, f"no name {name!r} to set: names are {', '.join(sorted(known))}{hint}")
    parameter = result.parameters.get(name)
    frozen = frozen_value(value)
    if parameter is not None and path[0] == "set":
        _check_domain(parameter, name, frozen)
    for group in groups:
        group.pop(name, None)
    result.constants[name] = frozen
    result.origin[name] = path


def _check_domain(parameter: ParameterModel, name: str, value: Any) -> None:
    """A user's setting of a parameter lies in its domain."""
    domain = parameter.domain()
    if isinstance(value, str) and value.startswith("="):
        return
    if parameter.length is not None and not isinstance(value, tuple):
        example = f"--set '{name}=[{value}, {value}]'"
        raise PointError(
            f"{name} = {value!r}: it is a list of {parameter.length} values; type e.g. {example}"
        )
    for item in value if parameter.length is not None else (value,):
        if not domain.contains(item):
            raise PointError(f"{name} = {item!r}: it is {domain}")
