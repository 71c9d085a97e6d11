"""The registry of zero-cost proxies. The files of this folder import torch where they use it: a driver
only looks a name up.
"""

import math
import sys
from collections.abc import Callable

from nas.registry import Registry
from workers.proxies.subject import Subject

Proxy = Callable[[Subject], float]
"""A score of an untrained network: a pure function of its subject, of which more is better, always.

It draws from torch's global generator, which is seeded by the request and given back afterwards, and
leaves nothing behind. A score that is not finite fails its trial as diverged.
"""

PROXIES: Registry[Proxy] = Registry("proxy", "workers.proxies", group="nas.proxies")
"""Proxies by name; the evaluator `proxy:NAME` serves them."""

LOWEST_LOG = math.log(sys.float_info.min)
"""What stands for the logarithm of zero: that of the smallest normal number, -708.4."""


def logarithm(value: float) -> float:
    """The natural logarithm of value >= 0, `LOWEST_LOG` for 0; what is not finite stays so."""
    if not math.isfinite(value):
        return value
    return max(math.log(value), LOWEST_LOG) if value > 0 else LOWEST_LOG
