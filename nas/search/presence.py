"""Which driver sits where: one that died on this machine need not be waited for."""

import os
import platform
from contextlib import suppress
from pathlib import Path

from nas.store import Store

BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")
ZOMBIE = "Z"
"""The state of a process that has ended, and that nobody has waited for."""


def here() -> str:
    """Where process ids mean the same: host name, the kernel's present run, namespace of process ids.

    Two machines may have one name, and the first namespace has the same number on all; the id of the
    kernel's run is its own.
    """
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(BOOT.read_text().strip())
        parts.append(NAMESPACE.readlink().name.removeprefix("pid:[").removesuffix("]"))
    return "/".join(parts)


def bury(store: Store, study_id: int) -> None:
    """End the study's drivers that hold a lease here but whose process is gone; their trials wait again."""
    for driver in store.drivers(study_id):
        if driver.live and driver.host == here() and not alive(driver.pid):
            store.end_driver(driver.id)


def alive(pid: int) -> bool:
    """Whether a process of this machine has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid)[:1] != [ZOMBIE]


def birth(pid: int) -> str:
    """When a process began, by its kernel's clock: another one may have its id later. Empty for one that has
    ended, whether somebody has waited for it or not, and where the system does not tell."""
    state = _state(pid)
    return state[19] if state[:1] not in ([], [ZOMBIE]) else ""


def _state(pid: int) -> list[str]:
    """What the kernel tells of a process after its name, its state first; empty where it does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []
