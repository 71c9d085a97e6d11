"""What a worker holds between trials: 100 trials of different networks in one actor, its memory after each.

    python tests/benchmarks/memory.py [TRIALS]

Flat from the 20th trial on: the last ten lie within 5 % of the ten after it. The worker keeps its data set
and compiled pieces, and nothing that grows.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run as a script, from anywhere

from nas.records import AttemptEnd, Request  # noqa: E402
from nas.space.load import load_space  # noqa: E402
from workers.data import dataset  # noqa: E402
from workers.slots.ray import RaySlots  # noqa: E402

TRIALS, SETTLED, WINDOW = 100, 20, 10
MOST = 1.05


def resident(trials: int) -> list[float]:
    """MiB of a worker's process after each of so many trials."""
    import numpy as np

    space, rng = load_space("vgg", data=dataset("digits").info), np.random.default_rng(0)
    slots, found = RaySlots(1), list[float]()
    with tempfile.TemporaryDirectory() as artifacts:
        try:
            for number in range(1, trials + 1):
                while not slots.free():
                    slots.events(1)
                slots.submit(
                    Request(
                        study="memory",
                        number=number,
                        attempt=1,
                        space=space.document,
                        point=space.sample(rng),
                        evaluator="train",
                        data="digits",
                        recipe={"epochs": 1, "threads": 1},
                        seed=number,
                        artifacts=artifacts,
                    )
                )
                end = _ended(slots)
                assert end.cause is None, end.message
                found.append(psutil.Process(int(end.worker.split(":")[1])).memory_info().rss / 2**20)
                if number % WINDOW == 0:
                    print(f"after trial {number:4d}: {found[-1]:7.1f} MiB", flush=True)
        finally:
            slots.close()
    return found


def _ended(slots: RaySlots) -> AttemptEnd:
    while True:
        for event in slots.events(1):
            if isinstance(event, AttemptEnd):
                return event


def growth(found: list[float]) -> float:
    """The last ten against the ten from the 20th on."""
    early = found[SETTLED : SETTLED + WINDOW]
    return statistics.median(found[-WINDOW:]) / statistics.median(early)


def main() -> None:
    """Print the verdict."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    found = resident(trials)
    grown = growth(found)
    print(f"last {WINDOW} trials / {WINDOW} from trial {SETTLED + 1} on: {grown:.3f} (at most {MOST})")
    sys.exit(grown > MOST)


if __name__ == "__main__":
    main()
