"""The test set: seen once, told as it is, beside what any network has to beat."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from sklearn.metrics import confusion_matrix, recall_score
from sklearn.neighbors import KNeighborsClassifier

from nas.errors import DataError, NasError
from nas.service.final import testing
from nas.service.final.intervals import error_interval
from nas.service.final.testing import Evaluation, evaluate, result_of
from nas.service.final.training import FinalOptions, begin_training
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.service.trained import NoWeightsError, trained
from nas.service.views.trial import trial_page
from nas.store import Store
from tests.service.final.conftest import INLINE, last_weights, search
from workers.data import Splits, load_data
from workers.final.outputs import outputs


@pytest.fixture(scope="module")
def evaluated(searched: Store) -> Evaluation:
    return evaluate(searched, "s")


def digits() -> Splits:
    found = load_data("digits")
    assert isinstance(found, Splits)
    return found


def predictions(store: Store, number: int) -> Any:
    """By hand: pixels to the network, the largest logit."""
    data, model = digits(), trained(store, "s", number).model()
    x = (torch.from_numpy(data.x_test).permute(0, 3, 1, 2) / 255 - data.mean[0]) / data.sd[0]
    with torch.no_grad():
        return model(x.float()).argmax(1).numpy()


def test_the_best_by_validation_is_tested(searched: Store, evaluated: Evaluation) -> None:
    best = searched.best(searched.study("s").id)[0]
    found, said, truth = evaluated.network, predictions(searched, best.number), digits().y_test
    assert (evaluated.chosen, evaluated.fresh, evaluated.looks) == (best.number, True, 1)
    assert (found.images, found.wrong) == (359, int((said != truth).sum()))
    interval = error_interval(found.wrong, 359)
    assert (found.error, found.low, found.high) == (found.wrong / 359, interval.low, interval.high)
    assert found.valid_error == pytest.approx(best.metrics["error"], abs=2 / 359)
    matrix = np.zeros((10, 10), int)
    for row, column, count in found.confusion:
        matrix[row, column] = count
    assert (matrix == confusion_matrix(truth, said)).all()
    assert found.recall == pytest.approx(recall_score(truth, said, average=None))
    assert found.top5_error is not None
    assert found.top5_error < found.error


def test_baselines_stand_beside_it(evaluated: Evaluation) -> None:
    data, (knn, linear) = digits(), evaluated.baselines
    assert [knn.tested.what, linear.tested.what] == ["knn", "linear"]
    flat = [part.reshape(len(part), -1) / 255 for part in (data.x_train, data.x_valid, data.x_test)]
    errors = {
        k: float((KNeighborsClassifier(k).fit(flat[0], data.y_train).predict(flat[1]) != data.y_valid).mean())
        for k in (1, 3, 5, 7, 9, 15, 25)
    }
    k = knn.tested.about["k"]
    assert (errors[k], knn.tested.valid_error) == (min(errors.values()), errors[k])
    said = KNeighborsClassifier(k).fit(flat[0], data.y_train).predict(flat[2])
    assert knn.tested.wrong == int((said != data.y_test).sum())
    assert linear.tested.about["weight_decay"] in (0, 1e-4, 1e-3, 1e-2, 1e-1)
    assert 0.02 < linear.tested.error < 0.1
    assert evaluated.rival == knn
    difference = linear.tested.error - evaluated.network.error
    assert linear.paired.difference == pytest.approx(difference)
    assert linear.paired.low < difference < linear.paired.high


def test_asked_again_it_tells_what_was_recorded(
    searched: Store, evaluated: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "answers", None)
    again = evaluate(searched, "s")
    assert (again.fresh, again.looks) == (False, 1)
    assert (again.networks, again.baselines) == (evaluated.networks, evaluated.baselines)
    row = searched.study("s")
    assert result_of(searched, row, evaluated.chosen) == trial_page(searched, "s", evaluated.chosen).tested
    other = next(n for n in (1, 2, 3) if n != evaluated.chosen)
    assert trial_page(searched, "s", other).tested is None


def test_seeds_are_told_by_their_mean_and_baselines_of_the_data_are_taken(
    searched: Store, evaluated: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.final.briefly.train_briefly", None)
    row, _ = begin_training(searched, FinalOptions(study="s", number=1, epochs=1, seeds=2), INLINE)
    run(searched, row.name, INLINE, compare=False)
    found = evaluate(searched, row.name)
    errors = [each.error for each in found.networks]
    assert [each.number for each in found.networks] == [1, 2]
    assert (found.mean, found.sd) == pytest.approx((np.mean(errors), np.std(errors, ddof=1)))
    valid = {each.number: each.valid_error for each in found.networks}
    assert valid[found.chosen] == min(v for v in valid.values() if v is not None)
    assert found.baselines[0].tested.wrong == evaluated.baselines[0].tested.wrong
    alone = evaluate(searched, row.name, 2, beside=False)
    assert ([each.number for each in alone.networks], alone.baselines, alone.looks) == ([2], [], 2)


def test_weights_that_are_gone_or_of_another_network_see_nothing(searched: Store) -> None:
    chosen = evaluate(searched, "s", beside=False).chosen
    number = next(n for n in (1, 2, 3) if n != chosen)
    file = last_weights(searched, "s", number)
    kept = file.read_bytes()
    header = safetensors.torch.load(kept)
    with safetensors.safe_open(file, "pt") as opened:
        assert set(opened.keys()) == set(header)
    file.unlink()
    with pytest.raises(
        NoWeightsError, match=rf"no weights are kept of trial {number} of s.*nas train s {number}"
    ):
        evaluate(searched, "s", number)
    other = begin_other(searched)
    file.write_bytes(other.read_bytes())
    with pytest.raises(NasError, match=rf"weights of trial {number} of s do not fit the network"):
        evaluate(searched, "s", number)
    file.write_bytes(kept)
    assert searched.test(searched.study("s").id, f"trial {number}") is None


def begin_other(store: Store) -> Path:
    """The weights of another network."""
    asked = SearchOptions(space="linear", study="other", trials=1, recipe={"epochs": 1}, sampler="random")
    begin(store, asked, INLINE)
    run(store, "other", INLINE, compare=False)
    return last_weights(store, "other", 1)


def test_what_was_not_trained_says_what_to_type(searched: Store, folder: Path) -> None:
    with pytest.raises(NoWeightsError, match=r'evaluator "cost" trained none; type nas train priced \d'):
        evaluate(searched, "priced")
    begin(searched, SearchOptions(space=str(folder / "small.yaml"), study="empty", trials=1), INLINE)
    with pytest.raises(NasError, match="study 'empty' has no complete trial yet"):
        evaluate(searched, "empty")


def test_of_several_objectives_it_has_to_be_said_which_trial(searched: Store, folder: Path) -> None:
    search(searched, folder, "two", 1, evaluator="cost", objective="macs,params", recipe={})
    with pytest.raises(NasError, match="weighs macs and params, so that no trial is the best: say which one"):
        evaluate(searched, "two")


def test_data_without_a_test_part_cannot_be_tested_on(
    searched: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = digits()
    none = Splits(**{**vars(whole), "x_test": whole.x_test[:0], "y_test": whole.y_test[:0]})
    monkeypatch.setattr("workers.final.outputs.load_data", lambda name: none)
    number = evaluate(searched, "s", beside=False).chosen
    one = trained(searched, "s", number)
    with pytest.raises(DataError, match="no images in its part test: without a test part there is no honest"):
        outputs(one.model(), "digits", size=8, recipe=one.recipe)


def test_baselines_that_take_too_much_are_left_out(searched: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.final.neighbours.MOST_MACS", 1e6)
    monkeypatch.setattr("nas.service.final.baselines.MOST_MACS", 1e6)
    monkeypatch.setattr(Store, "tests_on", lambda *_: [])
    found = evaluate(searched, "s")
    assert found.baselines == []
    assert found.rival is None
    assert found.left_out["knn"] == "its distances take 5e+07 multiply-adds, more than 1e+06"
    assert found.left_out["linear"].startswith("its training takes ")
