"""One database for us and for Optuna, whose Alembic keeps its revision in `alembic_version`: either may come
first, be upgraded and be checked, and neither sees the other."""

from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.storages import RDBStorage
from sqlalchemy import inspect, make_url, text

from nas.records import Ending, Objective
from nas.search.driver import drive
from nas.search.study import Study
from nas.service.exchange import export_optuna
from nas.store import open_store, upgrade_store
from nas.store.engine import make_engine, parse_url
from nas.store.schema import HEAD
from nas.store.tables import metadata
from tests.search.spaces import spec_of, tiny
from tests.store.test_upgrades import old
from workers.slots.inline import InlineSlots

NAME = "nas_beside_optuna"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def shared(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database, of nobody's yet."""
    url: str = request.getfixturevalue(request.param)
    if request.param == "sqlite_url":
        yield url
        return
    engine = make_engine(parse_url(url))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        server.execute(text(f"CREATE DATABASE {NAME}"))
        yield make_url(url).set(database=NAME).render_as_string(hide_password=False)
        server.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
    engine.dispose()


def theirs(url: str) -> RDBStorage:
    return RDBStorage(parse_url(url).render_as_string(hide_password=False))


def begun(url: str) -> None:
    """Optuna has a study with a result here."""
    study = optuna.create_study(storage=theirs(url), study_name="theirs")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)


def play(url: str) -> None:
    """A study of ours, from creation to its end."""
    with open_store(url) as store:
        spec = spec_of(tiny(), evaluator="cost", objectives=(Objective("macs"),))
        store.create_study("ours", spec, 3, "memory://x")
        assert drive(Study(store, "ours"), InlineSlots()).ending is Ending.FINISHED
        assert store.problems() == []


def assert_both(url: str) -> None:
    """Ours is sound and of this version, Optuna's of its own and usable."""
    assert upgrade_store(url) == (HEAD, HEAD)
    storage = theirs(url)
    assert storage.get_current_version() == storage.get_head_version()
    study = optuna.load_study(study_name="theirs", storage=storage)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    assert len(study.trials) == 3
    with open_store(url, create=False) as store:
        assert store.problems() == []
        assert export_optuna(store, "ours", url).added == 3
    engine = make_engine(parse_url(url))
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    assert names >= {*metadata.tables, "studies", "trials", "alembic_version", "version_info"}


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_either_may_come_first(shared: str, first: str) -> None:
    order = (play, begun) if first == "ours" else (begun, play)
    for make in order:
        make(shared)
    assert_both(shared)


def test_each_is_upgraded_alone(shared: str, tmp_path: Path) -> None:
    """An old store of ours beside Optuna's; then Optuna's upgrade, which has nothing to do, beside ours."""
    old(shared, "0001", tmp_path)
    begun(shared)
    assert upgrade_store(shared) == ("0001", HEAD)
    theirs(shared).upgrade()
    play(shared)
    assert_both(shared)
