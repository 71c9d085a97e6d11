"""Our training loop against a plain PyTorch one: `python -m tests.benchmarks.training`.

Side by side in one process: the same network, weights, data, batch, optimizer and number of threads; an
epoch of the one, then an epoch of the other.

- plain: the loop of PyTorch's CIFAR-10 tutorial: a map-style data set that converts and normalises an
  image at a time, a `DataLoader` with two worker processes, NCHW, float32, eager, a loss read every step;
- ours: `workers.train` with the same recipe, as it decides for itself; with `--compile` once more with
  the compiled forward pass that it takes by itself for trainings of at least 2e13 multiply-adds
  (compiling is not in its time).

Printed: images per second (median epoch), the ratio, test accuracy of both after the last epoch, and the
share of a trial's time that is spent outside of batches, steps and measuring (reports, checkpoints, looks
for a stop).
"""

import argparse
import copy
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

import nas
from nas.records import DataInfo, Request
from workers.data import Splits, dataset, load_data
from workers.recipe import Recipe
from workers.train.device import Placement, placement
from workers.train.feeds import feed
from workers.train.job import Job
from workers.train.session import Session

CIFAR = "npz:../shared/data/cifar10_10k_2k.npz"
NETWORKS: dict[str, dict[str, Any]] = {
    "resnet": {"reference": "resnet20"},
    "mobilenet": {"profile": "cifar10", "point": {"version": 2, "alpha": 1.0, "resolution": 32}},
}
RECIPE = {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.0, "schedule": "cosine"}


class Images(Dataset[tuple[Tensor, int]]):
    """One image at a time, as `ToTensor` and `Normalize` give it."""

    def __init__(self, splits: Splits) -> None:
        self.x, self.y = splits.x_train, splits.y_train
        self.mean, self.sd = (torch.tensor(values)[:, None, None] for values in (splits.mean, splits.sd))

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = torch.from_numpy(self.x[index]).permute(2, 0, 1).contiguous().float().div(255)
        return image.sub_(self.mean).div_(self.sd), int(self.y[index])


def architecture(name: str, data: DataInfo) -> Any:
    """The network to train on images of this data set."""
    how = NETWORKS[name]
    space = nas.load_space(name, profile=how.get("profile"), data=data)
    return space.reference(how["reference"]) if "reference" in how else space.architecture(how["point"])


def plain_epochs(
    model: nn.Module, splits: Splits, batch: int, epochs: int, device: torch.device
) -> Iterator[float]:
    """Seconds of each epoch of the tutorial's loop."""
    loader = DataLoader(Images(splits), batch_size=batch, shuffle=True, num_workers=2, drop_last=True)
    model = model.to(device).train()
    rates = {"lr": RECIPE["lr"], "momentum": RECIPE["momentum"], "nesterov": True}
    optimizer = torch.optim.SGD(model.parameters(), **rates)  # type: ignore[arg-type]
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
    while True:
        begun, running_loss = time.perf_counter(), 0.0
        for inputs, labels in loader:
            inputs, labels = inputs.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            falling.step()
            running_loss += loss.item()
        yield time.perf_counter() - begun


def our_epochs(session: Session) -> Iterator[float]:
    """Seconds of each epoch of ours, without its validation."""
    while True:
        before_s = session.progress.train_s
        session.train_epoch(lambda: None)
        yield session.progress.train_s - before_s


def test_accuracy(model: nn.Module, session: Session) -> float:
    """Of a module on the test part, in float32."""
    model.eval()
    right = count = 0
    with torch.inference_mode():
        for x, y in session.feed.test(256):
            right, count = right + int((model(x).argmax(1) == y).sum()), count + len(y)
    return right / count


def overhead(session: Session) -> float:
    """Share of a trial's wall time outside of batches, steps and measuring, with its checkpoints."""
    inside = [0.0]

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            begun = time.perf_counter()
            result = work(*args)
            inside[0] += time.perf_counter() - begun
            return result

        return run

    def batches(*args: Any) -> Iterator[Any]:
        source = epoch(*args)
        advance = timed(lambda: next(source, None))
        yield from iter(advance, None)

    epoch = session.feed.epoch
    session.feed.epoch = batches  # type: ignore[method-assign]
    session._measured_step = timed(session._measured_step)  # type: ignore[method-assign]
    session._measure_inference = timed(session._measure_inference)  # type: ignore[method-assign]
    session._score = timed(session._score)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as artifacts:
        request = Request("bench", 1, 1, {}, {}, "train", "digits", {}, 0, artifacts)
        begun = time.perf_counter()
        for _ in Job(session, request).epochs():
            pass
        return 1 - inside[0] / (time.perf_counter() - begun)


def compare(name: str, data: str, batch: int, epochs: int, compiled: bool) -> None:
    """Print a network's lines."""
    torch.manual_seed(0)
    splits, info = load_data(data), dataset(data).info
    assert isinstance(splits, Splits)
    made = architecture(name, info)
    base = nas.build_model(made, training=True)

    def session(how: str) -> Session:
        recipe = Recipe(epochs=epochs, batch=batch, warmup=0.0, compile=how, **RECIPE)  # type: ignore[arg-type]
        place: Placement = placement(base, recipe, made.cost.macs)
        batches = feed(splits, size=made.input.size, recipe=recipe, seed=0, device=place.device)
        return Session(copy.deepcopy(base), batches, recipe, place, made.cost)

    ours = {how: session(how) for how in (["off", "on"] if compiled else ["off"])}
    plain, device = copy.deepcopy(base), ours["off"].place.device
    runs = {"plain": plain_epochs(plain, splits, batch, epochs, device)}
    runs |= {f"ours, compile {how}": our_epochs(one) for how, one in ours.items()}
    seconds: dict[str, list[float]] = {label: [] for label in runs}
    for _ in range(epochs):
        for label, run in runs.items():
            seconds[label].append(next(run))
    images = ours["off"].feed.steps * batch
    speed = {label: images / median(times) for label, times in seconds.items()}
    accuracies = [test_accuracy(plain, ours["off"])]
    accuracies += [test_accuracy(one.model, ours["off"]) for one in ours.values()]
    print(
        f"{name}: {made.cost.macs / 1e6:.1f} M multiply-adds, batch {batch},"
        f" {epochs} epochs of {images} images"
    )
    for (label, rate), accuracy in zip(speed.items(), accuracies, strict=True):
        print(
            f"  {label:18s} {rate:8.0f} images/s  {rate / speed['plain']:5.2f} x plain"
            f"  test accuracy {accuracy:.3f}"
        )
    share = overhead(session("off"))
    print(f"  overhead of reports, checkpoints and looks for a stop: {100 * share:.2f} %")


def main() -> None:
    """Compare all networks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default=CIFAR)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--compile", action="store_true", help="time the compiled forward pass too")
    asked = parser.parse_args()
    print(f"torch {torch.__version__}, numpy {np.__version__}, {torch.get_num_threads()} threads")
    for name in asked.networks:
        compare(name, asked.data, asked.batch, asked.epochs, asked.compile)


if __name__ == "__main__":
    main()
