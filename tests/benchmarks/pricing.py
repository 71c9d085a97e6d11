"""How fast networks are priced and drawn: `python -m tests.benchmarks.pricing`.

- architectures per second on one core, point to all costs, over distinct random feasible points in
  the order they were drawn (blocks met before are found again, as in any search), with `arch_id`
  and without; for `efficientnet-scaling` alpha and beta are drawn from the continuum;
- the first of these networks through torch's `FlopCounterMode` on the meta device, and its median time
  over the mean time of pricing;
- feasible points per second whose macs lie within 5 % of a target, where the width is solved from
  the cost of the whole network;
- loading a space in a warm process.
"""

import copy
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

import nas
from nas.errors import InfeasibleError
from nas.model.count import count
from nas.space.load import shipped_names
from nas.space.schema import Where
from nas.space.space import Space

POINTS = 4000
COUNTED = 12


def continuous(name: str) -> Space:
    """EfficientNet's scaling without steps, so that there are thousands of distinct points."""
    raw = copy.deepcopy(dict(nas.load_space(name).raw))
    raw["parameters"] = {"alpha": {"float": [1.0, 2.0]}, "beta": {"float": [1.0, 1.4]}}
    return Space(raw, Where(name))


def deep(name: str) -> Space:
    """Residual networks of at least 16 blocks."""
    raw = copy.deepcopy(dict(nas.load_space(name).raw))
    raw["constraints"] = [*raw.get("constraints", []), "sum(depths) >= 16"]
    return Space(raw, Where(name))


def distinct(space: Space, number: int) -> list[dict[str, Any]]:
    """Feasible points, no two alike."""
    rng, points = np.random.default_rng(0), dict[str, dict[str, Any]]()
    while len(points) < number:
        point = space.sample(rng)
        points[str(point)] = point
    return list(points.values())


def per_second(work: Callable[[Any], object], items: list[Any]) -> float:
    """Items per second of this thread's processor time."""
    begun = time.thread_time()
    for item in items:
        work(item)
    return len(items) / (time.thread_time() - begun)


def pricing(title: str, make: Callable[[], Space]) -> None:
    """One space: with and without identities, and against torch."""
    points = distinct(make(), POINTS)
    fresh, other = make(), make()
    rate = per_second(lambda point: fresh.architecture(point).cost, points)
    with_id = per_second(lambda p: (a := other.architecture(p)).cost and a.arch_id, points[:1000])
    theirs = [1 / per_second(count, [fresh.architecture(point)]) for point in points[:COUNTED]]
    ratio = median(theirs) * rate
    line = f"{title:32} {rate:8.0f}/s, with arch_id {with_id:.0f}/s"
    print(f"{line}; torch's counter takes {ratio:.0f} times as long")


def iso_cost() -> None:
    """Points of one price."""
    raw = copy.deepcopy(dict(nas.load_space("resnext-cardinality").raw))
    raw["constants"].pop("C")
    raw["constants"]["budget"] = 4e9
    raw["derived"]["C"] = {"solve": "macs = budget", "domain": [16, 256], "step": 1}
    raw["constraints"] = ["abs(macs - budget) <= 0.05 * budget"]
    space, rng = Space(raw, Where("iso")), np.random.default_rng(0)
    rate = per_second(lambda _: space.sample(rng), list(range(600)))
    print(f"{'feasible at 4e9 macs within 5 %':32} {rate:8.0f}/s")


def loading() -> None:
    """Every shipped space, three times over."""
    times = []
    for name in shipped_names() * 3:
        begun = time.perf_counter()
        nas.load_space(name)
        times.append((time.perf_counter() - begun) * 1e3)
    print(f"{'loading a space':32} {median(times):8.0f} ms median, {max(times):.0f} ms the slowest")


def main() -> None:
    """All figures."""
    pricing("resnet, 16 blocks and more", lambda: deep("resnet"))
    pricing("efficientnet-scaling", lambda: continuous("efficientnet-scaling"))
    try:
        iso_cost()
    except InfeasibleError as error:
        print(f"iso-cost: {error}")
    loading()


if __name__ == "__main__":
    main()
