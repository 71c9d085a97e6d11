"""Seeds for every purpose of a training, drawn from the request's one."""

from enum import IntEnum

import numpy as np
import torch


class Purpose(IntEnum):
    """What a stream of random numbers is for; streams of two purposes never meet."""

    WEIGHTS = 0
    NETWORK = 1
    """Dropout and whatever else a forward pass draws."""
    ORDER = 2
    AUGMENT = 3
    MIX = 4


def seed_of(seed: int, purpose: Purpose, epoch: int = 0) -> int:
    """The seed of one stream of one epoch."""
    return int(np.random.SeedSequence((seed, int(purpose), epoch)).generate_state(1, np.uint64)[0] >> 1)


def generator(seed: int, purpose: Purpose, epoch: int) -> torch.Generator:
    """A CPU generator of one stream of one epoch."""
    return torch.Generator().manual_seed(seed_of(seed, purpose, epoch))
