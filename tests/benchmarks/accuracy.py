"""What the default recipe reaches on the test part: `python -m tests.benchmarks.accuracy`.

Means over three seeds, with nothing said but the network and the number of epochs:

- digits: a residual network of three basic blocks, 8, 16 and 32 channels, 8 epochs;
- Fashion-MNIST: a residual network of six basic blocks, 16, 32 and 64 channels, 5 epochs;
- CIFAR-10, a part of 10,000 training images: ResNet-20, 15 epochs.

A search never sees these numbers: it looks at validation parts.
"""

import argparse
import time
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

import torch

import nas
from workers.data import dataset, load_data
from workers.recipe import Recipe
from workers.train.device import placement
from workers.train.feeds import feed
from workers.train.randomness import Purpose, seed_of
from workers.train.session import Session

BLOCKS = {"block": "basic", "widen": 1, "shortcut": "identity", "order": "post"}


@dataclass(frozen=True)
class Case:
    """A residual network on a data set."""

    data: str
    profile: str
    depths: tuple[int, int, int]
    epochs: int
    bar: float

    def architecture(self) -> Any:
        """The network, for the data set's images."""
        space = nas.load_space("resnet", profile=self.profile, data=dataset(self.data).info)
        return space.architecture({**BLOCKS, "depths": list(self.depths)})

    def accuracy(self, seed: int) -> float:
        """On the test part, after a training with this seed."""
        made, data = self.architecture(), dataset(self.data)
        recipe = Recipe.resolve({"epochs": self.epochs}, data.recipe)
        torch.manual_seed(seed_of(seed, Purpose.WEIGHTS))
        model = nas.build_model(made, training=True)
        place = placement(model, recipe, made.cost.macs)
        images = load_data(self.data)
        batches = feed(images, size=made.input.size, recipe=recipe, seed=seed, device=place.device)
        session = Session(model, batches, recipe, place, made.cost)
        for _ in range(self.epochs):
            session.train_epoch(lambda: None)
        return session.test()["accuracy"]


CASES = {
    "digits": Case("digits", "digits", (1, 1, 1), epochs=8, bar=0.98),
    "fashion-mnist": Case("fashion-mnist", "cifar10", (2, 2, 2), epochs=5, bar=0.91),
    "cifar10-part": Case("npz:../shared/data/cifar10_10k_2k.npz", "cifar10", (3, 3, 3), epochs=15, bar=0.70),
}


def main() -> None:
    """Train every case three times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.cases:
        case, begun = CASES[name], time.perf_counter()
        found = [case.accuracy(seed) for seed in range(asked.seeds)]
        spread = f" ± {stdev(found):.4f}" if len(found) > 1 else ""
        seconds = (time.perf_counter() - begun) / len(found)
        print(
            f"{name}: test accuracy {mean(found):.4f}{spread} over {len(found)} seeds (bar {case.bar:.2f});"
            f" {seconds:.0f} s a training",
            flush=True,
        )


if __name__ == "__main__":
    main()
