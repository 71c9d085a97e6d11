"""One document, many variants: what a data set, a profile, a reference and settings make of a space.

Precedence, low to high: space, data set, profile, reference, settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nas.errors import PointError, UnknownNameError, did_you_mean
from nas.records import DataInfo
from nas.space.expressions import INPUT_FIELDS
from nas.space.schema import ParameterModel, ReferenceModel, SolveModel, SpaceModel, Where, frozen_value
from nas.space.typed import like, words
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
    fixed: dict[str, ParameterModel] = field(default_factory=dict)
    """What the parameters were that somebody set."""
    replaced: list[str] = field(default_factory=list)
    """Derived values that somebody set."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The settings as they were read."""


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
        if reference not in model.references:
            raise UnknownNameError(f"reference of {model.space}", reference, model.references)
        chosen = model.references[reference]
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
        if name.startswith("input."):
            result.settings[name] = _set_input(result, name, value, data)
        else:
            result.settings[name] = _set(result, name, value, ("set", name), where)
    return result


def _origins(model: SpaceModel, where: Where) -> dict[str, Path]:
    origin: dict[str, Path] = {}
    for part in ("constants", "parameters", "derived"):
        for name in getattr(model, part):
            if name in origin:
                raise where.error((part, name), f"{name!r} is given twice: in {origin[name][0]} too")
            origin[name] = (part, name)
    return origin


def _profile(result: Resolved, model: SpaceModel, name: str, where: Where) -> bool:
    """Apply a profile; whether it sets the input's size."""
    if name not in model.profiles:
        raise UnknownNameError("profile", name, model.profiles, f"{where.file}: ")
    profile = model.profiles[name]
    for parameter, replaced in profile.parameters.items():
        result.constants.pop(parameter, None)
        result.derived.pop(parameter, None)
        result.fixed.pop(parameter, None)
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


def _set(result: Resolved, name: str, value: Any, path: Path, where: Where) -> Any:
    """Replace whatever `name` was by a constant (or an expression), and give it as it was read."""
    groups = (result.constants, result.parameters, result.derived)
    known = [known for group in groups for known in group]
    if name not in known:
        message = f"no name {name!r} to set: names are {', '.join(sorted(known))}{did_you_mean(name, known)}"
        raise PointError(message) if path[0] == "set" else where.error(path, message)
    if name in result.parameters:
        result.fixed[name] = result.parameters[name]
    if name in result.derived:
        result.replaced.append(name)
    frozen = frozen_value(value)
    if path[0] == "set":
        model, present = result.fixed.get(name), result.constants.get(name)
        frozen = like(present, frozen) if model is None else _read(model, frozen)
    for group in groups:
        group.pop(name, None)
    result.constants[name] = frozen
    result.origin[name] = path
    return frozen


def _read(model: ParameterModel, value: Any) -> Any:
    """What somebody typed for a parameter, as its domain has it."""
    domain = model.domain()
    if isinstance(value, str) and value.startswith("="):
        return value
    if model.length is not None and isinstance(value, tuple):
        return tuple(domain.read(item) for item in value)
    return domain.read(value)


def _set_input(result: Resolved, name: str, value: Any, data: DataInfo | None) -> Any:
    field_name = name.removeprefix("input.")
    known = [f"input.{each}" for each in INPUT_FIELDS]
    if name not in known:
        raise PointError(
            f"no name {name!r} to set: the input has {', '.join(known)}{did_you_mean(name, known)}"
        )
    given = getattr(data, field_name) if data is not None and field_name != "size" else value
    if given != value:
        assert data is not None
        raise PointError(f"{name} = {words(value)}: the data set {data.name} has {given}; leave {name} out")
    result.input[field_name] = value
    return value
