"""Ray on hosts as docker-compose.yml runs it: a head without CPUs, workers; what ends is started anew."""

import os
import signal
from contextlib import suppress

from tests.cluster.hosts import Host, Process, until

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
_SMALL = ("--object-store-memory=100000000", "--disable-usage-stats", "--block")


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


def start_head(host: Host) -> RayNode:
    """The head, once it answers."""
    head = RayNode(host, "--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false")
    until(
        lambda: host.run(["ray", "health-check"], ENVIRONMENT).returncode == 0,
        "the Ray head",
        limit_s=120,
        pause_s=0.5,
    )
    return head


def start_worker(host: Host, head: Host, cpus: int) -> RayNode:
    """A worker node; it joins by itself."""
    return RayNode(host, f"--address={head.name}:{PORT}", f"--num-cpus={cpus}")
