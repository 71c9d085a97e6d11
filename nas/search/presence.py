"""Which driver sits where: one that died on this machine need not be waited for."""

import os
import platform
from contextlib import suppress
from pathlib import Path

from nas.store import Store


def here() -> str:
    """This machine, as far as process ids mean the same: host name and the namespace of process ids."""
    space = ""
    with suppress(OSError):
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    return f"{platform.node()}/{space}" if space else platform.node()


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
