"""Lengths of time that the environment says, read the same by who uses them and by who checks them first.

Imports neither torch nor Ray: `nas doctor` and every search read them before anything is begun.
"""

import math
import os

from nas.errors import NasError

STUCK_VARIABLE = "NAS_STUCK_S"
STUCK_S = 60.0
"""A worker whose process has not answered for so long is killed."""
INTERVAL_VARIABLE = "NAS_CHECKPOINT_S"
"""Environment variable that fixes the interval of checkpoints in seconds, for tests and for slow stores."""
USUAL_INTERVAL_S = 10.0


def stuck_s() -> float:
    """After how many seconds without an answer a worker is stuck; raises `NasError`."""
    what = "the seconds without an answer after which a worker is killed, above 0"
    found = _seconds(STUCK_VARIABLE, what, STUCK_S, least=math.ulp(0.0))
    return STUCK_S if found is None else found


def checkpoint_s() -> float | None:
    """The seconds between two checkpoints; None if nobody fixes them. Raises `NasError`."""
    return _seconds(INTERVAL_VARIABLE, "the seconds between two checkpoints, from 0", USUAL_INTERVAL_S)


def _seconds(variable: str, what: str, usual: float, least: float = 0.0) -> float | None:
    """The number that a variable holds; None if it is unset or empty."""
    if not (text := os.environ.get(variable)):
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds >= least:
        raise NasError(f"{variable}={text!r}: it is {what}; type e.g. export {variable}={usual:g}")
    return seconds
