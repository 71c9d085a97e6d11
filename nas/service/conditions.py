"""Conditions on trials as people type them: `macs<600M`, `pool=max`, `widths=30,32`.

One that no trial could ever meet is a mistake of who types it, and told as one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nas.errors import NasError, UnknownNameError
from nas.records import Cause, TrialState
from nas.service.plain import counted
from nas.service.values import amount
from nas.space.compiled import Parameter
from nas.space.domains import Choice
from nas.space.schema import frozen_value
from nas.space.typed import typed, words
from nas.store import Store
from nas.store.rows import COSTS, Filter, Named, Sort, StudyRow
from workers.spaces import space_of

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
PART = re.compile(r"(.+)\[(\d+)\]")


@dataclass(frozen=True)
class Typed:
    """A condition as it was typed, and the name of the option that it was typed for."""

    text: str
    option: str

    def __str__(self) -> str:
        return f"{self.option} {self.text!r}"

    def like(self, text: str) -> str:
        """Another one, as it is to be typed."""
        return f'{self.option} "{text}"'

    def name(self, sign: str) -> str:
        """What stands before the sign."""
        return self.text.partition(sign)[0].strip()


def condition(store: Store, row: StudyRow, text: str, option: str = "--where") -> Filter:
    """The filter that `--where TEXT` asks for.

    Raises:
        NasError: it is no condition, or none that a trial of the study can meet.
    """
    asked = Typed(text, option)
    _refuse_several(asked)
    if not (match := CONDITION.fullmatch(text)):
        raise NasError(
            f"{asked} is no condition: type e.g. {asked.like('macs<1e9')} or {asked.like('error<=0.1')}"
        )
    name, sign, value = match.groups()
    if meant := SIGNS.get(sign + value[0]):
        raise NasError(f"{asked}: the sign is {meant}; type {asked.like(f'{name}{meant}{value[1:]}')}")
    named, sign = named_in(store, row, name, option), sign.replace("==", "=")
    if named.kind in ("parameter", "vector"):
        return _of_parameter(row, asked, named, sign, value)
    return _of_words(asked, named, sign, value) if named in WORDS else _of_number(asked, named, sign, value)


def order(store: Store, row: StudyRow, text: str, option: str = "--sort") -> Sort:
    """The order that `--sort NAME[:desc]` asks for."""
    name, descending = direction(text, option)
    named = named_in(store, row, name, option)
    if named.kind == "vector":
        raise NasError(f"{option} {text}: {name} is a vector; name one of its values: {option} '{name}[0]'")
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
    parameters = space_of(row.spec.space).parameters
    if name in parameters:
        return Named("parameter" if parameters[name].length is None else "vector", name)
    part = PART.fullmatch(name)
    if part and part[1] in parameters and parameters[part[1]].length is not None:
        _refuse_beyond(row, part[1], int(part[2]), f"{option} {name}")
        return Named("parameter", name)
    told = store.metric_names(row.id)
    if name in told:
        return Named("metric", name)
    known = sorted({*COLUMNS, "value", *aims, *parameters, *told})
    raise UnknownNameError("name", name, known, f"{option}: ")


def _refuse_beyond(row: StudyRow, vector: str, place: int, asked: str) -> None:
    """Refuse a value that no point has; where others decide how many there are, none is refused."""
    try:
        width = space_of(row.spec.space).compiled.width(vector, {})
    except NasError:
        return
    if width is not None and place >= width:
        last = f" to {vector}[{width - 1}]" if width > 1 else ""
        raise NasError(f"{asked}: {vector} has {counted(width, 'value')}: {vector}[0]{last}")


def _refuse_several(asked: Typed) -> None:
    if not (between := SEVERAL.search(asked.text)):
        return
    first, second = asked.text[: between.start()].strip(), asked.text[between.end() :].strip()
    if (between[1] or between[2]).lower() in ("or", "|", "||"):
        raise NasError(
            f"{asked}: all conditions must hold, there is no or; ask for each by itself: "
            f"type {asked.like(first)}"
        )
    raise NasError(
        f"{asked}: these are several conditions; say one each: type {asked.like(first)} {asked.like(second)}"
    )


def _of_number(asked: Typed, named: Named, sign: str, value: str) -> Filter:
    """A column or a metric that holds numbers."""
    if (number := amount(value)) is not None:
        return Filter(named, sign, number)
    name = asked.name(sign)
    share = amount(value.removesuffix("%")) if value.endswith("%") else None
    example = "<1e9" if share is None else f"{sign}{share / 100:g}"
    raise NasError(f"{asked}: {value!r} is no number; type e.g. {asked.like(f'{name}{example}')}")


def _of_words(asked: Typed, named: Named, sign: str, value: str) -> Filter:
    """A column that holds words."""
    _refuse_order(asked, sign, value)
    if value not in (known := KNOWN.get(named.name, (value,))):
        raise UnknownNameError(named.name, value, known, f"{asked}: ")
    return Filter(named, sign, value)


def _refuse_order(asked: Typed, sign: str, value: str) -> None:
    if sign not in ("=", "!="):
        raise NasError(
            f"{asked}: {value!r} is no number, so only = and != are allowed; "
            f"type e.g. {asked.like(f'{asked.name(sign)}={value}')}"
        )


def _of_parameter(row: StudyRow, asked: Typed, named: Named, sign: str, value: str) -> Filter:
    """A parameter, one value of a vector, or a whole one."""
    name = named.name.partition("[")[0]
    parameter = space_of(row.spec.space).parameters[name]
    if named.kind == "vector":
        return _of_vector(asked, named, sign, value, parameter)
    return Filter(named, sign, _read(asked, sign, value, parameter))


def _of_vector(asked: Typed, named: Named, sign: str, value: str, parameter: Parameter) -> Filter:
    """All values of a vector together, as they are shown: `widths=30,32`."""
    found = typed(value)
    if sign not in ("=", "!=") or not isinstance(found, list):
        one = f"{named.name}[0]{sign}{value.partition(',')[0]}"
        raise NasError(
            f"{asked}: {named.name} is a vector; compare one of its values, such as {asked.like(one)}, "
            f"or all of them: {asked.like(f'{named.name}=3,4,5')}"
        )
    return Filter(named, sign, [_read(asked, sign, words(item), parameter) for item in found])


def _read(asked: Typed, sign: str, value: str, parameter: Parameter) -> object:
    """A typed value as the parameter has it."""
    domain, number = parameter.domain, amount(value)
    if not isinstance(domain, Choice):
        if number is None:
            raise NasError(f"{asked}: {value!r} is no number; the parameter is {domain}")
        return number
    if sign not in ("=", "!="):
        if number is None or not domain.suits(number):
            raise NasError(
                f"{asked}: the parameter is {domain}, which have no order with {value!r}; "
                f"type e.g. {asked.like(f'{asked.name(sign)}={words(domain.values[0])}')}"
            )
        return number
    if not domain.contains(found := domain.read(frozen_value(typed(value)))):
        if number is not None and domain.contains(number):
            return number
        raise UnknownNameError("choice", value, map(words, domain.values), f"{asked}: ")
    return found
