"""The migrations make exactly our tables, and leave others' alone."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from nas.errors import StoreError
from nas.store import open_store, upgrade_store
from nas.store.engine import make_engine, parse_url
from nas.store.migrations import compared
from nas.store.schema import HEAD, MIGRATIONS, REVISIONS
from nas.store.tables import VERSION_TABLE, metadata
from tests.store.makers import spec


def run(url: str, *statements: str) -> None:
    engine = make_engine(parse_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_migrations_and_tables_say_the_same(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(kind)
    open_store(url).close()
    engine = make_engine(parse_url(url))
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        options = {"version_table": VERSION_TABLE, **compared(engine.dialect.name)}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        uniques = inspect(connection).get_unique_constraints("nas_studies")
        checks = inspect(connection).get_check_constraints("nas_studies")
    engine.dispose()
    assert names >= {*metadata.tables, VERSION_TABLE}
    assert {check["name"] for check in checks} == {"ck_nas_studies_budget", "ck_nas_studies_counters"}
    assert [unique["column_names"] for unique in uniques] == [["name"]]


def test_sqlite_has_the_very_statements_of_the_tables(tmp_path: Path) -> None:
    """Also what Alembic does not compare: WITHOUT ROWID, partial indexes, checks, defaults."""
    made = []
    for name in ("migrated", "created"):
        url = f"sqlite:///{tmp_path / name}.db"
        engine = make_engine(parse_url(url))
        if name == "migrated":
            open_store(url).close()
        else:
            metadata.create_all(engine)
        with engine.connect() as connection:
            sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> :version"
            rows = connection.execute(text(sql), {"version": VERSION_TABLE}).all()
        made.append({row.name: set(re.split(r"[\s,]*\n\s*", row.sql)) for row in rows})
        engine.dispose()
    assert made[0] == made[1]


def test_the_constants_know_all_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)
    assert scripts.get_current_head() == HEAD


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            f"UPDATE {VERSION_TABLE} SET version_num = '0999'",
            f"its version 0999 is newer than this program's {HEAD}",
        ),
        (f"DELETE FROM {VERSION_TABLE}", "has 0 rows, not 1: half migrated"),
        (f"INSERT INTO {VERSION_TABLE} VALUES ('0001')", "has 2 rows, not 1: half migrated"),
        (f"DROP TABLE {VERSION_TABLE}", f"it has nas_attempts but no {VERSION_TABLE}: half made"),
    ],
)
def test_a_store_of_another_version_is_refused(
    kind: str, statement: str, message: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(kind)
    with open_store(url) as store:
        store.create_study("x", spec(), 1, "")
    run(url, statement)
    for opening in (open_store, upgrade_store):
        with pytest.raises(StoreError, match=f"cannot open the store .*{message}; "):
            opening(url)


def test_an_upgrade_makes_an_empty_database_a_store(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        upgrade_store(sqlite_url)
    assert not (tmp_path / "nas.db").exists()
    (tmp_path / "nas.db").touch()
    assert upgrade_store(sqlite_url) == (None, HEAD)
    assert upgrade_store(sqlite_url) == (HEAD, HEAD)
    open_store(sqlite_url, create=False).close()
