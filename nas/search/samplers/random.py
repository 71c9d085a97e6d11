"""Random search: every draw uniform over the space's parameters."""

from nas.search.keys import draw_rng
from nas.search.samplers import SAMPLERS, Ask, Proposal, Proposals


@SAMPLERS.register("random", "uniform draws, each by itself")
class RandomSampler:
    """Independent uniform draws; learns nothing, so it is also what a stuck sampler falls back on."""

    def propose(self, ask: Ask) -> Proposals:
        """One walk through the space per draw."""
        return Proposals([self._draw(ask, ask.draw + i) for i in range(ask.count)])

    def _draw(self, ask: Ask, draw: int) -> Proposal:
        return Proposal(draw, ask.space.draw(draw_rng(ask.seed, draw)))
