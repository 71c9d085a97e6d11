"""Grid search: every point of a finite space once, and five levels of each number without steps."""

from nas.search.keys import draw_seed
from nas.search.lattice import Lattice
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals
from nas.space.space import Space


@SAMPLERS.register("grid", "every point once; numbers without steps have five levels")
class GridSampler:
    """Draw d is point d of a fixed round through the grid, which begins where the study's seed says.

    The round is begun again at its end: that finds points whose draws were lost with a driver, and
    where none is left all are refused as known, so that the study ends as exhausted.
    """

    abilities = Abilities(several=True, counts=True)

    def __init__(self) -> None:
        self._known: tuple[Space, Lattice] | None = None

    def propose(self, ask: Ask) -> Proposals:
        """The next points of the round, whatever came of the others."""
        lattice = self._lattice(ask.space)
        first = draw_seed(ask.seed, 0)
        draws = range(ask.draw, ask.draw + ask.count)
        return Proposals([Proposal(draw, lattice.point(first + draw)) for draw in draws])

    def _lattice(self, space: Space) -> Lattice:
        if self._known is None or self._known[0] is not space:
            self._known = space, Lattice(space)
        return self._known[1]
