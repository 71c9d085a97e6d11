"""`nas train STUDY N`: a study of one point, trained for long on the data and the split of the search.

It is a study as any other, so that it survives crashes, is resumed, watched, and kept in the store: its
space has all parameters set, and its trials are repeats of the one network, each with a seed of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nas.errors import NasError
from nas.records import Objective, StudySpec
from nas.service.engines import EngineOptions, check_artifacts, check_engine, check_evaluator
from nas.service.environment import check_environment
from nas.service.specify import TRAINS, with_recipe
from nas.service.studies import check_name, reopen, start, trial as look
from nas.service.values import bounded, seconds
from nas.space.space import Space
from nas.store import Store
from nas.store.engine import absolute_url
from nas.store.rows import StudyRow
from workers.spaces import space_of

LONGER = 4
"""Times the epochs of the search, if nobody says how many."""
ORIGIN = "origin"
"""The attribute of a study that says which trial it trains."""


@dataclass(frozen=True, kw_only=True)
class FinalOptions:
    """What is asked of a final training; None means the default."""

    study: str
    number: int
    epochs: int | None = None
    """None: four times those of the search."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 1
    name: str | None = None
    """None: STUDY-N-final."""
    timeout_s: float | None = None
    artifacts: str | None = None
    """fsspec URL of the artifact root."""

    @property
    def called(self) -> str:
        """The name of its study."""
        return self.name or f"{self.study}-{self.number}-final"


def begin_training(store: Store, options: FinalOptions, engine: EngineOptions) -> tuple[StudyRow, bool]:
    """Create the study that trains a trial's network for long, or join it; and whether it was there.

    `nas.service.run.run` drives it. Raises `StudyExistsError` if a study of its name trains otherwise.
    """
    spec = checked_spec(store, options, engine)
    row, joined = start(store, spec, options.called, options.seeds, options.artifacts)
    if origin(store, row) is None:  # new, or whoever began it died before this was said
        store.set_study_attributes(row.id, {ORIGIN: {"study": options.study, "number": options.number}})
    return (reopen(store, row.name) if joined else store.study(row.name)), joined


def checked_spec(store: Store, options: FinalOptions, engine: EngineOptions) -> StudySpec:
    """`final_spec`, of a training that can begin here: all is checked before anything is begun."""
    check_environment()
    check_engine(engine)
    check_evaluator(engine, TRAINS)
    spec = final_spec(store, options)
    check_name(options.called, options.study)
    root = options.artifacts
    check_artifacts(engine, absolute_url(root) if root else store.artifacts)
    return spec


def origin(store: Store, row: StudyRow) -> tuple[str, int] | None:
    """The (study, trial) whose network a study trains for long; None for any other study."""
    said = store.study_attributes(row.id).get(ORIGIN)
    return (str(said["study"]), int(said["number"])) if said else None


def final_spec(store: Store, options: FinalOptions) -> StudySpec:
    """The resolved specification of the study that `nas train` begins.

    Data, split and every recipe value that nobody changes are those of the search, whatever evaluated its
    networks; the schedule is a share of all steps, and so stretches with the epochs.

    Raises:
        NasError: no such trial, its point has no network, or the recipe cannot be trained by.
    """
    from workers.data import counted, dataset
    from workers.recipe import Recipe

    bounded(options.seeds, "--seeds", high=1000)
    row, found = store.study(options.study), look(store, options.study, options.number).trial
    searched = space_of(row.spec.space)
    searched.architecture(found.point)  # an enqueued point may break a rule: that is told now
    recipe = _longer(options, searched.recipe(found.point))
    Recipe.check(recipe)
    Recipe.check_training(recipe, counted(dataset(row.spec.data)))
    return StudySpec(
        space=with_recipe(_of_one_point(searched, found.point), recipe),
        data=row.spec.data,
        recipe=recipe,
        evaluator=TRAINS,
        objectives=(Objective("error"),),
        sampler="random",
        seed=row.spec.seed,
        timeout_s=seconds(options.timeout_s, "--timeout-per-trial"),
        repeat=options.seeds,
    )


def _longer(options: FinalOptions, searched: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe of the search, stretched."""
    said = options.recipe.get("epochs", options.epochs)
    if options.epochs is not None:
        bounded(options.epochs, "--epochs")
        if said != options.epochs:
            raise NasError(f"--epochs {options.epochs} --recipe epochs={said}: say one of them")
    epochs = LONGER * int(searched["epochs"]) if said is None else said
    return {**searched, **options.recipe, "epochs": epochs}


def _of_one_point(space: Space, point: Mapping[str, Any]) -> dict[str, Any]:
    """The space with all parameters set; there is nothing to compare at its end."""
    document = space.variant(point).document
    return {**document, "space": {key: part for key, part in document["space"].items() if key != "answer"}}
