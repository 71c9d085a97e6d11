"""Which driver sits where: one that died on this machine need not be waited for."""

import os
import platform
from contextlib import suppress
from pathlib import Path

from nas.store import Store

BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")


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
        if driver.live and driver.host == here() and not _alive(driver.pid):
            store.end_driver(driver.id)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
