"""Parameters that were set, by a reference, a profile or a user: whether each has a value it can have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nas.errors import InfeasibleError, NasError, PointError
from nas.space.names import InactiveError, Names
from nas.space.resolve import Resolved
from nas.space.schema import ParameterModel, key_path
from nas.space.typed import words

if TYPE_CHECKING:
    from nas.space.compiled import Compiled

UNKNOWN = object()
"""A value that other parameters decide about."""


def fixed_rules(compiled: "Compiled", resolved: Resolved) -> Iterator[str]:
    """Check every parameter that was set; what only a point can tell comes out as rules.

    A user's value lies in its domain. A published one need not, since a reference may be a member of the
    family that is no point of the space, but it is of the same kind and as long as its space asks.

    Raises:
        PointError: a user's value cannot be.
        SpaceError: that of a reference or a profile.
    """
    names = compiled.names_type({})
    for name, model in resolved.fixed.items():
        active = _value(compiled, name, "when", model, names)
        if active is not UNKNOWN and not active:
            raise _error(compiled, name, f"it is there only when {model.when}; leave it out")
        value = _known(names, name)
        if value is UNKNOWN:
            continue
        length = _value(compiled, name, "length", model, names)
        _check(compiled, name, model, value, length)
        if length is UNKNOWN:
            there = f"not ({model.when}) or " if model.when is not None else ""
            yield f"{there}len({name}) == {model.length}"


def outside(resolved: Resolved, names: Names) -> list[str]:
    """What makes the network of these settings a member of the family that is no point of its space."""
    found = [f"{name}, which follows in the space, was set" for name in resolved.replaced]
    for name, model in resolved.fixed.items():
        value, domain = _known(names, name), model.domain()
        items = value if model.length is not None and isinstance(value, tuple) else (value,)
        if value is not UNKNOWN and not all(map(domain.contains, items)):
            each = "each is" if model.length is not None else "it is"
            found.append(f"{name}={words(value)}, but {each} {domain} in the space")
    return found


def _check(compiled: "Compiled", name: str, model: ParameterModel, value: Any, length: Any) -> None:
    domain = model.domain()
    if model.length is not None and (not isinstance(value, tuple) or length not in (UNKNOWN, len(value))):
        raise _error(compiled, name, _not_a_list(compiled, name, model, value, length))
    typed_in = compiled.origin[name][0] == "set"
    for item in value if model.length is not None else (value,):
        if not (domain.contains if typed_in else domain.suits)(item):
            raise _error(compiled, name, f"{_which(item, value)}it is {domain}")


def _not_a_list(compiled: "Compiled", name: str, model: ParameterModel, value: Any, length: Any) -> str:
    known = isinstance(length, int) and str(length) != str(model.length)
    message = f"it is a list of {f'{length} ({model.length})' if known else model.length} values"
    if compiled.origin[name][0] != "set" or not length:
        return message
    example = value if isinstance(value, tuple) and value else (value,)
    count = length if isinstance(length, int) else 2
    repeated = (example * (count // len(example) + 1))[:count]
    return f"{message}; type e.g. --set '{name}={words(repeated)}'"


def _which(item: Any, value: Any) -> str:
    return f"{words(item)} cannot be there, " if isinstance(value, tuple) and item != value else ""


def _error(compiled: "Compiled", name: str, message: str) -> NasError:
    path, value = compiled.origin[name], compiled.table.constants.get(name)
    said = message if value is None and path[0] != "set" else f"{name} = {words(value)}: {message}"
    return PointError(said) if path[0] == "set" else compiled.where.error(path, said)


def _known(names: Names, name: str) -> Any:
    """A name's value where no parameter is left open before it."""
    try:
        return getattr(names, name)
    except (InactiveError, InfeasibleError):
        return UNKNOWN


def _value(compiled: "Compiled", name: str, part: str, model: ParameterModel, names: Names) -> Any:
    """What a parameter's `when` or `length` comes to; True without one."""
    text = getattr(model, part)
    if text is None:
        return True
    try:
        return compiled.condition(name, part, text)(names)
    except (InactiveError, InfeasibleError):
        return UNKNOWN
    except (ArithmeticError, TypeError, IndexError, ValueError) as error:
        place = key_path((*compiled.origin[name], part))
        raise PointError(f"{place}: {text!r}: {error}") from None
