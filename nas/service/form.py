"""The form of a new search, made from the fields that a request has: groups, labels, bounds and choices.

What a choice is of is asked of a helper process once, since samplers load Optuna; a form without it is whole,
only its choices are not named yet.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from nas.cost.cost import COSTS
from nas.service.actions.request import HARMLESS, SearchRequest
from nas.service.engines import ENGINES
from nas.service.helper import ask
from nas.service.labels import WORDS, Words, option
from nas.space.load import shipped_names
from workers.recipe import Recipe

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Choice:
    """One value that a field may have."""

    value: str
    about: str = ""


@dataclass(frozen=True)
class Input:
    """One field of the form, or of a recipe."""

    name: str
    label: str
    kind: str
    """text, int, number, switch, choice, limits, settings or recipe."""
    option: str
    """How it is typed: `--sampler`."""
    about: str = ""
    default: Any = None
    placeholder: str = ""
    choices: list[Choice] = field(default_factory=list)
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    title: str
    about: str
    inputs: list[Input]


@dataclass(frozen=True)
class SearchForm:
    """The whole form."""

    groups: list[Group]
    recipe: list[Input]
    """The values of the recipe, in its order."""
    metrics: dict[str, list[str]]
    """Evaluator -> what it measures, besides the costs."""
    costs: list[str]


GROUPS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    (
        "What to search",
        "A family of networks, and the images they are for.",
        ("space", "data", "profile", "study", "settings", "space_yaml"),
    ),
    (
        "What for",
        "What is to be small or large, and what every network must keep.",
        ("objective", "iso", "most"),
    ),
    (
        "How",
        "How many networks, and who proposes the next.",
        ("trials", "sampler", "screen", "stopper", "repeat", "start_from", "seed"),
    ),
    ("What a trial is", "How a network gets its value.", ("evaluator", "timeout_s", "recipe")),
    (
        "Where",
        "The slots on which trials run.",
        ("engine", "workers", "cpus_per_trial", "gpus_per_trial", "compare"),
    ),
)
MORE = ("More", "", ())

KINDS = {
    "space": "choice",
    "profile": "choice",
    "data": "choice",
    "sampler": "choice",
    "stopper": "choice",
    "evaluator": "choice",
    "engine": "choice",
    "start_from": "choice",
    "most": "limits",
    "settings": "settings",
    "space_yaml": "long",
    "recipe": "recipe",
}
ELSEWHERE = ("least",)
"""Fields that stand in another one: limits have both sides."""


def search_form(*, whole: bool = True) -> SearchForm:
    """The form; not `whole`: at once, with the choices that need no other process."""
    known = _known() if whole else Known({}, {})
    schema = TypeAdapter(SearchRequest).json_schema()["properties"]
    grouped = {name for _, _, names in GROUPS for name in names}
    rest = tuple(name for name in schema if name not in grouped and name not in ELSEWHERE)
    groups = [*GROUPS, *([(MORE[0], MORE[1], rest)] if rest else [])]
    return SearchForm(
        groups=[
            Group(title, about, [_input(name, schema[name], known) for name in names if name in schema])
            for title, about, names in groups
        ],
        recipe=list(_recipe()),
        metrics=known.metrics,
        costs=list(COSTS),
    )


@dataclass(frozen=True)
class Known:
    """What a helper process knows: choices by field, metrics by evaluator."""

    choices: dict[str, list[Choice]]
    metrics: dict[str, list[str]]


@functools.cache
def _known() -> Known:
    return ask(look, timeout_s=TIMEOUT_S)


def look() -> Known:
    """All names that may be chosen. Loads Optuna."""
    from nas.search.samplers import SAMPLERS
    from nas.search.stoppers import STOPPERS
    from workers.data import DATASETS
    from workers.evaluators import EVALUATORS, KINDS as EVALUATOR_KINDS, given_metrics

    kinds = [(kind.name, kind.value().arguments()) for kind in EVALUATOR_KINDS if kind.name in HARMLESS]
    proxies = [
        Choice(f"{kind}:{name}", f"{name} of the untrained network")
        for kind, names in kinds
        for name in names
    ]
    evaluators = [Choice(entry.name, entry.about) for entry in EVALUATORS]
    choices = {
        "sampler": [Choice(entry.name, entry.about) for entry in SAMPLERS],
        "stopper": [Choice(entry.name, entry.about) for entry in STOPPERS],
        "data": [
            Choice(entry.name, entry.about)
            for entry in DATASETS
            if entry.name not in ("hf", "imagefolder", "npz")
        ],
        "evaluator": [*evaluators, *proxies],
        "screen": [
            Choice(f"{name}:8", f"eight candidates a trial, by {name}")
            for _, names in kinds
            for name in names
        ],
    }
    metrics = {each.value: list(given_metrics(each.value) or ()) for each in choices["evaluator"]}
    return Known(choices, metrics)


def _input(name: str, schema: Mapping[str, Any], known: Known) -> Input:
    words = WORDS.get(name, Words(name.replace("_", " ").capitalize(), str(schema.get("description", ""))))
    kind = KINDS.get(name) or _kind(schema)
    return Input(
        name=name,
        label=words.label,
        kind=kind,
        option=option(name),
        about=words.about,
        default=schema.get("default"),
        placeholder=words.placeholder,
        choices=_choices(name, known),
    )


def _choices(name: str, known: Known) -> list[Choice]:
    if name == "space":
        return [Choice(space) for space in shipped_names()]
    if name == "engine":
        return [Choice(engine, about) for engine, about in ENGINES.items()]
    if name == "start_from":
        return [Choice("references", "the published networks of the space come first")]
    return known.choices.get(name, [])


def _kind(schema: Mapping[str, Any]) -> str:
    """What is typed into a field of this JSON Schema."""
    types = {schema.get("type"), *(each.get("type") for each in schema.get("anyOf", ()))}
    for type_, kind in (("boolean", "switch"), ("integer", "int"), ("number", "number")):
        if type_ in types:
            return kind
    return "choice" if "enum" in schema else "text"


def _recipe() -> Iterator[Input]:
    for name, schema in Recipe.model_json_schema()["properties"].items():
        parts = [schema, *schema.get("anyOf", ())]
        merged = {key: value for part in parts for key, value in part.items()}
        yield Input(
            name=name,
            label=name,
            kind="choice" if "enum" in merged else _kind(schema),
            option=f"--recipe {name}",
            about=merged.get("description", ""),
            default=schema.get("default"),
            choices=[Choice(value) for value in merged.get("enum", ())],
            low=merged.get("minimum", merged.get("exclusiveMinimum")),
            high=merged.get("maximum", merged.get("exclusiveMaximum")),
        )
