"""Lists: each filter, sort and page beside the same done in Python."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from nas.errors import NasError, UnknownNameError
from nas.records import Cause, Ending, Objective, TrialState, Wanted
from nas.service.listing import list_studies, list_trials, standing
from nas.service.studies import reopen, view
from nas.store import Store
from nas.store.rows import TrialRow
from nas.store.tables import drivers, studies
from tests.search.spaces import conditional, spec_of
from tests.search.test_optuna_store import points
from tests.store.makers import COSTS, candidate, outcome, report

S = TrialState
AIMS = (Objective("error"), Objective("score", minimize=False))
SPEC = spec_of(conditional(), objectives=AIMS)
Meets = Callable[[TrialRow], Any]


@pytest.fixture
def full(store: Store) -> Store:
    """Twelve trials: eight complete, one pruned, one failed, two running."""
    study = store.create_study("s", SPEC, 20, "memory://s").id
    driver = store.start_driver(study, "h", 1, 3600)
    store.claim(study, driver, points(conditional(), SPEC, 12))
    ends = [
        outcome(
            n,
            (n * 7 % 5) / 10,
            values=((n * 7 % 5) / 10, float(n % 3)),
            metrics={"error": 0.1, "loss": n % 4},
        )
        for n in range(1, 9)
    ]
    ends += [
        outcome(9, state=S.PRUNED, metrics={}),
        outcome(10, state=S.FAILED, values=(), cause=Cause.ERROR),
    ]
    store.report(study, driver, [report(n, n) for n in range(1, 5)])
    store.tell(study, driver, ends)
    return store


def numbers(rows: list[TrialRow]) -> list[int]:
    return [row.number for row in rows]


@pytest.mark.parametrize(
    ("where", "meets"),
    [
        (["macs<3M"], lambda t: t.macs < 3e6),
        (["macs >= 3e6", "params!=0"], lambda t: t.macs >= 3e6),
        (["error<=0.2"], lambda t: t.values and t.values[0] <= 0.2),
        (["value>0.2"], lambda t: t.values and t.values[0] > 0.2),
        (["score=2"], lambda t: len(t.values) > 1 and t.values[1] == 2),
        (["loss>2"], lambda t: t.metrics.get("loss", 0) > 2),
        (["depth==3"], lambda t: t.point["depth"] == 3),
        (["widths[1]>30"], lambda t: len(t.point["widths"]) > 1 and t.point["widths"][1] > 30),
        (["kind=wide", "factor<1.5"], lambda t: t.point["kind"] == "wide" and t.point["factor"] < 1.5),
        (["kind!=wide"], lambda t: t.point["kind"] != "wide"),
        (["widths!=8,16,64"], lambda t: list(t.point["widths"]) != [8, 16, 64]),
        (["pair=3,3"], lambda t: list(t.point["pair"]) == [3, 3]),
        (["paths>=0.5", "paths<10G"], lambda t: True),
        (["cause=error"], lambda t: t.cause is Cause.ERROR),
        (["epoch>=3", "number<4"], lambda t: t.number == 3),
        (["trial<3"], lambda t: t.number < 3),
        (["widths=8,16,64"], lambda t: list(t.point["widths"]) == [8, 16, 64]),
    ],
)
def test_a_filter_is_what_it_says(full: Store, where: list[str], meets: Meets) -> None:
    everything = list_trials(full, "s")
    expected = [t.number for t in everything if meets(t)]
    assert expected, "a filter that nothing meets shows nothing"
    assert numbers(list_trials(full, "s", where=where)) == expected


@pytest.mark.parametrize(
    ("sort", "by"),
    [
        ("macs", lambda t: t.macs),
        ("error", lambda t: t.values[0] if t.values else None),
        ("score", lambda t: t.values[1] if len(t.values) > 1 else None),
        ("loss", lambda t: t.metrics.get("loss")),
        ("depth", lambda t: t.point["depth"]),
        ("factor", lambda t: t.point.get("factor")),
        ("number", lambda t: t.number),
        ("ended", lambda t: t.ended_s),
        ("trial", lambda t: t.number),
    ],
)
def test_pages_are_sorted_and_what_lacks_a_value_comes_last(full: Store, sort: str, by: Meets) -> None:
    rows = list_trials(full, "s")
    some, none = [t for t in rows if by(t) is not None], [t for t in rows if by(t) is None]
    up = numbers([*sorted(some, key=by), *none])
    down = numbers([*sorted(some, key=lambda t: (-by(t), t.number)), *none])
    assert numbers(list_trials(full, "s", sort=sort)) == up
    assert numbers(list_trials(full, "s", sort=f"{sort}:desc")) == down
    assert numbers(list_trials(full, "s", sort=sort, limit=5, offset=4)) == up[4:9]


def test_states_and_filters_and_best_first(full: Store) -> None:
    told = list_trials(full, "s", state="complete, pruned", where=["error<0.3"], by_value=True, limit=3)
    assert [t.values[0] for t in told] == sorted(t.values[0] for t in told)
    assert {t.state for t in told} <= {S.COMPLETE, S.PRUNED}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"where": ["macs"]}, r'no condition: type e\.g\. --where "macs<1e9"'),
        ({"where": ["macs<wide"]}, r"'wide' is no number; type e\.g\. --where \"macs<1e9\""),
        ({"where": ["error=low"]}, "'low' is no number"),
        ({"where": ["state<done"]}, "'done' is no number, so only = and != are allowed"),
        ({"where": ["mcas<1"]}, r"--where: unknown name 'mcas'.*did you mean 'macs'"),
        ({"sort": "eror"}, r"--sort: unknown name 'eror'.*'error'"),
        ({"sort": "error:down"}, "write NAME, NAME:asc or NAME:desc"),
        ({"sort": "error", "by_value": True}, "say one of them"),
        ({"state": "done"}, "unknown state 'done'"),
        ({"where": ["state=done"]}, r"--where 'state=done': unknown state 'done'"),
        ({"where": ["cause=eror"]}, r"unknown cause 'eror'.*did you mean 'error'"),
        ({"where": ["depth==3 and macs<1G"]}, r'say one each: type --where "depth==3" --where "macs<1G"'),
        ({"where": ["depth==3,macs<1G"]}, r'say one each: type --where "depth==3" --where "macs<1G"'),
        ({"where": ["depth==3 or macs<1G"]}, r"there is no or; ask for each by itself"),
        ({"where": ["macs=>3"]}, r'the sign is >=; type --where "macs>=3"'),
        ({"where": ["macs<>3"]}, r'the sign is !=; type --where "macs!=3"'),
        ({"where": ["error<5%"]}, r"'5%' is no number; type e\.g\. --where \"error<0\.05\""),
        ({"where": ["widths>20"]}, r'widths is a vector.*--where "widths\[0\]>20", or all of them'),
        ({"where": ["widths=20"]}, r'--where "widths\[0\]=20"'),
        ({"where": ["widths[x]>20"]}, r"unknown name 'widths\[x\]'"),
        ({"where": ["depth[0]>2"]}, r"unknown name 'depth\[0\]'"),
        ({"where": ["kind<3"]}, r"one of plain, wide, which have no order with '3'; type .*kind=plain"),
        ({"where": ["kind=wid"]}, r"unknown choice 'wid': known are plain, wide; did you mean 'wide'"),
        ({"where": ["depth=deep"]}, r"'deep' is no number; the parameter is a whole number from 1 to 3"),
        ({"sort": "widths"}, r"widths is a vector; name one of its values: --sort 'widths\[0\]'"),
        ({"limit": 0}, "--limit 0"),
        ({"offset": -1}, "--offset -1"),
    ],
)
def test_what_cannot_be_asked_says_so(full: Store, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(NasError, match=message):
        list_trials(full, "s", **asked)


def test_studies_by_state_order_and_page(full: Store) -> None:
    for name, budget in (("b", 5), ("a", 9)):
        full.create_study(name, SPEC, budget, f"memory://{name}")
    full.set_ending(full.study("a").id, Ending.PAUSED)

    def names(**asked: Any) -> list[str]:
        return [row.name for row in list_studies(full, **asked)]

    assert names() == ["a", "b", "s"]
    assert names(sort="name") == ["a", "b", "s"]
    assert names(sort="budget:desc") == ["s", "a", "b"]
    assert names(sort="complete:desc", limit=1) == ["s"]
    assert names(sort="name", limit=1, offset=1) == ["b"]
    assert (names(state="running"), names(state="paused"), names(state="starting")) == (["s"], ["a"], ["b"])
    assert names(state="paused, running") == ["a", "s"]
    assert names(sort="study:desc", limit=1) == ["s"]
    assert names(sort="finished:desc", limit=1) == ["s"]
    assert names(sort="best") == ["s", "a", "b"], "those without a best come last"
    assert names(sort="state") == ["a", "s", "b"]
    assert names(sort="state:desc", limit=1, offset=1) == ["s"]
    for asked in ({"sort": "nme"}, {"state": "done"}, {"state": "running,done"}):
        with pytest.raises(UnknownNameError):
            names(**asked)


def test_paths_are_numbers_of_any_size(store: Store) -> None:
    study = store.create_study("s", SPEC, 9, "memory://s").id
    for i, paths in enumerate((7, 12, 10**30, 10**30 + 1, 2**5000), 1):
        store.claim(
            study, store.start_driver(study, "h", 1, 3600), [candidate(i, cost={**COSTS, "paths": paths})]
        )

    def found(**asked: Any) -> list[int]:
        return numbers(list_trials(store, "s", **asked))

    assert found(sort="paths:desc") == [5, 4, 3, 2, 1]
    for where, expected in (
        ("paths<12", [1]),
        ("paths<=12", [1, 2]),
        ("paths<11.5", [1]),
        ("paths>7.5", [2, 3, 4, 5]),
        (f"paths={10**30}", [3]),
        ("paths=1.5", []),
        ("paths!=1.5", [1, 2, 3, 4, 5]),
        ("paths>1T", [3, 4, 5]),
        ("paths>-1", [1, 2, 3, 4, 5]),
    ):
        assert found(where=[where]) == expected, where


def test_words_are_sorted_too(full: Store) -> None:
    kinds = [trial.point["kind"] for trial in list_trials(full, "s", sort="kind:desc")]
    assert kinds == sorted(kinds, reverse=True)
    assert len(set(kinds)) == 2


def test_a_study_starts_before_its_driver_is_there(store: Store) -> None:
    def stands() -> str:
        (row,) = list_studies(store)
        assert view(store, "s").state == standing(row)
        return standing(row)

    study = store.create_study("s", SPEC, 9, "memory://s").id
    assert stands() == "starting"
    driver = store.start_driver(study, "h", 1, 3600)
    assert stands() == "running"
    store.end_driver(driver)
    assert stands() == "stopped", "a driver was there, and told no end"
    with store._writing() as connection:
        connection.execute(update(drivers).values(ended_s=drivers.c.ended_s - 5))
    reopen(store, "s")
    assert stands() == "starting", "resumed, it waits for its driver"
    store.set_wanted(study, Wanted.PAUSE)
    assert stands() == "stopped"


def test_a_study_that_never_got_its_driver_is_stopped(store: Store) -> None:
    store.create_study("s", SPEC, 9, "memory://s")
    with store._writing() as connection:
        connection.execute(update(studies).values(changed_s=studies.c.changed_s - 61))
    assert [standing(row) for row in list_studies(store)] == ["stopped"]
