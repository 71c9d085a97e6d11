"""Is an ensemble worth its cost: `nice python -m tests.benchmarks.ensembles [DATA] [SPACE] [TRIALS] [SEEDS]`.

For each seed a search of its own, then the five networks that validation likes best, alone and together on
the test part. The bar: over the seeds the ensembles err no more than the best single networks by validation.
Exits with 1 if it is missed.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from nas.service.engines import EngineOptions
from nas.service.final.ensembles import Ensemble, ensemble
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.store import Store, open_store

INLINE = EngineOptions(engine="inline")
TOP = 5


def searched(store: Store, name: str, space: str, data: str, trials: int, seed: int) -> Ensemble:
    """The ensemble of a search with this seed."""
    options = SearchOptions(space=space, data=data, study=name, trials=trials, seed=seed)
    begin(store, options, INLINE)
    run(store, name, INLINE, compare=False)
    return ensemble(store, name, TOP)


def told(found: Ensemble, seconds: float) -> str:
    """One seed in a line."""
    single, gain = found.members[0], found.gain
    interval = f"{100 * gain.low:+.2f} to {100 * gain.high:+.2f}"
    errors = f"best single {100 * single.error:.2f} %, ensemble {100 * found.tested.error:.2f} %"
    apart = f"members disagree on {100 * found.disagreement:.2f} %"
    return f"{errors}, gain {100 * gain.difference:+.2f} ({interval}) points, {apart}; {seconds:.0f} s"


def main(data: str = "digits", space: str = "vgg", trials: str = "12", seeds: str = "3") -> int:
    """Print a line a seed and the means; 1 if the bar is missed."""
    found: list[Ensemble] = []
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{Path(folder)}/nas.db") as store:
        for seed in range(int(seeds)):
            began = time.perf_counter()
            found.append(searched(store, f"{space}-{seed}", space, data, int(trials), seed))
            print(f"{data}, {space}, seed {seed}: {told(found[-1], time.perf_counter() - began)}", flush=True)
    single = statistics.fmean(each.members[0].error for each in found)
    together = statistics.fmean(each.tested.error for each in found)
    print(f"means: best single {100 * single:.3f} %, ensemble {100 * together:.3f} %")
    return int(together > single)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
