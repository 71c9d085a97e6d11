"""A study on a cluster of hosts: a head with the store, workers, and drivers that are started again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import OperationalError

from nas.store import open_store
from tests.cluster.hosts import SHARED, Host, Lan, Process, until
from tests.cluster.journal import Line, read
from tests.cluster.postgres import Postgres
from tests.cluster.ray_nodes import ENVIRONMENT, PORT, Census, start_head, start_worker
from tests.cluster.verdict import Verdict, judge, rows

STUDY = "chaos"
JOURNALED = "python:tests.cluster.journal.journaled"
SPACE = "regnet"


@dataclass
class Driver:
    """A place for a driver: `nas` as it runs there now, and what became of those before."""

    host: Host
    process: Process
    ends: list[str] = field(default_factory=list)
    """How those before ended: by a signal, or with what message."""

    @property
    def done(self) -> bool:
        """Whether it has ended well."""
        return self.process.code == 0


class Campaign:
    """Hosts, store, Ray and drivers for one study."""

    def __init__(self, lan: Lan, workers: int, cpus: int, lease_s: float = 15.0) -> None:
        self.lan, self.lease_s = lan, lease_s
        self.env = {**ENVIRONMENT, "NAS_LEASE_S": str(lease_s)}
        self.head_host = lan.host("head")
        self.worker_hosts = [lan.host(f"worker{i}") for i in range(1, workers + 1)]
        self.store = Postgres(self.head_host)
        open_store(self.store.url).close()  # its tables, so that they can be counted from the first moment
        self.env["NAS_STORE"], self.env["NAS_ARTIFACTS"] = self.store.url, f"file://{SHARED}"
        self.head = start_head(self.head_host)
        self._census = Census(self.head_host)
        self.nodes = [start_worker(host, self.head_host, cpus) for host in self.worker_hosts]
        until(lambda: self.nodes_up() == workers + 1, "the Ray nodes", limit_s=240)
        self.drivers: list[Driver] = []

    def nodes_up(self) -> int:
        """Nodes that Ray's head takes for alive."""
        return self._census.alive()

    def nas(self, host: Host, *words: str) -> Process:
        """Start `nas` on a host."""
        return host.popen(["nas", *words], self.env)

    def search(self, host: Host, trials: int, slots: int, *words: str, study: str = STUDY) -> Driver:
        """A first driver, which creates the study."""
        words = ("--study", study, "--evaluator", JOURNALED, "--trials", str(trials), *words)
        process = self.nas(host, "search", SPACE, "--sampler", "random", *words, *_slots(slots))
        self.drivers.append(Driver(host, process))
        return self.drivers[-1]

    def resume(self, host: Host, slots: int, *words: str, study: str = STUDY) -> Driver:
        """One more driver."""
        process = self.nas(host, "resume", study, *words, *_slots(slots))
        self.drivers.append(Driver(host, process))
        return self.drivers[-1]

    def tend(self, slots: int, study: str = STUDY) -> None:
        """Start drivers that have ended badly again."""
        for driver in self.drivers:
            if driver.process.code not in (None, 0):
                driver.ends.append(_end(driver.process))
                driver.process = self.nas(driver.host, "resume", study, *_slots(slots))

    def count(self, state: str, study: str = STUDY) -> int:
        """Trials in a state; 0 while there is no such study, and while the store is away."""
        query = f"SELECT num_{state} FROM nas_studies WHERE name = :study"
        try:
            found = rows(self.store.url, query, study=study)
        except OperationalError:
            return 0
        return int(found[0][0]) if found else 0

    def journal(self, study: str = STUDY) -> list[Line]:
        """What all evaluators have written down."""
        return read([host.folder for host in self.worker_hosts], study)

    def verdict(self, budget: int, study: str = STUDY) -> Verdict:
        """The study's end, judged."""
        return judge(self.store.url, study, budget, self.journal(study))

    def logs(self) -> Sequence[Path]:
        """What was printed on all hosts."""
        return sorted(self.lan.folder.glob("*/*.log"))


def _end(process: Process) -> str:
    """Its exit code, and its last line if that is the reason."""
    line = (process.out().strip().splitlines() or [""])[-1]
    said = re.sub(r"'[^']*'|[0-9.]{7,}", "…", line)[:60] if (process.code or 0) > 0 else "killed"
    return f"{process.code}: {said}"


def _slots(slots: int) -> tuple[str, ...]:
    return ("--address", f"head:{PORT}", "--workers", str(slots), "--no-compare")
