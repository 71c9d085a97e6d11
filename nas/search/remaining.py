"""What a small space has left: all its points priced once, where random draws hardly find a new network."""

from collections.abc import Container

from nas.errors import InfeasibleError, SamplerError
from nas.search.keys import draw_rng
from nas.search.lattice import Lattice
from nas.search.refuse import STUCK, Pricer
from nas.search.samplers import Proposal
from nas.space.counting import TooManyError
from nas.space.space import Space

POINTS = 20_000
"""Spaces of at most so many points, those that break a rule on parameters not counted, are priced whole:
seconds, once."""

COUNTED = 200_000
"""Spaces of at most so many points, whatever the rules say, are small enough to count the rest."""

SLICE = 32
"""Points priced at a time, so that a driver's loop goes on turning."""


class Remaining:
    """The points whose networks are not known yet, each as likely as any other.

    That is the law of random draws, from which what is known or refused is left out; so it may take
    their place at any time. With a logarithmic parameter, or a continuous one, it is never at hand.
    """

    def __init__(self, space: Space, pricer: Pricer) -> None:
        self._space, self._pricer = space, pricer
        self._lattice: Lattice | None = None
        self._asked = False
        self._priced = 0
        self._left: list[tuple[str, int]] = []
        self._kept = 0

    def due(self, streak: int) -> bool:
        """Whether so many refusals in a row are worth pricing the whole space."""
        if streak <= STUCK:
            return False
        if not self._asked:
            self._asked, self._lattice = True, _lattice(self._space)
        return self._lattice is not None and streak >= self._lattice.total // 100

    def advance(self) -> bool:
        """Price a few more points; whether all are."""
        assert self._lattice is not None, "asked only when due"
        for place in range(self._priced, min(self._priced + SLICE, self._lattice.total)):
            self._priced += 1
            try:
                key = self._pricer.candidate(Proposal(-1, self._lattice.point(place))).key
            except InfeasibleError:
                continue
            self._left.append((key, place))
            self._kept += 1
        return self._priced == self._lattice.total

    @property
    def said(self) -> str:
        """What to say where no point is left."""
        total = self._lattice.total if self._lattice else 0
        if not self._kept:
            return f"none of the {total:,} points of the space obeys its rules"
        return f"all {self._kept:,} points of the space that obey its rules have been tried"

    def draw(self, seed: int, draws: range, known: Container[str]) -> list[Proposal]:
        """A new point for each of some draws; fewer if no more are left."""
        assert self._lattice is not None, "asked only when due"
        self._left = [(key, place) for key, place in self._left if key not in known]
        found: list[Proposal] = []
        left = self._left
        for draw in draws:
            if not left:
                break
            key, place = left[int(draw_rng(seed, draw).integers(len(left)))]
            found.append(Proposal(draw, self._lattice.point(place)))
            left = [entry for entry in left if entry[0] != key]
        return found


def _lattice(space: Space) -> Lattice | None:
    """All points of a small space; None if it is not, or if draws are not even."""
    logarithmic = any(getattr(p.domain, "log", False) for p in space.parameters.values())
    if logarithmic or not space.counter.discrete:
        return None
    try:
        if (space.counter.total or 0) > COUNTED:
            return None
        lattice = Lattice(space)
    except (TooManyError, SamplerError):
        return None
    return lattice if lattice.total <= POINTS else None
