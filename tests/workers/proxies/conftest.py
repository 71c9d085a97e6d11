"""Evaluations of small networks on real images."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nas
from nas.records import Request
from workers.data import dataset
from workers.run import Attempt
from workers.train.device import cpu_threads

Evaluate = Callable[..., Attempt]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with cpu_threads(1):
        yield


@pytest.fixture
def evaluation() -> Evaluate:
    """A point of a shipped space on digits, as an attempt at it sees it."""

    def make(space: str = "cell", seed: int = 0, **point: Any) -> Attempt:
        made = nas.load_space(space, data=dataset("digits").info)
        chosen = point or dict(made.sample(np.random.default_rng(0)))
        return Attempt(Request("s", 1, 1, made.document, chosen, "proxy", "digits", {}, seed, ""))

    return make
