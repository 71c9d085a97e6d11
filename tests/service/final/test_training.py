"""A final training is a study of one network: found again, gone on with, and refused where it cannot be."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from nas.errors import NasError, RecipeError, StudyExistsError, TrialNotFoundError
from nas.records import Ending, TrialState, Wanted
from nas.search.keys import trial_seed
from nas.service.actions.enqueue import enqueue
from nas.service.extending import check_more
from nas.service.final.training import FinalOptions, begin_training, final_spec, origin
from nas.service.run import run
from nas.service.studies import reopen, want
from nas.store import Store
from tests.service.final.conftest import INLINE, search
from workers.spaces import space_of

S = TrialState


def options(**more: object) -> FinalOptions:
    return FinalOptions(**{"study": "s", "number": 2, **more})  # type: ignore[arg-type]


def test_it_trains_that_network_by_that_recipe_for_longer(searched: Store) -> None:
    row = searched.study("s")
    trial = searched.trial(row.id, 2)
    spec = final_spec(searched, options(recipe={"lr": 0.02}))
    space = space_of(spec.space)
    assert list(space.parameters) == []
    assert space.architecture({}).arch_id == trial.arch_id
    searched_recipe = space_of(row.spec.space).recipe(trial.point)
    assert spec.recipe == space.recipe({}) == {**searched_recipe, "epochs": 8, "lr": 0.02}
    assert (spec.data, spec.evaluator, [o.metric for o in spec.objectives]) == ("digits", "train", ["error"])
    assert not space.answer.baseline, "there is nothing to compare at its end"


def test_a_study_that_looked_results_up_can_be_trained(searched: Store) -> None:
    spec = final_spec(searched, options(study="priced", number=1, epochs=3, seeds=2))
    assert (spec.evaluator, spec.recipe["epochs"], spec.repeat) == ("train", 3, 2)


def test_its_origin_is_said_though_a_crash_came_before(
    searched: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = options(epochs=1, name="crashed")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "set_study_attributes", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            begin_training(searched, asked, INLINE)
    assert origin(searched, searched.study("crashed")) is None
    row, joined = begin_training(searched, asked, INLINE)
    assert (joined, origin(searched, row)) == (True, ("s", 2))


def test_seeds_are_its_own_and_it_is_resumed_and_joined(searched: Store) -> None:
    asked = options(epochs=1, seeds=2)
    row, joined = begin_training(searched, asked, INLINE)
    assert (row.name, row.budget, joined, origin(searched, row)) == ("s-2-final", 2, False, ("s", 2))
    assert origin(searched, searched.study("s")) is None
    want(searched, row.name, Wanted.PAUSE)
    assert run(searched, row.name, INLINE, compare=False).ending is Ending.PAUSED
    reopen(searched, row.name)
    ended = run(searched, row.name, INLINE, compare=True)
    assert (ended.ending, ended.answer is not None and ended.answer.comparison) == (Ending.FINISHED, [])
    trials = searched.trials(row.id)
    assert [(t.state, t.epoch, t.seed == trial_seed(t.key)) for t in trials] == [(S.COMPLETE, 1, True)] * 2
    before = searched.trial(searched.study("s").id, 2)
    assert len({before.seed, *(t.seed for t in trials)}) == 3
    assert {t.arch_id for t in trials} == {before.arch_id}
    assert begin_training(searched, asked, INLINE)[1]
    with pytest.raises(StudyExistsError, match="epochs: 1 in the study, 5 asked for"):
        begin_training(searched, options(epochs=5, seeds=2), INLINE)
    other = next(t.number for t in searched.trials(1) if t.arch_id != before.arch_id)
    with pytest.raises(StudyExistsError, match=r"space\.set\.deep|space\.set\.widths"):
        begin_training(searched, options(number=other, epochs=1, seeds=2, name=row.name), INLINE)
    assert run(searched, row.name, INLINE).ending is Ending.FINISHED
    check_more(searched.study(row.name), 1)


def test_the_recipe_of_the_search_brings_lost_weights_back(searched: Store) -> None:
    row, _ = begin_training(searched, options(epochs=2, name="again"), INLINE)
    run(searched, row.name, INLINE, compare=False)
    again, before = searched.trial(row.id, 1), searched.trial(searched.study("s").id, 2)
    assert (again.key, again.seed) == (before.key, before.seed)
    assert again.metrics["loss"] == before.metrics["loss"]


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"number": 9}, TrialNotFoundError, "no trial 9 in study 's'"),
        ({"epochs": 0}, NasError, "--epochs 0: it is a whole number from 1"),
        ({"epochs": 3, "recipe": {"epochs": 4}}, NasError, "--epochs 3 --recipe epochs=4: say one of them"),
        ({"seeds": 0}, NasError, "--seeds 0"),
        ({"recipe": {"epoch": 4}}, RecipeError, "unknown recipe key 'epoch'.*did you mean 'epochs'"),
        ({"recipe": {"batch": 5000}}, RecipeError, "must not exceed the 1079 training images"),
        ({"name": "a b"}, NasError, "study name 'a b'"),
        ({"timeout_s": -1.0}, NasError, "--timeout-per-trial -1"),
    ],
)
def test_what_cannot_be_trained_begins_nothing(
    searched: Store, asked: dict[str, object], error: type[Exception], message: str
) -> None:
    before = searched.study_names()
    with pytest.raises(error, match=message):
        begin_training(searched, options(**asked), INLINE)
    assert searched.study_names() == before


def test_a_point_that_breaks_a_rule_has_no_network_to_train(searched: Store, folder: Path) -> None:
    search(searched, folder, "limited", 1, most=("macs=20k",), evaluator="cost", objective="macs", recipe={})
    searched.extend(searched.study("limited").id, 1)
    number = enqueue(searched, "limited", {"deep": True, "widths": [12, 12]}).number
    assert number is not None
    with pytest.raises(NasError, match="macs <= 2"):
        final_spec(searched, options(study="limited", number=number))
