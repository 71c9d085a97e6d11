"""How fast the untrained network answers on the slot it runs on: no training, no data."""

from collections.abc import Iterator

from nas.records import Evaluation, Metrics
from workers.evaluators.base import EVALUATORS, gives, once

BUDGET_S = 2.0
"""Of the two times together; small networks need a tenth of it."""


@EVALUATORS.register("latency", "measure without training: latency_ms, throughput_images_per_s, peak bytes")
@gives("latency_ms", "throughput_images_per_s", "peak_inference_bytes")
@once
def latency(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """One report: `workers.measure.latency.measure_inference` says what is measured, and how."""
    import torch

    from nas.model import build_model
    from workers.measure.latency import measure_inference
    from workers.recipe import Recipe
    from workers.train.device import cpu_threads, placement

    recipe = Recipe.resolve(evaluation.request.recipe)
    given = evaluation.architecture.input
    module = build_model(evaluation.architecture)
    device = placement(module, recipe).device
    module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    with cpu_threads(recipe.threads):
        metrics = measure_inference(module, (given.channels, given.size, given.size), device, BUDGET_S)
    yield 1, metrics
