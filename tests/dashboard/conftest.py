"""A real service on a free port, with a store that has something on every page."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from nas.dashboard.desk import Desk
from nas.dashboard.serving import running
from nas.dashboard.settings import Settings
from nas.store import Store, open_store
from tests.dashboard.seeding import seed

READ_TOKEN, WRITE_TOKEN = "read-" + "r" * 32, "write-" + "w" * 32


@dataclass
class Service:
    """A service that runs."""

    url: str
    store: Store
    """The same database by connections of its own."""
    path: Path
    desk: Desk
    """What the service itself holds."""
    read_token: str | None = None
    write_token: str | None = None
    optuna_url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    """What a program sends to do something: its token, or what a page of this machine sends."""

    def client(self, **options: Any) -> httpx2.Client:
        """A client that may do everything."""
        return httpx2.Client(base_url=self.url, headers=self.headers, timeout=20, **options)

    def stranger(self, **options: Any) -> httpx2.Client:
        """A client without any token."""
        return httpx2.Client(base_url=self.url, timeout=20, **options)


Serving = Callable[..., Service]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file; copy it, do not change it."""
    path = tmp_path_factory.mktemp("seeded") / "nas.db"
    with open_store(f"sqlite:///{path}") as store:
        seed(store)
    return path


def _copied(seeded: Path, folder: Path) -> Path:
    """A copy whose studies keep their artifacts beside it."""
    for file in seeded.parent.glob("nas.db*"):
        shutil.copy(file, folder / file.name)
    moved = "update nas_studies set artifacts = replace(artifacts, ?, ?)"
    with closing(sqlite3.connect(folder / "nas.db")) as connection, connection:
        connection.execute(moved, (str(seeded.parent), str(folder)))
    return folder / "nas.db"


def _started(stack: ExitStack, path: Path, **settings: Any) -> Service:
    url = f"sqlite:///{path}"
    served = stack.enter_context(open_store(url))
    asked = Settings(port=0, store=url, **settings)
    made = stack.enter_context(running(served, asked))
    store = stack.enter_context(open_store(url))
    found = Service(
        made.url, store, path, made.app.state.desk, asked.read_token, asked.write_token, made.optuna_url
    )
    if asked.write_token:
        found.headers = {"Authorization": f"Bearer {asked.write_token}"}
    else:
        with found.stranger() as client:
            found.headers = {"X-NAS-CSRF": client.get("/api/session").json()["csrf"]}
    return found


@pytest.fixture(scope="session")
def service(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """On this machine, without tokens, for all tests that only look."""
    with ExitStack() as stack:
        yield _started(stack, _copied(seeded, tmp_path_factory.mktemp("service")))


@pytest.fixture(scope="session")
def guarded(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With tokens for reading and writing."""
    with ExitStack() as stack:
        path = _copied(seeded, tmp_path_factory.mktemp("guarded"))
        yield _started(stack, path, read_token=READ_TOKEN, write_token=WRITE_TOKEN)


@pytest.fixture
def serving(seeded: Path, tmp_path: Path) -> Iterator[Serving]:
    """Starts a service of one's own, on a copy that may be changed: `serving(write_token=...)`."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Service:
            return _started(stack, _copied(seeded, tmp_path), **settings)

        yield start
