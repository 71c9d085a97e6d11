"""What a trained network answers on the validation and the test part of its data.

Legend: N images of a part, K classes.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nas.errors import DataError
from workers.data import Splits, load_data
from workers.data.base import Labels
from workers.recipe import Recipe
from workers.train.device import Placement, cpu_threads, prepare
from workers.train.feeds import Feed, feed

VALID, TEST = "valid", "test"


@dataclass(frozen=True, eq=False)
class Outputs:
    """Answers on one part, in the order of its images."""

    labels: Labels
    """(N,) the true classes."""
    log_probabilities: NDArray[np.float32]
    """(N, K)."""


def outputs(
    model: nn.Module, data: str, *, size: int, recipe: Recipe, parts: Iterable[str] = (VALID, TEST)
) -> dict[str, Outputs]:
    """Answers of a network of input `size` on parts of the data set called `data`, in float32.

    `recipe` is that of its training: images reach it as they did then. Precision is no choice, so that a
    network has one result on all machines, but for the order in which these add up.

    Raises:
        DataError: the data set cannot be loaded, or has no such part.
    """
    place = Placement(torch.device("cuda" if torch.cuda.is_available() else "cpu"), bf16=False)
    loaded = load_data(data)
    refuse_empty(data, {VALID: _count(loaded, VALID), TEST: _count(loaded, TEST)}, parts)
    exact = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)  # convolutions, which else round
    with cpu_threads(recipe.threads), exact:
        batches = feed(loaded, size=size, recipe=recipe, seed=0, device=place.device)
        with closing(batches):
            there = prepare(model, place).eval()
            return {part: _answers(there, _batches(batches, part, 2 * recipe.batch)) for part in parts}


def refuse_empty(data: str, counts: dict[str, int], parts: Iterable[str]) -> None:
    """Raise `DataError` for a part without images."""
    for part in parts:
        if not counts[part]:
            raise DataError(
                f"data set {data} has no images in its part {part}: without a test part there is no honest "
                "test; give it one, as npz:PATH with x_test and y_test, or imagefolder:PATH with test/"
            )


def _count(data: object, part: str) -> int:
    return len(getattr(data, f"y_{part}") if isinstance(data, Splits) else getattr(data, part))


def _batches(batches: Feed, part: str, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    return batches.test(size) if part == TEST else batches.validation(size)


@torch.inference_mode()
def _answers(model: nn.Module, batches: Iterator[tuple[Tensor, Tensor]]) -> Outputs:
    found, labels = [], []
    for x, y in batches:
        found.append(torch.log_softmax(model(x).float(), 1).cpu())
        labels.append(y.cpu())
    return Outputs(torch.cat(labels).numpy(), torch.cat(found).numpy())
