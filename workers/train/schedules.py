"""Learning-rate schedules as pure functions of the share of training done; nothing to save or restore."""

import math
from collections.abc import Callable

FINAL = 1e-3
"""Where a falling schedule ends, as a share of the highest rate."""


def cosine(x: float) -> float:
    """1 at x = 0, `FINAL` at x = 1, along half a cosine (Loshchilov & Hutter, arXiv:1608.03983)."""
    return FINAL + (1 - FINAL) * (1 + math.cos(math.pi * x)) / 2


def linear(x: float) -> float:
    """1 at x = 0, `FINAL` at x = 1, along a line."""
    return 1 - (1 - FINAL) * x


def steps(x: float) -> float:
    """1, a tenth from x = 1/2 on, a hundredth from x = 3/4 on (He et al., arXiv:1512.03385, on CIFAR)."""
    return 1.0 if x < 0.5 else 0.1 if x < 0.75 else 0.01


def rise(x: float) -> float:
    """1/25 at x = 0, 1 at x = 1, along half a cosine (Smith & Topin, arXiv:1708.07120)."""
    return 0.04 + 0.96 * (1 - math.cos(math.pi * x)) / 2


SHAPES: dict[str, Callable[[float], float]] = {
    "onecycle": cosine,
    "cosine": cosine,
    "linear": linear,
    "step": steps,
    "constant": lambda x: 1.0,
}
WARMUPS: dict[str, Callable[[float], float]] = {"onecycle": rise}


def rate(schedule: str, step: int, count: int, warmup: float) -> float:
    """The factor on the highest learning rate at `step` (from 0) of `count` steps.

    It rises over the first `warmup` share of the steps, never from zero, then follows the shape.
    """
    x = (step + 0.5) / count
    if x < warmup:
        return WARMUPS[schedule](x / warmup) if schedule in WARMUPS else x / warmup
    return SHAPES[schedule]((x - warmup) / (1 - warmup))
