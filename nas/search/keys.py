"""What makes two trainings the same, and the seeds that follow from it.

A key is 32 hexadecimal digits, a seed an integer in [0, 2**31), a draw counts from 0.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def trial_key(*, arch_id: str, recipe: Mapping[str, Any], evaluator: str, data: str, repeat: int = 0) -> str:
    """Hash of all that a trial's result depends on; equal keys are never trained twice in a study.

    The name of a data set stands for its images and for how they are split.
    """
    facts = {
        "arch_id": arch_id,
        "recipe": dict(recipe),
        "evaluator": evaluator,
        "data": data,
        "repeat": repeat,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def trial_seed(key: str) -> int:
    """The training seed of the trial with this key."""
    return int(key[:8], 16) & 0x7FFFFFFF


def draw_seed(seed: int, draw: int) -> int:
    """The sampler's seed for one draw of a study: a pure function, so resuming repeats nothing."""
    return int(np.random.SeedSequence([seed, draw]).generate_state(1)[0])


def draw_rng(seed: int, draw: int) -> np.random.Generator:
    """The random stream of one draw of a study."""
    return np.random.default_rng([seed, draw])
