"""In how many parts a batch goes through the network, so that memory does."""

from pathlib import Path

import psutil
import torch

from nas.cost.cost import Cost
from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.optimizers import MOMENTS

USABLE = 0.8
"""Share of the free memory to plan with: workspaces and fragmentation take the rest."""


def parts_of(recipe: Recipe, place: Placement, cost: Cost | None) -> int:
    """The recipe's number of parts, or the least whose predicted memory is free now.

    `cost` is the architecture's exact one; without it there is one part.
    Parts are equal, so their number divides the batch. Norms see a part at a time.
    """
    if recipe.accumulate is not None:
        return recipe.accumulate
    if cost is None:
        return 1
    free = USABLE * free_bytes(place.device)
    for parts in _divisors(recipe.batch):
        if predicted_bytes(cost, recipe, place, recipe.batch // parts) <= free:
            return parts
    return recipe.batch


def more_parts(recipe: Recipe, parts: int) -> int | None:
    """The next number of parts to try when `parts` did not do; None: it is the last, or the recipe's own."""
    if recipe.accumulate is not None:
        return None
    return next((n for n in _divisors(recipe.batch) if n > parts), None)


def predicted_bytes(cost: Cost, recipe: Recipe, place: Placement, images: int) -> float:
    """Memory of training on `images` at once: weights, gradients, moments, averages, saved activations.

    `train_bytes` of a cost is 4 x (3 x params + saved elements) for one image: weights, gradients, one
    moment, and what the backward pass needs. bf16 halves the saved elements' size.
    """
    copies = 2 + MOMENTS[recipe.optimizer] + bool(recipe.ema)
    saved = cost.train_bytes - 12 * cost.params
    return 4.0 * copies * cost.params + images * saved * (0.5 if place.bf16 else 1.0)


def free_bytes(device: torch.device) -> float:
    """Memory that this process may still take: the device's, or this slot's share of the host's."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    share: float = torch.get_num_threads() / float(psutil.cpu_count() or 1)
    return _host_bytes() * min(1.0, share)


def _host_bytes() -> float:
    """What the host can give without swapping, or what is left below the control group's limit."""
    host = float(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    try:
        left = float((group / "memory.max").read_text()) - float((group / "memory.current").read_text())
    except (OSError, ValueError):  # no control group, or its limit is "max"
        return host
    return min(host, left)


def _divisors(batch: int) -> list[int]:
    return [n for n in range(1, batch + 1) if batch % n == 0]
