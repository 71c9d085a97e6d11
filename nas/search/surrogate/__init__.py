"""A model of what networks are worth, from what is known before they are trained.

`Features` says how far networks are apart, `Process` learns, `Belief` is what it expects.
"""

import functools

from threadpoolctl import ThreadpoolController

from nas.search.surrogate.features import Features, Row
from nas.search.surrogate.gaussian import Belief, Process

__all__ = ["Belief", "Features", "Process", "Row", "alone"]


@functools.cache
def alone() -> ThreadpoolController:
    """The linear algebra of this process: `alone().limit(limits=1)` keeps it on one thread, which small
    matrices like best, and which leaves the other cores to the workers."""
    return ThreadpoolController()
