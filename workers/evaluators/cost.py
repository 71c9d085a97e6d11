"""An architecture's exact costs as its metrics: no training, no data, no torch."""

from collections.abc import Iterator
from dataclasses import asdict

from nas.cost.cost import COSTS
from nas.records import Evaluation, Metrics
from workers.evaluators.base import EVALUATORS, gives, once


@EVALUATORS.register("cost", "the exact costs themselves: params, macs, activations, train_bytes, layers, …")
@gives(*COSTS)
@once
def cost(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """One report with every cost; `paths` may have thousands of digits and is capped at 2^1023."""
    costs = asdict(evaluation.architecture.cost)
    yield 1, {name: float(min(value, 2**1023)) for name, value in costs.items()}
