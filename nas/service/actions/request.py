"""What a page may ask of a new search: all that `nas search` takes, but nothing that names a path.

A request reaches no file and no other machine: its space is one of the package's or a text that comes with
it, its data set and evaluator are names without a path, or those that a study of the store has already. The
cluster is the service's own.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from nas.errors import NasError, UnknownNameError
from nas.service.engines import EngineOptions
from nas.service.labels import option
from nas.service.specify import SearchOptions
from nas.space.load import shipped_names
from nas.space.typed import words
from nas.store import Store

Text = Annotated[str, Field(max_length=1000)]
Pairs = Annotated[tuple[Text, ...], Field(max_length=32)]
Named = Annotated[dict[Text, Any], Field(max_length=200)]

FILE = "SPACE.yaml"
"""The file into which somebody who types a command writes the text of a space."""
YAML_CHARACTERS = 256 * 1024
HARMLESS = ("proxy",)
"""Kinds of evaluators whose argument is a name."""


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SearchRequest:
    """A search as a page asks for it; None means the default, as on the command line."""

    space: Text = ""
    space_yaml: Annotated[str | None, Field(max_length=YAML_CHARACTERS)] = None
    """A space as text, in place of the name of one."""
    study: Text | None = None
    trials: int | None = None
    data: Text | None = None
    profile: Text | None = None
    settings: Named = Field(default_factory=dict)
    recipe: Named = Field(default_factory=dict)
    evaluator: Text = "train"
    objective: Text | None = None
    most: Pairs = ()
    """Limits from above, of costs and metrics: `macs=600M`."""
    least: Pairs = ()
    iso: Text | None = None
    sampler: Text = "auto"
    screen: Text | None = None
    stopper: Text = "none"
    repeat: int = 1
    start_from: Literal["references"] | None = None
    seed: int = 0
    timeout_s: float | None = None
    """How long an attempt at a trial may take."""
    engine: Text = "ray"
    workers: int | None = None
    """None: as many as there is room for."""
    cpus_per_trial: float | None = None
    gpus_per_trial: float | None = None
    compare: bool = True
    """Whether best and baseline are trained with fresh seeds at the end."""

    def options(self) -> SearchOptions:
        """What is asked of the search itself."""
        return SearchOptions(**{name: getattr(self, name) for name in _SEARCH})

    def slots(self, address: str | None = None) -> EngineOptions:
        """Where its trials run; a cluster only for the engine that can use one."""
        asked = {name: getattr(self, name) for name in _ENGINE}
        return EngineOptions(**asked, address=address if self.engine == "ray" else None)


_SEARCH = [field.name for field in fields(SearchOptions) if field.name != "artifacts"]
_ENGINE = [field.name for field in fields(EngineOptions) if field.name != "address"]


def command(options: SearchOptions, slots: EngineOptions, *, compare: bool = True) -> str:
    """The `nas search …` that asks for the same, quoted for a shell; defaults are left out."""
    space = options.space if options.space_yaml is None else FILE
    typed = ["nas", "search", space, *_typed(options), *_typed(slots)]
    return shlex.join([*typed, *([] if compare else ["--no-compare"])])


def _typed(options: SearchOptions | EngineOptions) -> Iterator[str]:
    for field in fields(options):
        value = getattr(options, field.name)
        if field.name in ("space", "space_yaml") or value == _default(field):
            continue
        for text in _values(value):
            yield from (option(field.name), text)


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _values(value: Any) -> list[str]:
    """One text for each time that its option is typed."""
    if isinstance(value, Mapping):
        return [f"{name}={words(each)}" for name, each in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [words(value)]


def refuse_paths(store: Store | None, request: SearchRequest) -> None:
    """Raise for what would lead to a file, a module or another machine, unless a study has it already.

    Raises:
        UnknownNameError: no space of the package is called that.
        NasError: a path in the name of the data set or the evaluator.
    """
    if request.space_yaml is not None and request.space:
        raise NasError(f"space {request.space!r} and the YAML of one at once: leave one of them out")
    if request.space_yaml is None and not request.space:
        raise NasError("space is missing: say space or space_yaml")
    if request.space_yaml is None and request.space not in shipped_names():
        raise UnknownNameError("space", request.space, shipped_names())
    known = store.studies() if store is not None else ()
    data, evaluator = request.data or "", request.evaluator
    if ":" in data and data not in {study.data for study in known}:
        raise NasError(_elsewhere("--data", data, "data set"))
    kind, colon, _ = evaluator.partition(":")
    if colon and kind not in HARMLESS and evaluator not in {study.evaluator for study in known}:
        raise NasError(_elsewhere("--evaluator", evaluator, "evaluator"))


def _elsewhere(option: str, value: str, what: str) -> str:
    return (
        f"{option} {value!r}: from here only names without a path are taken, or the {what} of a study in the "
        f"store; begin the first study with it on the machine itself: nas search … {option} {value}"
    )
