"""What the environment says of leases, checkpoints, weights and data."""

import os
from collections.abc import Iterator

from nas.service.doctor.check import Check, refused
from nas.service.environment import SETTINGS, mistakes


def environment_checks() -> Iterator[Check]:
    """A line for each mistake, or one that there is none."""
    found = list(mistakes())
    yield from (refused("environment", mistake) for mistake in found)
    if not found:
        told = [f"{name}={value}" for name in SETTINGS if (value := os.environ.get(name))]
        yield Check("environment", True, ", ".join(told) or "nothing set")
