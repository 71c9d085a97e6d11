"""Conditions on trials as people type them: `macs<600M`, `pool=max`, `widths=30,32`.

One that no trial could ever meet is a mistake of who types it, and told as one.
"""

import re
from collections.abc import Sequence

from nas.errors import NasError, UnknownNameError
from nas.records import Cause, TrialState
from nas.service.values import amount
from nas.space.compiled import Parameter
from nas.space.domains import Choice
from nas.space.schema import frozen_value
from nas.space.space import Space
from nas.space.typed import typed, words
from nas.store import Store
from nas.store.rows import COSTS, Filter, Named, Sort, StudyRow

COLUMNS = {
    "number": "number",
    "trial": "number",
    "epoch": "epoch",
    "attempt": "attempt",
    "seconds": "wall_s",
    "created": "created_s",
    "started": "started_s",
    "ended": "ended_s",
    "state": "state",
    "cause": "cause",
    "worker": "worker",
    "arch_id": "arch_id",
    **{name: name for name in COSTS},
}
"""Names of columns as people know them."""

WORDS = [Named("trial", name) for name in ("state", "cause", "worker", "arch_id")]
"""Columns that hold no numbers."""

KNOWN: dict[str, Sequence[str]] = {"state": list(TrialState), "cause": list(Cause)}
"""All that some of these can hold."""

CONDITION = re.compile(r"\s*([^<>=!\s]+)\s*(<=|>=|!=|==|<|>|=)\s*(.+?)\s*")
SEVERAL = re.compile(r"\s*(?:\s(and|or)\s|(&&?|\|\|?|,|;))\s*(?=[A-Za-z_][\w\[\]]*\s*[<>=!])", re.IGNORECASE)
"""What stands between two conditions."""
SIGNS = {"=>": ">=", "=<": "<=", "<>": "!=", "=!": "!="}
"""Signs turned round, as others write them, and what is meant."""
PART = re.compile(r"(.+)\[\d+\]")


def condition(store: Store, row: StudyRow, text: str) -> Filter:
    """The filter that `--where TEXT` asks for.

    Raises:
        NasError: it is no condition, or none that a trial of the study can meet.
    """
    _refuse_several(text)
    if not (match := CONDITION.fullmatch(text)):
        raise NasError(
            f'--where {text!r} is no condition: type e.g. --where "macs<1e9" or --where "error<=0.1"'
        )
    name, sign, value = match.groups()
    if meant := SIGNS.get(sign + value[0]):
        raise NasError(f'--where {text!r}: the sign is {meant}; type --where "{name}{meant}{value[1:]}"')
    named, sign = named_in(store, row, name, "--where"), sign.replace("==", "=")
    if named.kind in ("parameter", "vector"):
        return _of_parameter(row, text, named, sign, value)
    return _of_words(text, named, sign, value) if named in WORDS else _of_number(text, named, sign, value)


def order(store: Store, row: StudyRow, text: str) -> Sort:
    """The order that `--sort NAME[:desc]` asks for."""
    name, descending = direction(text, "--sort")
    named = named_in(store, row, name, "--sort")
    if named.kind == "vector":
        raise NasError(f"--sort {text}: {name} is a vector; name one of its values: --sort '{name}[0]'")
    return Sort(named, descending)


def direction(text: str, option: str) -> tuple[str, bool]:
    """`NAME[:asc|:desc]` as the name, and whether the largest comes first."""
    name, _, way = text.partition(":")
    if way not in ("", "asc", "desc"):
        raise NasError(f"{option} {text!r}: write NAME, NAME:asc or NAME:desc")
    return name, way == "desc"


def named_in(store: Store, row: StudyRow, name: str, option: str) -> Named:
    """What a name means in a study: a column, an objective, a parameter, or a metric that was told."""
    if name in COLUMNS:
        return Named("trial", COLUMNS[name])
    aims = [objective.metric for objective in row.spec.objectives]
    if name in ("value", *aims):
        return Named("trial", f"value_{aims.index(name) if name in aims else 0}")
    parameters = Space.from_document(row.spec.space).parameters
    if name in parameters:
        return Named("parameter" if parameters[name].length is None else "vector", name)
    part = PART.fullmatch(name)
    if part and part[1] in parameters and parameters[part[1]].length is not None:
        return Named("parameter", name)
    told = store.metric_names(row.id)
    if name in told:
        return Named("metric", name)
    known = sorted({*COLUMNS, "value", *aims, *parameters, *told})
    raise UnknownNameError("name", name, known, f"{option}: ")


def _refuse_several(text: str) -> None:
    if not (between := SEVERAL.search(text)):
        return
    each = f'--where "{text[: between.start()].strip()}" --where "{text[between.end() :].strip()}"'
    if (between[1] or between[2]).lower() in ("or", "|", "||"):
        raise NasError(
            f"--where {text!r}: all conditions must hold, there is no or; ask for each by itself: type "
            f"{each.partition(' --where')[0]}"
        )
    raise NasError(f"--where {text!r}: these are several conditions; say one each: type {each}")


def _of_number(text: str, named: Named, sign: str, value: str) -> Filter:
    """A column or a metric that holds numbers."""
    if (number := amount(value)) is not None:
        return Filter(named, sign, number)
    name = text.partition(sign)[0].strip()
    share = amount(value.removesuffix("%")) if value.endswith("%") else None
    example = "<1e9" if share is None else f"{sign}{share / 100:g}"
    raise NasError(f'--where {text!r}: {value!r} is no number; type e.g. --where "{name}{example}"')


def _of_words(text: str, named: Named, sign: str, value: str) -> Filter:
    """A column that holds words."""
    _refuse_order(text, sign, value)
    if value not in (known := KNOWN.get(named.name, (value,))):
        raise UnknownNameError(named.name, value, known, f"--where {text!r}: ")
    return Filter(named, sign, value)


def _refuse_order(text: str, sign: str, value: str) -> None:
    if sign not in ("=", "!="):
        name = text.partition(sign)[0].strip()
        raise NasError(
            f"--where {text!r}: {value!r} is no number, so only = and != are allowed; "
            f'type e.g. --where "{name}={value}"'
        )


def _of_parameter(row: StudyRow, text: str, named: Named, sign: str, value: str) -> Filter:
    """A parameter, one value of a vector, or a whole one."""
    name = named.name.partition("[")[0]
    parameter = Space.from_document(row.spec.space).parameters[name]
    if named.kind == "vector":
        return _of_vector(text, named, sign, value, parameter)
    return Filter(named, sign, _read(text, sign, value, parameter))


def _of_vector(text: str, named: Named, sign: str, value: str, parameter: Parameter) -> Filter:
    """All values of a vector together, as they are shown: `widths=30,32`."""
    found = typed(value)
    if sign not in ("=", "!=") or not isinstance(found, list):
        one = f"{named.name}[0]{sign}{value.partition(',')[0]}"
        raise NasError(
            f"--where {text!r}: {named.name} is a vector; compare one of its values, such as "
            f'--where "{one}", or all of them: --where "{named.name}=3,4,5"'
        )
    return Filter(named, sign, [_read(text, sign, words(item), parameter) for item in found])


def _read(text: str, sign: str, value: str, parameter: Parameter) -> object:
    """A typed value as the parameter has it."""
    domain, number = parameter.domain, amount(value)
    if not isinstance(domain, Choice):
        if number is None:
            raise NasError(f"--where {text!r}: {value!r} is no number; the parameter is {domain}")
        return number
    if sign not in ("=", "!="):
        if number is None or not domain.suits(number):
            raise NasError(
                f"--where {text!r}: the parameter is {domain}, which have no order with {value!r}; "
                f'type e.g. --where "{text.partition(sign)[0].strip()}={words(domain.values[0])}"'
            )
        return number
    if not domain.contains(found := domain.read(frozen_value(typed(value)))):
        if number is not None and domain.contains(number):
            return number
        raise UnknownNameError("choice", value, map(words, domain.values), f"--where {text!r}: ")
    return found
