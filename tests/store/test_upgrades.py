"""Stores of earlier versions, as the programs of their time wrote them, become stores of this one."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, text

from nas.errors import StoreError
from nas.records import Ending, TrialState
from nas.search.driver import drive
from nas.search.study import Study
from nas.service.usage import usage
from nas.store import open_store, upgrade_store
from nas.store.engine import make_engine, parse_url
from nas.store.schema import HEAD, MIGRATIONS, REVISIONS
from nas.store.tables import metadata
from tests.store.mounts import mounted
from workers.slots.inline import InlineSlots

ROOT = Path(__file__).resolve().parents[2]
OLD = REVISIONS[:-1]
KINDS = ("sqlite_url", "postgres_url")
S = TrialState

STOPPED = """
import sys, time
from nas.store import schema, upgrade_store
run = schema._run_alembic
def stopped(connection):
    run(connection)
    print("migrated", flush=True)
    time.sleep(60)
schema._run_alembic = stopped
upgrade_store(sys.argv[1])
"""


def old(url: str, revision: str, folder: Path) -> str:
    """A store of that version with a study in it: `tests/data/store-REVISION.sql` is what the program of
    its time wrote, dumped from SQLite."""
    script = (ROOT / f"tests/data/store-{revision}.sql").read_text(encoding="utf-8")
    dumped = folder / f"{revision}.db" if url.startswith("postgresql") else Path(str(parse_url(url).database))
    with closing(sqlite3.connect(dumped)) as raw:
        raw.executescript(script)
    if url.startswith("postgresql"):
        _copy(dumped, url, revision)
    return url


def _copy(dumped: Path, url: str, revision: str) -> None:
    """The same rows in PostgreSQL, in tables that the migrations of their time made there."""
    engine, config = make_engine(parse_url(url)), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection, closing(sqlite3.connect(dumped)) as raw:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        raw.row_factory = sqlite3.Row
        for table in metadata.sorted_tables:
            if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table.name]).fetchone():
                continue
            for row in raw.execute(f"SELECT * FROM {table.name}"):
                truth = {c.name: bool(row[c.name]) for c in table.columns if isinstance(c.type, Boolean)}
                connection.execute(table.insert(), {**dict(row), **truth})
        for name in ("nas_studies", "nas_drivers"):
            connection.execute(text(f"SELECT setval('{name}_id_seq', 1)"))
    engine.dispose()


def assert_whole(url: str) -> None:
    """All that was stored is there, sound, and goes on."""
    with open_store(url, create=False) as store:
        assert store.problems() == []
        study = store.study("old")
        found = store.trials(study.id)
        assert [t.state for t in found] == [S.COMPLETE, S.PRUNED, S.FAILED, S.QUEUED]
        assert [t.point["width"] for t in found] == [5, 9, 17, 33]
        assert store.curve(study.id, 3) == [(1, {"macs": 17.0 * 658})]
        assert store.best(study.id)[0].values == (3290.0,)
        assert store.refusals(study.id) == {"params <= 3000": 2}
        assert drive(Study(store, "old"), InlineSlots()).ending is Ending.FINISHED
        assert store.study("old").counts[S.COMPLETE] == 4
        assert len({t.draw for t in store.trials(study.id)}) == 6, "a draw was repeated"
        assert store.problems() == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", OLD)
def test_an_old_store_is_upgraded_with_all_it_has(
    kind: str, revision: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = old(request.getfixturevalue(kind), revision, tmp_path)
    with pytest.raises(StoreError, match=rf"older version {revision}; upgrade it: nas store upgrade"):
        open_store(url)
    assert upgrade_store(url) == (revision, HEAD)
    assert upgrade_store(url) == (HEAD, HEAD)
    assert_whole(url)


@pytest.mark.parametrize("kind", KINDS)
def test_slots_that_were_noted_without_their_time_are_counted_from_the_start(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = old(request.getfixturevalue(kind), "0002", tmp_path)
    engine = make_engine(parse_url(url))
    with engine.begin() as connection:
        noted = {"noted": '{"slots of driver 1":{"total":3}}'}
        connection.execute(text("UPDATE nas_studies SET attributes = :noted"), noted)
    engine.dispose()
    upgrade_store(url)
    with open_store(url) as store:
        (driver,) = store.drivers(store.study("old").id)
        assert driver.ended_s is not None
        slot_s = usage(store, store.study("old")).slot_s
        assert slot_s == pytest.approx(3 * (driver.ended_s - driver.started_s)) != 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_killed_half_way_is_none(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = old(request.getfixturevalue(kind), "0001", tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "migrated\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    with pytest.raises(StoreError, match="older version 0001; upgrade it"):
        open_store(url)
    assert upgrade_store(url) == ("0001", HEAD)
    assert_whole(url)


def test_a_store_that_cannot_be_written_is_not_upgraded(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", size="4m") as disk:
        url = old(f"sqlite:///{disk}/x.db", "0001", tmp_path)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreError, match=r"(read-only|cannot be opened).*writable, or choose another"):
            upgrade_store(url)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert upgrade_store(url) == ("0001", HEAD)


def test_a_full_disk_stops_an_upgrade_and_loses_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", size="1m") as disk:
        url = old(f"sqlite:///{disk}/x.db", "0001", tmp_path)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - 4096))
        with pytest.raises(StoreError, match=r"the disk is full.*nothing stored is lost: free space"):
            upgrade_store(url)
        ballast.unlink()
        assert upgrade_store(url) == ("0001", HEAD)
        assert_whole(url)


def test_there_is_a_store_of_every_earlier_version() -> None:
    dumps = sorted((ROOT / "tests/data").glob("store-*.sql"))
    assert [path.stem.removeprefix("store-") for path in dumps] == list(OLD)
