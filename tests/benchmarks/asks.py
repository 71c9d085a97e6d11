"""What an ask costs in a long study: `python -m tests.benchmarks.asks`.

Each sampler proposes batches of 16 points for `mobilenet` with 10,000 finished trials of two objectives
or one behind it (`gp`, which is not for long studies, with 200); milliseconds per point, median and
slowest of 7 batches in a warm process, whose sampler is as a driver keeps it: one more trial has ended
before each batch.
"""

import time
from statistics import median

import numpy as np

import nas
from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.search.pricing import Prices
from nas.search.samplers import SAMPLERS, Ask, abilities
from nas.space.space import Space
from tests.search.playing import able

TRIALS, BATCH, BATCHES = 10_000, 16, 7
BAR_MS = 60.0
ONE = (Objective("error"),)
TWO = (Objective("error"), Objective("macs"))


def history(space: Space, count: int, width: int) -> list[Past]:
    """Random finished trials, as an algorithm of generations would have numbered them."""
    rng, rows, prices = np.random.default_rng(0), [], Prices(space)
    for number in range(1, count + 1):
        point = space.draw(rng)
        values = tuple(float(v) for v in rng.random(width))
        marks = {"generation": number // 24, "sample": [number, 0]}
        cost = prices.cost(point) or {}
        rows.append(Past(number, TrialState.COMPLETE, space.labels(point), values, 1, marks, cost))
    return rows


def costs(name: str, space: Space, rows: list[Past], objectives: tuple[Objective, ...]) -> list[float]:
    """Milliseconds per point, batch by batch, after one to warm up."""
    sampler, found, attributes = SAMPLERS[name](), [], dict[str, object]()
    for batch in range(BATCHES + 1):
        known = rows[: len(rows) - BATCHES + batch]
        begun = time.perf_counter()
        asked = Ask(
            space=space,
            history=known,
            seed=1,
            draw=len(known) + batch * BATCH,
            count=BATCH,
            objectives=objectives,
            attributes=attributes,
        )
        answer = sampler.propose(asked)
        found.append((time.perf_counter() - begun) * 1e3 / BATCH)
        attributes = dict(attributes if answer.attributes is None else answer.attributes)
    return found[1:]


def main() -> None:
    """All figures."""
    space = nas.load_space("mobilenet")
    flat = nas.load_space("efficientnet-scaling")
    for objectives in (ONE, TWO):
        for name in SAMPLERS.names():
            if not able(name, flat, objectives):
                continue
            chosen = space if able(name, space, objectives) else flat
            long = abilities(name).trials is None
            rows = history(chosen, TRIALS if long else 200, len(objectives))
            found = costs(name, chosen, rows, objectives)
            late = "  MISSED" if long and median(found) > BAR_MS else ""
            print(
                f"{name:12} {len(objectives)} objectives, {len(rows):6,} trials of {chosen.name:21}"
                f"{median(found):7.1f} ms median {max(found):7.1f} slowest{late}",
                flush=True,
            )


if __name__ == "__main__":
    main()
