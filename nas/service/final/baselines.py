"""What every network has to beat on the same data: nearest neighbours, and templates of the `linear` space.

Both learn from the training part, as networks do, and what they leave open is chosen on the validation part.
"""

import time
from collections.abc import Callable

from nas.errors import DataError
from nas.service.final.looks import error, look, same_images, scores, told
from nas.service.plain import shown, span
from nas.service.specify import SearchOptions, specify
from nas.store import Store
from nas.store.rows import StudyRow
from nas.store.tested import TestRow
from workers.spaces import space_of

KNN, LINEAR = "knn", "linear"
MOST_MACS = 1e14
"""Of all passes over the training images, beyond which the linear classifiers are left out: about an hour
on one core."""
SEED = 0

Say = Callable[[str], None]


def baselines(
    store: Store, row: StudyRow, network: TestRow, size: int, say: Say
) -> tuple[list[TestRow], dict[str, str]]:
    """The baselines on the test part that `network` saw, and why others are left out, by name.

    They do not depend on the study: those of any study of the store on the same data are taken.
    """
    found: list[TestRow] = []
    left_out: dict[str, str] = {}
    for what, make in MAKERS.items():
        known = [each for each in store.tests_on(row.spec.data, what) if same_images(each, network)]
        try:
            made = known[0] if known else make(row.spec.data, size, say)
        except DataError as reason:
            left_out[what] = str(reason)
            continue
        store.record_test(row.id, made)  # else it would go with the study that it was made for
        found.append(store.test(row.id, what) or made)
    return found, left_out


def nearest(data: str, size: int, say: Say) -> TestRow:
    """k nearest neighbours by the pixels; raises `DataError` where that takes too much."""
    from workers.final.neighbours import neighbours
    from workers.final.pixels import pixels

    say("baseline: k nearest neighbours of the pixels …")
    began = time.perf_counter()
    found = pixels(data, size)
    k, predictions, valid_error = neighbours(found)
    say(f"  k={k}: validation error {shown(valid_error)} ({span(time.perf_counter() - began)})")
    classes = 1 + int(max(found.train.labels.max(), found.test.labels.max()))
    return look(KNN, found.test.labels, predictions, classes, valid_error=valid_error, about={"k": k})


def linear(data: str, size: int, say: Say) -> TestRow:
    """The template matcher of the `linear` space, as a search trains it; its weight decay is chosen.

    `size` is ignored: templates are as large as the space has them. Raises `DataError` where that takes too
    much.
    """
    from nas.space.load import load_space
    from workers.data import counted, dataset
    from workers.final.briefly import train_briefly
    from workers.recipe import Recipe

    decays = load_space("linear").model.parameters["decay"].choice or [0]
    say(f"baseline: the linear space, trained with each of {len(decays)} weight decays …")
    best = None
    for decay in decays:
        asked = {"pool": 1, "bias": True, "decay": decay}
        spec = specify(
            SearchOptions(space="linear", data=data, settings=asked, recipe={"weight_decay": decay})
        )
        network, recipe = space_of(spec.space).architecture({}), Recipe.resolve(spec.recipe)
        _refuse_work(3.0 * network.cost.macs * recipe.epochs * (counted(dataset(data)) or 0) * len(decays))
        began = time.perf_counter()
        found = train_briefly(network, data, recipe, SEED)
        took = span(time.perf_counter() - began)
        say(f"  weight_decay={decay}: validation error {shown(error(found['valid']))} ({took})")
        if best is None or error(found["valid"]) < best[0]:
            best = error(found["valid"]), decay, found["test"]
    assert best is not None
    valid_error, decay, test = best
    classes = test.log_probabilities.shape[1]
    about = {"weight_decay": decay}
    return look(
        LINEAR, test.labels, told(test), classes, valid_error=valid_error, scores=scores(test), about=about
    )


MAKERS = {KNN: nearest, LINEAR: linear}
"""By the names under which they are stored."""


def _refuse_work(macs: float) -> None:
    if macs > MOST_MACS:
        raise DataError(f"its training takes {macs:.1g} multiply-adds, more than {MOST_MACS:.0e}")
