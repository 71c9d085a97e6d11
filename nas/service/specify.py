"""From what a user typed to a whole study specification, and what tells two of them apart."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nas.errors import NasError
from nas.records import DataInfo, StudySpec
from nas.service.answer import rehearse
from nas.service.draws import refuse_barren
from nas.service.environment import check_environment
from nas.service.iso import at_cost
from nas.service.limits import Aims, aims_of, limited
from nas.service.screening import screen_of
from nas.service.values import bounded, seconds
from nas.space.space import Space

if TYPE_CHECKING:  # workers are loaded by those who search
    from workers.evaluators.base import Foreseeing

TRAINS = "train"
"""The evaluator that needs all of the recipe to fit the data."""
DATA, TRIALS = "digits", 24
"""What `nas search SPACE` takes when nothing else is said."""
SHOWN = 60
"""Characters of a value that a difference tells."""


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """What is asked of a search; None means the default."""

    space: str
    space_yaml: str | None = None
    """The space itself, as text; then `space` is empty."""
    study: str | None = None
    data: str | None = None
    profile: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    evaluator: str = TRAINS
    objective: str | None = None
    """`error`, `error,macs`; None: what the evaluator is for, such as the score of a proxy."""
    most: Sequence[str] = ()
    """Limits from above, of costs and metrics: `macs=600M`."""
    least: Sequence[str] = ()
    iso: str | None = None
    """`macs=400M`: every network is scaled to this cost."""
    sampler: str = "auto"
    screen: str | None = None
    """`naswot`, `naswot:16`: which proxy advises, and on how many candidates a trial."""
    stopper: str = "none"
    repeat: int = 1
    start_from: str | None = None
    seed: int = 0
    trials: int | None = None
    timeout_s: float | None = None
    """How long an attempt at a trial may take."""
    artifacts: str | None = None
    """fsspec URL of the artifact root."""


def specify(options: SearchOptions) -> StudySpec:
    """The resolved specification; every name in it is known, or its own error is raised."""
    from workers.data import counted, dataset, settled
    from workers.evaluators import foreseeing
    from workers.recipe import Recipe

    check_environment()  # a mistake in it is told now, not by the first worker
    _refuse_numbers(options)
    foresees = foreseeing(options.evaluator)
    data_name = settled(options.data or DATA)
    data = dataset(data_name)
    images = counted(data)
    space = _space(options, data.info)
    if options.iso is not None:
        space = at_cost(space, options.iso)
    recipe = _recipe(space, data.recipe, foresees.recipe if foresees else {}, options.recipe)
    rehearse(space)
    aims = aims_of(options)
    whole, space = space, limited(space, aims.costs)
    _check_means(options, space, aims, recipe)
    if options.evaluator == TRAINS:
        Recipe.check_training(recipe, images)
    refuse_barren(whole)  # of limits `limited` has told already
    screen = screen_of(options.screen, options.evaluator, space)
    return StudySpec(
        space=with_recipe(space.document, recipe),
        data=data_name,
        recipe=recipe,
        evaluator=foresees.name if foresees else options.evaluator,
        objectives=aims.objectives,
        limits=aims.limits,
        sampler=options.sampler,
        screen=screen,
        stopper=options.stopper,
        seed=options.seed,
        timeout_s=seconds(options.timeout_s, "--timeout-per-trial"),
        repeat=options.repeat,
    )


def _space(options: SearchOptions, data: DataInfo) -> Space:
    from nas.space.load import load_space, read_space, refuse_taken_name

    asked: dict[str, Any] = {"profile": options.profile, "settings": options.settings, "data": data}
    text = options.space_yaml
    space = load_space(options.space, **asked) if text is None else read_space(text, **asked)
    if options.space != space.name:
        refuse_taken_name(space)
    return space


def _recipe(space: Space, *others: Mapping[str, Any]) -> dict[str, Any]:
    """Each value from where it is said last: space, data set, profile, evaluator, user; tested.

    What the space computes stays before a data set's number, which would silence a parameter.
    """
    from workers.recipe import Recipe

    profile = space.model.profiles.get(space.profile or "")
    computed = {key for key, value in space.model.training.items() if str(value).startswith("=")}
    of_data, *rest = others
    plain = {key: value for key, value in of_data.items() if key not in computed}
    layers: list[Mapping[str, Any]] = [{"epochs": Recipe.resolve({}).epochs}, space.model.training, plain]
    layers += [profile.training if profile else {}, *rest]
    recipe = {key: value for layer in layers for key, value in layer.items()}
    Recipe.check(recipe)
    space.check_recipe(recipe)
    return recipe


def _check_means(options: SearchOptions, space: Space, aims: Aims, recipe: Mapping[str, Any]) -> None:
    """Refuse sampler, evaluator and stopper that cannot do what is asked of them."""
    from nas.search.abilities import check_sampler
    from nas.search.stoppers import check_stopper
    from workers.evaluators import epochs_told, foreseeing

    check_sampler(options.sampler, space, aims.objectives, options.trials or TRIALS)
    if foresees := foreseeing(options.evaluator):
        _refuse_unheeded(options, foresees)
        for needed in dict.fromkeys((aims.objectives, aims.needed)):
            foresees.check(space, needed, recipe)
    told = epochs_told(options.evaluator, space, aims.objectives)
    check_stopper(options.stopper, recipe.get("epochs"), told)


def _refuse_numbers(options: SearchOptions) -> None:
    if options.trials is not None:
        bounded(options.trials, "--trials")
    bounded(options.seed, "--seed", low=0, high=2**63 - 1)
    bounded(options.repeat, "--repeat", high=1000)
    if options.repeat > (trials := options.trials or TRIALS):
        raise NasError(
            f"--repeat {options.repeat} with --trials {trials}: not one network gets all its repeats; "
            f"type --trials {options.repeat * TRIALS} for {TRIALS} networks"
        )


def _refuse_unheeded(options: SearchOptions, foresees: "Foreseeing") -> None:
    """Values of a recipe that would change nothing are a mistake of who types them."""
    if unheeded := sorted(options.recipe.keys() - foresees.recipe.keys()):
        heeded = ", ".join(foresees.recipe) or "none"
        raise NasError(
            f"--recipe {unheeded[0]}={options.recipe[unheeded[0]]}: evaluator {options.evaluator} trains "
            f"nothing, so that it would change no result; values that it heeds: {heeded}"
        )


def with_recipe(document: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A space's document whose training is the resolved recipe, and whose profiles leave it alone."""
    raw = dict(document["space"])
    profiles = {
        name: {key: value for key, value in profile.items() if key != "training"}
        for name, profile in raw.get("profiles", {}).items()
    }
    return {**document, "space": {**raw, "training": dict(recipe), "profiles": profiles}}


def differences(there: StudySpec, asked: StudySpec) -> list[str]:
    """What tells two specifications apart: `sampler: tpe in the study, random asked for`.

    Of two spaces only their names: all that is in them differs too.
    """
    if there.space_name != asked.space_name:
        return [f"space: {there.space_name} in the study, {asked.space_name} asked for"]
    return [
        f"{path}: {_short(left)} in the study, {_short(right)} asked for"
        for path, left, right in differing(there, asked)
    ]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def differing(one: StudySpec, other: StudySpec) -> Iterator[tuple[str, str, str]]:
    """(path, there, there) of all that two specifications say differently: `sampler`, `tpe`, `random`."""
    left, right = dict(_flat(_plain(one))), dict(_flat(_plain(other)))
    for path in sorted(left.keys() | right.keys()):
        if left.get(path) != right.get(path):
            yield path, left.get(path, "nothing"), right.get(path, "nothing")


def _plain(spec: StudySpec) -> Any:
    return json.loads(json.dumps(spec.to_json(), default=str))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, json.dumps(value)
