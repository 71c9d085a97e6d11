"""`nas evaluate`: the test set, seen once by each trained network, with what the number is worth.

A search chooses by validation, over and over, so that its best result looks better than it is. The test
part is honest only as long as nothing is chosen by it: what was seen is kept in the store, asked again it is
shown as it was (neither network nor images change, so that a second look could tell nothing new), and how
many networks of the study were looked at is told beside each.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas.errors import NasError
from nas.service.final.baselines import Say, baselines as made
from nas.service.final.intervals import Paired
from nas.service.final.looks import Result, Tested, compared, error, look, result, scores, tested, told
from nas.service.networks import networks
from nas.service.pareto import leaders, nothing_yet
from nas.service.trained import Trained, trained
from nas.store import Store
from nas.store.rows import StudyRow
from nas.store.tested import TestRow

if TYPE_CHECKING:  # torch, for those who test
    from workers.final.outputs import Outputs

    Answers = Mapping[str, Outputs]


@dataclass(frozen=True)
class Beside:
    """A baseline beside the network."""

    tested: Tested
    paired: Paired
    """Its error minus the network's, on the same images: above 0 the network is better."""


@dataclass(frozen=True)
class Evaluation:
    """The honest result of a study's network."""

    study: str
    data: str
    chosen: int
    """The trial that stands for it: of several seeds the best on validation."""
    networks: list[Tested]
    """Its trials, one a seed."""
    mean: float
    sd: float
    """Of their errors; 0 for a single one."""
    fresh: bool
    """Whether the test set was seen now; else all this was recorded before."""
    baselines: list[Beside]
    left_out: dict[str, str]
    """Baselines that there are none of, and why."""
    looks: int
    """Networks and ensembles of the study that have seen the test set."""
    measured: dict[int, float]
    """Validation error of its trials as training measured it, in its own precision."""

    @property
    def network(self) -> Tested:
        """The chosen one."""
        return next(each for each in self.networks if each.number == self.chosen)

    @property
    def rival(self) -> Beside | None:
        """The baseline of the lowest error."""
        return min(self.baselines, key=lambda each: each.tested.error, default=None)


def evaluate(
    store: Store, name: str, number: int | None = None, *, beside: bool = True, say: Say = lambda text: None
) -> Evaluation:
    """Test a trial's network, by default the best of the study: with several seeds each of them.

    `beside`: baselines on the same data too. `say` hears what is being done. Networks that were tested
    before are not tested again.

    Raises:
        NasError: no complete trial, no weights are kept, they do not fit, or there is no test part.
    """
    row = store.study(name)
    numbers = [number] if number is not None else best_numbers(store, row)
    before = {each.what for each in store.tests(row.id)}
    rows = []
    for each in numbers:
        if (known := store.test(row.id, named(each))) is None:
            network = trained(store, name, each)
            network.weights()  # there may be none: then nothing is begun
            say(f"testing trial {each} of {name} on {row.spec.data}")
            known = see(store, network)
        rows.append(known)
    chosen = min(rows, key=lambda each: (each.record["valid_error"], each.number))
    assert chosen.number is not None
    found: list[TestRow] = []
    left_out: dict[str, str] = {}
    if beside:
        size = trained(store, name, chosen.number).architecture.input.size
        found, left_out = made(store, row, chosen, size, say)
    errors = [each.wrong / each.images for each in rows]
    return Evaluation(
        study=name,
        data=row.spec.data,
        chosen=chosen.number,
        networks=[tested(each) for each in rows],
        mean=statistics.fmean(errors),
        sd=statistics.stdev(errors) if len(errors) > 1 else 0.0,
        fresh=any(each.what not in before for each in [*rows, *found]),
        baselines=[Beside(tested(each), compared(each, chosen)) for each in found],
        left_out=left_out,
        looks=looks(store, row),
        measured=measured(store, row, numbers),
    )


def measured(store: Store, row: StudyRow, numbers: Sequence[int]) -> dict[int, float]:
    """The validation error of trials as training measured it: bf16, where it is faster, errs otherwise."""
    found = {number: store.trial(row.id, number).metrics for number in numbers}
    return {number: metrics["error"] for number, metrics in found.items() if "error" in metrics}


def best_numbers(store: Store, row: StudyRow) -> list[int]:
    """The best trial by validation; where networks have several seeds, all complete ones of the best.

    Raises:
        NasError: no trial is complete, or several objectives leave no single best one.
    """
    if len(row.spec.objectives) > 1:
        aims = " and ".join(objective.metric for objective in row.spec.objectives)
        raise NasError(
            f"study {row.name!r} weighs {aims}, so that no trial is the best: say which one, "
            f"nas evaluate {row.name} N; nas pareto {row.name} lists those that none other beats"
        )
    if not (found := leaders(store, row)):
        raise nothing_yet(row.name)
    if row.spec.repeat == 1:
        return [found[0].number]
    return next(each.numbers for each in networks(store, row) if found[0].number in each.numbers)


def see(store: Store, network: Trained, found: "Answers | None" = None) -> TestRow:
    """Let a trained network see the test part, and record what it answers; the first record stands.

    `found`: its `answers`, if they are known.
    """
    number, there = network.trial.number, found or answers(network)
    test = there["test"]
    made = look(
        named(number),
        test.labels,
        told(test),
        test.log_probabilities.shape[1],
        number=number,
        valid_error=error(there["valid"]),
        scores=scores(test),
    )
    store.record_test(network.study.id, made)
    return store.test(network.study.id, named(number)) or made


def answers(network: Trained) -> "Answers":
    """What a trained network answers on the validation and the test part.

    Raises:
        NasError: no weights are kept, they do not fit, or the data set is another than the study's, or has
            no test part.
    """
    from workers.data import refuse_other_data
    from workers.final.outputs import outputs

    data, shape = network.study.spec.data, network.architecture.input
    model = network.model()  # before the test part is touched
    refuse_other_data(data, shape)
    return outputs(model, data, size=shape.size, recipe=network.recipe)


def named(number: int) -> str:
    """What the look of a trial is called."""
    return f"trial {number}"


def looks(store: Store, row: StudyRow) -> int:
    """How many networks and ensembles of a study have seen the test set."""
    return sum(each.number is not None or each.what.startswith("ensemble") for each in store.tests(row.id))


def result_of(store: Store, row: StudyRow, number: int) -> Result | None:
    """What a trial's network did on the test set, if it has seen it."""
    found = store.test(row.id, named(number))
    return None if found is None else result(found)
