"""Ray on hosts as docker-compose.yml runs it: a head without CPUs, workers; what ends is started anew."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO

from tests.cluster.hosts import Host, Process

PORT = 6379
ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "a-token-of-at-least-some-length-0123456789",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_raylet_liveness_self_check_interval_ms": "5000",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What every process of the cluster has in its environment."""
_AGAIN = 'while :; do "$@"; sleep 0.5; done'
_SMALL = (
    "--object-store-memory=100000000",
    "--include-log-monitor=false",
    "--disable-usage-stats",
    "--block",
)


class RayNode:
    """`ray start --block` on a host, for ever."""

    def __init__(self, host: Host, *words: str) -> None:
        self.host = host
        start = ("ray", "start", *words, *_SMALL)
        self.process: Process = host.popen(["sh", "-c", _AGAIN, "again", *start], ENVIRONMENT, log="ray.log")

    def pids(self, part: str) -> list[int]:
        """The host's processes whose command has this in it, by this machine's ids."""
        return [pid for pid, command in self.host.programs().items() if part in command]

    def kill(self, part: str) -> int:
        """SIGKILL those processes; how many there were."""
        return self._end(self.pids(part))

    def kill_raylet(self) -> int:
        """The node's own process dies; its workers find out, and it comes back by itself."""
        return self.kill("/raylet/raylet ")

    def kill_all(self) -> int:
        """All of it dies at once, drivers on the host left alone; it comes back by itself."""
        return self.kill("ray::") + self.kill("/site-packages/ray/") + self.kill("/bin/ray start ")

    def kill_actors(self, count: int = 1) -> int:
        """Some of the node's actors die."""
        return self._end(self.pids("ray::Actor")[:count])

    @staticmethod
    def _end(pids: list[int]) -> int:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)


class Census:
    """Asks the head which nodes it takes for alive, in a process that stays: to begin one takes a second."""

    _COUNT = f"""
import sys
from ray._raylet import GcsClient
for line in sys.stdin:
    try:
        nodes = GcsClient(address="127.0.0.1:{PORT}").get_all_node_info(timeout=2)
        print(sum(node.state == 0 for node in nodes.values()), flush=True)
    except Exception:
        print(0, flush=True)
"""

    def __init__(self, head: Host) -> None:
        self._head = head
        self._asked: subprocess.Popen[str] | None = None

    def alive(self) -> int:
        """How many they are; 0 while no head answers."""
        if self._asked is None or self._asked.poll() is not None:
            self._asked = self._head.talk([sys.executable, "-c", self._COUNT], ENVIRONMENT)
        with suppress(BrokenPipeError, ValueError):
            print(file=_open(self._asked.stdin), flush=True)
            return int(_open(self._asked.stdout).readline())
        return 0


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def start_head(host: Host) -> RayNode:
    """The head, once it has begun."""
    head = RayNode(host, "--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false")
    head.process.wait_for(lambda: "Ray runtime started" in head.process.out(), "the Ray head", limit_s=120)
    return head


def start_worker(host: Host, head: Host, cpus: int) -> RayNode:
    """A worker node; it joins by itself."""
    return RayNode(host, f"--address={head.name}:{PORT}", f"--num-cpus={cpus}")
