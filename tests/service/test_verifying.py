"""Proxies and short trainings against what full training told."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from nas.errors import NasError, UnknownNameError
from nas.service.specify import SearchOptions, specify
from nas.service.verifying import Score, epochs_of, verify
from nas.store import Store
from nas.store.rows import StudyRow
from tests.dashboard.seeding import candidates
from tests.service.views.making import Told, point, space, spec, study
from tests.store.makers import outcome


def trained(store: Store, count: int = 24, **more: object) -> StudyRow:
    """Four epochs: after one nothing is known, after two nearly everything; more macs help a little."""
    rng, told = np.random.default_rng(0), []
    for _ in range(count):
        end = float(rng.uniform(0.1, 0.5))
        curve = (float(rng.uniform()), end + float(rng.normal(0, 0.005)), end, end)
        told.append(
            Told(
                (end,),
                metrics={"loss": 2 * end},
                curve=curve,
                macs=int(1000 - 500 * end + rng.normal(0, 100)),
            )
        )
    return study(store, told, spec(**more))


def scores(found: object) -> dict[str, Score]:
    return {score.name: score for score in found.scores}  # type: ignore[attr-defined]


def test_short_trainings_beside_sizes(store: Store) -> None:
    trained(store)
    found = verify(store, "one")
    assert [score.name for score in found.scores] == [
        "error after 1 epoch",
        "error after 2 epochs",
        "params",
        "macs",
    ]
    by_name = scores(found)
    short, long = by_name["error after 1 epoch"], by_name["error after 2 epochs"]
    assert short.ranks is not None
    assert long.ranks is not None
    assert abs(short.ranks.spearman) < 0.5
    assert (long.ranks.spearman > 0.95, long.ranks.top_overlap) == (True, 1)
    assert long.ahead is not None
    assert (long.beside, long.ahead.ci_low > 0) == ("macs", True)
    assert by_name["params"].why_not == "it says the same of all networks"
    macs = by_name["macs"].ranks
    assert macs is not None
    assert macs.spearman == pytest.approx(
        spearmanr(
            [row.macs for row in store.trials(1)], [-row.values[0] for row in store.trials(1)]
        ).statistic
    )


def test_epochs_that_are_asked_for(store: Store) -> None:
    trained(store)
    found = scores(verify(store, "one", epochs=[3, 4]))
    assert found["error after 3 epochs"].ranks is not None
    assert found["error after 4 epochs"].why_not.startswith("0 networks with it")
    assert scores(verify(store, "one", epochs=[2], metric="loss"))["loss after 2 epochs"].failed == 0


def test_what_is_the_same_in_all_epochs_foretells_nothing(store: Store) -> None:
    told = [Told((end,), curve=(end, end, end), macs=place) for place, end in enumerate((0.1, 0.3, 0.2, 0.4))]
    study(store, told, spec())
    (first, *_) = verify(store, "one").scores
    assert (first.ranks, first.worth) == (None, False)
    assert first.why_not.startswith("it is the same in all epochs")


def test_proxies_are_computed_on_the_points(store: Store) -> None:
    trained(store)
    proxy = verify(store, "one", proxies=["params"], epochs=[], limit=6).scores[0]
    assert (proxy.name, proxy.kind, proxy.failed) == ("params", "proxy", 0)
    assert proxy.ranks is not None
    assert proxy.ranks.n == 6
    places = np.unique(np.linspace(0, 23, 6).round().astype(int)).tolist()
    sizes = [space().architecture(point(i).point).cost.params for i in places]
    values = {row.number: row.values[0] for row in store.trials(1)}
    truth = [-values[i + 1] for i in places]
    assert proxy.ranks.spearman == pytest.approx(spearmanr(sizes, truth).statistic)


def small(store: Store, name: str, data: str = "digits") -> None:
    """Five networks for the small images of digits, the larger the better."""
    asked = specify(SearchOptions(space="vgg", sampler="random"))
    row = store.create_study(name, replace(asked, data=data), 10, "memory://vgg")
    driver = store.start_driver(row.id, "node-1", 1, 3600)
    store.claim(row.id, driver, chosen := candidates(row, 5))
    ends = [outcome(number, 1 / each.cost["params"]) for number, each in enumerate(chosen, 1)]
    store.tell(row.id, driver, ends)


def test_a_proxy_of_untrained_networks(store: Store) -> None:
    small(store, "vgg")
    heard: list[tuple[str, int, int]] = []
    found = verify(store, "vgg", proxies=["naswot"], on_scored=lambda *told: heard.append(told))
    assert heard == [("naswot", done, 5) for done in range(1, 6)]
    proxy = found.scores[0]
    assert (proxy.name, proxy.failed, proxy.why_not) == ("naswot", 0, "")
    assert proxy.ranks is not None
    assert proxy.seconds is not None
    assert scores(found)["params"].ranks.spearman == pytest.approx(1)  # type: ignore[union-attr]


def test_mistakes(store: Store) -> None:
    small(store, "one", data="npz:/nowhere.npz")
    with pytest.raises(UnknownNameError, match="unknown proxy 'naswott'"):
        verify(store, "one", proxies=["naswott"])
    with pytest.raises(NasError, match="--proxy naswot: it fails on the first 3 networks: .*nowhere.npz"):
        verify(store, "one", proxies=["naswot"])
    with pytest.raises(NasError, match="--epochs 'two'"):
        epochs_of("two")
    assert epochs_of("4, 1,2") == [1, 2, 4]
    study(store, [Told((0.1,)), Told((0.2,))], name="few")
    with pytest.raises(NasError, match="'few' has 2 complete networks"):
        verify(store, "few")
    study(store, [Told((i / 9,)) for i in range(9)], name="flat")
    with pytest.raises(NasError, match="--epochs 1: the trials of flat have no curves"):
        verify(store, "flat", epochs=[1])
