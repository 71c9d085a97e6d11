"""Why a worker is gone, as far as that can be told."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nas.records import AttemptEnd, Cause
from workers.slots.slot import Kills, Slot

VERDICT_S = 3.0
"""So long the machine of a lost worker is asked for the cause."""

_OOM_KILL = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_GROUPS = {
    r"^\d+:(?:\w+,)*memory(?:,\w+)*:(/.*)$": "/sys/fs/cgroup/memory{}/memory.oom_control",
    r"^0::(/.*)$": "/sys/fs/cgroup{}/memory.events",
}
"""Lines of /proc/self/cgroup that name the group in which memory is counted, of version 1 and of 2, and the
file of the group that counts kills. Inside a container it is that of the root, as it looks from there."""


def kills_here() -> Kills:
    """The count of the group that limits this process's memory; of the whole machine where there is none."""
    files: list[str] = []
    with suppress(OSError):
        groups = Path("/proc/self/cgroup").read_text()
        for pattern, file in _GROUPS.items():
            files += (file.format(group) for group in re.findall(pattern, groups, re.MULTILINE))
    files += [*(file.format("") for file in _GROUPS.values()), "/proc/vmstat"]
    return next(((file, count) for file in files if (count := _kills_in(file)) is not None), None)


def _kills_in(file: str) -> int | None:
    """What such a file counts; None if it cannot be read."""
    with suppress(OSError):
        if found := _OOM_KILL.search(Path(file).read_text()):
            return int(found[1])
    return None


def killed_since(before: Kills) -> bool:
    """Whether the kernel has killed for want of memory since; asked on the same machine."""
    return before is not None and (_kills_in(before[0]) or 0) > before[1]


@dataclass(frozen=True)
class _Lost:
    """An attempt whose worker is gone, and its machine's answer whether the kernel killed it."""

    end: AttemptEnd
    killed: Any
    until: float


class Inquests:
    """Tells an attempt that its network was too large for from one whose worker was taken away."""

    def __init__(self, ray: Any, clock: Callable[[], float]) -> None:
        self._ray, self._clock = ray, clock
        self._here = ray.get_runtime_context().get_node_id()
        self._open: list[_Lost] = []

    @property
    def pending(self) -> list[Any]:
        """Answers that are waited for."""
        return [lost.killed for lost in self._open]

    def hold(self, slot: Slot, error: BaseException, there: bool) -> AttemptEnd | None:
        """The end of what a lost worker ran; None: `ended` tells it, once its node has told the cause."""
        end = slot.end(Cause.PREEMPTED, death_message(slot.worker, error))
        if "running low on memory" in str(error):  # Ray's own monitor
            return replace(end, cause=Cause.OUT_OF_MEMORY)
        if slot.kills is None or not there:
            return end
        if slot.node == self._here:
            return _starved(end) if killed_since(slot.kills) else end
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there_alone = NodeAffinitySchedulingStrategy(slot.node, soft=False)
        ask = self._ray.remote(num_cpus=0, max_retries=0)(killed_since)
        killed = ask.options(scheduling_strategy=there_alone).remote(slot.kills)
        self._open.append(_Lost(end, killed, self._clock() + VERDICT_S))
        return None

    def ended(self) -> list[AttemptEnd]:
        """The ends whose cause is known by now, or will not be."""
        told, pending, self._open = [], self._open, []
        for lost in pending:
            if self._ray.wait([lost.killed], timeout=0)[0]:
                told.append(_starved(lost.end) if self._answer(lost) else lost.end)
            elif self._clock() > lost.until:
                told.append(lost.end)
            else:
                self._open.append(lost)
        return told

    def _answer(self, lost: _Lost) -> bool:
        try:
            return bool(self._ray.get(lost.killed))
        except self._ray.exceptions.RayError:  # its machine is gone too
            return False


def death_message(worker: str, error: BaseException) -> str:
    """One line about a lost worker."""
    detail = " ".join(str(error).split("Worker exit detail:")[-1].split())[:300]
    return f"worker {worker} died: {type(error).__name__}: {detail}"


def _starved(end: AttemptEnd) -> AttemptEnd:
    told = f"worker {end.worker} was killed by the kernel: its memory did not do"
    return replace(end, cause=Cause.OUT_OF_MEMORY, message=told)
