"""Ensembles: averaged probabilities of what validation chose, beside the best single one of it."""

import numpy as np
import pytest

from nas.errors import NasError
from nas.service.final import ensembles
from nas.service.final.ensembles import Ensemble, ensemble
from nas.service.trained import trained
from nas.store import Store
from tests.service.final.conftest import last_weights
from workers.final.outputs import Outputs, outputs


@pytest.fixture(scope="module")
def three(searched: Store) -> Ensemble:
    return ensemble(searched, "s", 3)


def alone(store: Store, number: int | None) -> Outputs:
    assert number is not None
    one = trained(store, "s", number)
    return outputs(one.model(), "digits", size=8, recipe=one.recipe)["test"]


def test_members_are_chosen_by_validation_and_their_probabilities_averaged(
    searched: Store, three: Ensemble
) -> None:
    numbers = [each.number for each in three.members]
    by_validation = [trial.number for trial in searched.best(searched.study("s").id, 3)]
    assert (numbers, three.best, three.skipped, three.looks) == (by_validation, by_validation[0], [], 4)
    found = [alone(searched, number) for number in by_validation]
    labels = found[0].labels
    said = np.mean([np.exp(each.log_probabilities) for each in found], axis=0).argmax(1)
    assert three.tested.wrong == int((said != labels).sum())
    singles = [each.log_probabilities.argmax(1) for each in found]
    assert [each.wrong for each in three.members] == [int((s != labels).sum()) for s in singles]
    assert three.gain.difference == pytest.approx(three.members[0].error - three.tested.error)
    pairs = [float((singles[i] != singles[j]).mean()) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert three.disagreement == pytest.approx(np.mean(pairs))
    assert np.diag(three.disagreements).tolist() == [0, 0, 0]
    assert three.tested.about["members"] == numbers
    costs = [trained(searched, "s", number).architecture.cost for number in by_validation]
    assert (three.params, three.macs) == (sum(c.params for c in costs), sum(c.macs for c in costs))


def test_asked_again_it_tells_what_was_recorded(
    searched: Store, three: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensembles, "answers", None)
    again = ensemble(searched, "s", 9)
    assert (again.fresh, three.fresh) == (False, True)
    assert (again.tested, again.members, again.gain) == (three.tested, three.members, three.gain)


def test_trials_without_weights_are_passed_over(searched: Store, three: Ensemble) -> None:
    file = last_weights(searched, "s", three.best)
    file.rename(file.with_suffix(".gone"))
    found = ensemble(searched, "s", 2)
    assert (found.skipped, [each.number for each in found.members]) == (
        [three.best],
        [each.number for each in three.members[1:]],
    )
    file.with_suffix(".gone").rename(file)


def test_too_few_networks_say_what_to_type(searched: Store) -> None:
    with pytest.raises(
        NasError, match=r"needs two trained networks, but weights of 0 of its 2.*nas train priced"
    ):
        ensemble(searched, "priced")
    with pytest.raises(NasError, match="--top 1: it is a whole number from 2 to 100"):
        ensemble(searched, "s", 1)
