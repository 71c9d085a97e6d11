"""A point of a user's own: priced at once, tried next, or told why not."""

import pytest

from nas.errors import PointError, StudyNotFoundError
from nas.records import TrialState
from nas.service.actions import enqueue
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.space.load import load_space
from nas.store import Store
from tests.conftest import Nas

POINT = {"maps": [4, 8], "kernel": 3, "activation": "relu", "pool": "max"}


@pytest.fixture
def study(store: Store) -> str:
    """Of LeNets on digits with a limit, three trials at most."""
    asked = SearchOptions(space="lenet", evaluator="cost", objective="macs", most=("params=10k",))
    return start(store, specify(asked), "s", 3)[0].name


def test_what_becomes_of_a_point(store: Store, study: str) -> None:
    first = enqueue(store, study, POINT)
    assert (first.state, first.number) == ("queued", 1)
    assert first.reason == "nothing drives the study now; nas resume s tries it first"
    trial = store.trial(store.study(study).id, 1)
    assert (trial.state, dict(trial.cost), trial.draw) == (TrialState.QUEUED, first.cost, -1)
    exact = load_space("lenet", profile="digits").architecture(POINT).cost
    assert first.cost["params"] == exact.params <= 10_000

    again = enqueue(store, study, POINT)
    assert (again.state, again.number, again.reason) == ("duplicate", 1, "the same network as trial 1")

    large = enqueue(store, study, {**POINT, "maps": [32, 32]})
    assert (large.state, large.number, large.cost) == ("infeasible", 2, {})
    assert large.reason.startswith("params <= 10000")
    assert store.trial(store.study(study).id, 2).state is TrialState.INFEASIBLE
    assert enqueue(store, study, {**POINT, "maps": [32, 32]}).number == 2
    assert store.study(study).used == 1

    for kernel, pool in ((3, "avg"), (5, "max")):
        assert enqueue(store, study, {**POINT, "kernel": kernel, "pool": pool}).state == "queued"
    spent = enqueue(store, study, {**POINT, "kernel": 5, "pool": "avg"})
    assert (spent.state, spent.number) == ("budget", None)
    assert spent.reason == "the budget of 3 trials is spent; nas resume s --trials +1 makes room"


def test_while_a_driver_lives_it_is_next(store: Store, study: str) -> None:
    store.start_driver(store.study(study).id, "host", 1)
    assert enqueue(store, study, POINT).reason == "it is next"


def test_a_network_with_repeats_waits_for_all_of_them(store: Store) -> None:
    asked = SearchOptions(space="lenet", repeat=2, trials=4)
    start(store, specify(asked), "s", 4)
    assert enqueue(store, "s", POINT).number == 1
    assert store.study("s").counts[TrialState.QUEUED] == 2


def test_what_is_no_point(store: Store, study: str) -> None:
    with pytest.raises(PointError, match="no value for 'maps'"):
        enqueue(store, study, {"kernel": 3})
    with pytest.raises(PointError, match="kernel"):
        enqueue(store, study, {**POINT, "kernel": 4})
    with pytest.raises(StudyNotFoundError, match="no study called 'other'"):
        enqueue(store, "other", POINT)
    assert sum(store.study(study).counts.values()) == 0


def test_from_the_command_line(nas_here: Nas) -> None:
    begun = ("search", "lenet", "--study", "s", "--evaluator", "cost", "--objective", "macs", "--trials", "2")
    assert nas_here(*begun, "--engine", "inline", "--json").returncode == 0
    words = ("enqueue", "s", "--set", "maps=4,8", "--set", "kernel=3", "--set", "pool=max")
    unfinished = nas_here(*words)
    assert (unfinished.returncode, unfinished.stdout) == (2, "")
    assert unfinished.stderr.startswith("nas: the point has no value for 'activation'")
    done = nas_here(*words, "--set", "activation=relu")
    assert done.returncode == 2
    assert done.stdout == (
        "s: not queued: budget: the budget of 2 trials is spent; nas resume s --trials +1 makes room\n"
    )
    told = nas_here(*words, "--set", "activation=relu", "--json")
    assert '"state": "budget"' in told.stdout
