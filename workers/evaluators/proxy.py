"""Zero-cost proxies as evaluators: `proxy:naswot` scores a network without training it."""

import time
from collections.abc import Iterator, Sequence

from nas.records import Evaluation, Evaluator, Metrics, Objective
from workers.evaluators.base import KINDS, gives, once
from workers.proxies.base import PROXIES, Proxy


@KINDS.register("proxy", "a score of the untrained network: proxy:naswot, proxy:synflow, …")
class ProxyKind:
    """The proxies of `workers/proxies`."""

    def evaluator(self, argument: str) -> Evaluator:
        """The proxy of that name as an evaluator; an unknown one lists near matches."""
        proxy = PROXIES[argument]

        @gives(argument, "seconds")
        @once
        def evaluate(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
            started = time.perf_counter()
            score = scored(proxy, evaluation)
            yield 1, {argument: score, "seconds": time.perf_counter() - started}

        return evaluate

    def objective(self, argument: str) -> Objective:
        """The proxy's own score, more being better."""
        return Objective(argument, minimize=False)

    def arguments(self) -> Sequence[str]:
        """All proxies."""
        return PROXIES.names()


def scored(proxy: Proxy, evaluation: Evaluation) -> float:
    """The proxy's score: the same bits for the same request on the same kind of machine.

    All its chances come from torch's generator, seeded by the request and then given back.
    """
    # torch takes 1.4 s to import: a driver that only asks whether the name is known does not pay for it.
    import torch

    from workers.proxies.subject import Subject
    from workers.train.device import cpu_threads
    from workers.train.randomness import Purpose, seed_of

    with torch.random.fork_rng(), cpu_threads(evaluation.request.recipe.get("threads")):
        torch.manual_seed(seed_of(evaluation.request.seed, Purpose.WEIGHTS))
        return proxy(Subject(evaluation))
