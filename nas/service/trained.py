"""A trial with the weights that its training left: for those who export, test or look into its network.

Weights are those of the last epoch, by which the trial was judged: the averaged ones where the recipe
averages. Torch is imported only when tensors are asked for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import fsspec

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.records import TrialState
from nas.service.final.training import origin
from nas.service.studies import trial as look
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow
from workers.data import dataset
from workers.kept import Kept, kept_files
from workers.recipe import Recipe
from workers.spaces import space_of

if TYPE_CHECKING:
    from nas.model import Network

LAST = "last.safetensors"
PREFIX = "model."
"""Before the names of the network's own tensors in a checkpoint."""


class NoWeightsError(NasError, LookupError):
    """No weights are kept of a trial, or they cannot be read."""


@dataclass(frozen=True)
class Origin:
    """The trial of a search whose network `nas train` trains for long."""

    study: str
    number: int
    row: StudyRow | None
    """None where the search has been deleted since."""

    def __str__(self) -> str:
        return f"study {self.study}, trial {self.number}"


@dataclass(frozen=True)
class Trained:
    """A trial, its network, and what is kept of it."""

    study: StudyRow
    trial: TrialRow
    space: Space
    architecture: Architecture
    origin: Origin | None = None
    """Where `nas train` has the network from; None in a search."""

    @property
    def point(self) -> dict[str, Any]:
        """The parameters' values, those included that the study has set for all its trials."""
        return {**self.space.settings, **self.trial.point}

    @cached_property
    def recipe(self) -> Recipe:
        """How it was trained: every value, defaults of the data set included."""
        return Recipe.resolve(self.space.recipe(self.trial.point), dataset(self.study.spec.data).recipe)

    @cached_property
    def files(self) -> tuple[Kept, ...]:
        """What is kept of it: weights and log. Raises `NoWeightsError` if artifacts cannot be reached."""
        try:
            return tuple(kept_files(self.study.artifacts, self.trial.number))
        except Exception as error:  # object stores have errors of their own
            raise NoWeightsError(
                f"cannot list what is kept of {self.name} in {self.study.artifacts}: {error}"
            ) from error

    @property
    def name(self) -> str:
        """`trial 3 of vgg-1`, as messages call it."""
        return f"trial {self.trial.number} of {self.study.name}"

    @property
    def has_weights(self) -> bool:
        """Whether final weights are kept."""
        return any(file.name == LAST for file in self.files)

    def weights(self) -> dict[str, Any]:
        """The final weights: tensors on the CPU by their names in `nas.build_model(…, training=True)`.

        Raises `NoWeightsError` if none are kept, or if what is kept cannot be read.
        """
        return dict(self._loaded[0])

    def facts(self) -> Mapping[str, Any]:
        """What the weights' file says of itself: epoch, step, progress with metrics. Raises as `weights`."""
        return self._loaded[1]

    def model(self) -> "Network":
        """A network with the final weights, in eval mode on the CPU, without auxiliary heads.

        Raises `NoWeightsError` as `weights` does, and `nas.model.loading.MisfitError` for weights that are
        of another network.
        """
        from nas.model import load_model
        from nas.model.loading import MisfitError

        copies = {name: tensor.clone() for name, tensor in self._loaded[0].items()}
        try:
            return load_model(self.architecture, copies, f"weights of {self.name}")
        except MisfitError as error:
            raise MisfitError(f"{error}; {self._again()}") from None

    @cached_property
    def _loaded(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        from workers.checkpoints import read

        file = next((file for file in self.files if file.name == LAST), None)
        if file is None:
            raise NoWeightsError(self.missing())
        found = read(fsspec.url_to_fs(self.study.artifacts)[0], file.path)
        if found is None:
            raise NoWeightsError(f"the weights of {self.name} are damaged ({file.path}); {self._again()}")
        own = {name.removeprefix(PREFIX): t for name, t in found.tensors.items() if name.startswith(PREFIX)}
        return own, found.facts

    def missing(self) -> str:
        """Why there are no weights, and what to type."""
        state = self.trial.state
        if state in (TrialState.QUEUED, TrialState.RUNNING):
            look_again = f"type nas show {self.study.name}"
            return f"{self.name} is {state.value}: its weights are there at its end; {look_again}"
        if state is not TrialState.COMPLETE:
            return f"{self.name} is {state.value}, and has no weights; {self._again()}"
        if self.study.spec.evaluator != "train":
            evaluator = json.dumps(self.study.spec.evaluator)
            return f"no weights are kept of {self.name}: evaluator {evaluator} trained none; {self._again()}"
        return (
            f"no weights are kept of {self.name}: only the best of a study keep theirs (NAS_KEEP_WEIGHTS); "
            f"{self._again()}"
        )

    def _again(self) -> str:
        return f"type nas train {self.study.name} {self.trial.number} to train it anew"


def trained(store: Store, study: str, number: int) -> Trained:
    """A trial with its network.

    Raises:
        NasError: no such study or trial, or a point that no network follows from.
    """
    row, found = store.study(study), look(store, study, number).trial
    space = space_of(row.spec.space)
    return Trained(row, found, space, space.architecture(found.point), _origin(store, row, found))


def _origin(store: Store, row: StudyRow, trial: TrialRow) -> Origin | None:
    """The search that a final training goes back to, through any that trained for long before it."""
    found = None
    while (said := origin(store, row)) is not None:
        found = Origin(*said, None)
        try:
            row, before = store.study(found.study), look(store, found.study, found.number).trial
        except NasError:
            return found
        if before.arch_id != trial.arch_id:  # another study that has the name of one that was deleted
            return found
        found = replace(found, row=row)
    return found
