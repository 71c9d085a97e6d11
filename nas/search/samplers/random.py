"""Random search: every draw uniform over the space's parameters."""

from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals, uniform


@SAMPLERS.register("random", "uniform draws, each by itself")
class RandomSampler:
    """Independent uniform draws; learns nothing, so it is also what a stuck sampler falls back on."""

    abilities = Abilities(several=True)

    def propose(self, ask: Ask) -> Proposals:
        """One walk through the space per draw."""
        draws = range(ask.draw, ask.draw + ask.count)
        return Proposals([Proposal(draw, uniform(ask, draw)) for draw in draws])
