"""The real thing: build the network, train it by the recipe, report validation metrics each epoch."""

from collections.abc import Iterator

from nas.records import Evaluation, Metrics
from workers.evaluators.base import EVALUATORS, gives


@EVALUATORS.register("train", "train by the recipe; validation error, accuracy and loss after each epoch")
@gives(
    "error",
    "accuracy",
    "loss",
    "top5_error",
    "train_loss",
    "images_per_s",
    "train_s",
    "peak_train_bytes",
    "latency_ms",
    "throughput_images_per_s",
    "peak_inference_bytes",
)
def train(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Yields (epoch, metrics) after each epoch; goes on from the newest checkpoint of an earlier attempt."""
    # torch takes 1.4 s to import: only those who train pay for it.
    from workers.train.job import run

    yield from run(evaluation)
