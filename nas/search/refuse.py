"""What is refused before anything is spent: points that break a rule, and networks already known."""

from collections import Counter

from nas.records import Point, StudySpec
from nas.search.keys import trial_key, trial_seed
from nas.search.pricing import price_list
from nas.search.samplers import Proposal
from nas.space.space import Space
from nas.store.rows import Candidate

PATIENCE = 1000
"""Known networks, drawn since the last new one, that end a study as exhausted: there is hardly another."""

HOPE = 100_000
"""Refusals of any kind since the last new network that do: where few points keep the rules, the next one
that does may be far away, and a draw takes less than a millisecond."""

DUPLICATE = "duplicate"
"""The reason why a known network is refused."""

STUCK = 10
"""Refusals in a row after which points come from random draws: a sampler that only proposes what it
knows must not look like a space without new points."""


class Pricer:
    """Makes candidates of proposals."""

    def __init__(self, space: Space, spec: StudySpec) -> None:
        self.space, self.spec = space, spec
        self._prices = price_list(space)

    def candidate(self, proposal: Proposal) -> Candidate:
        """The proposal with its key, costs and seed; `InfeasibleError` if it breaks a rule of the space."""
        return self.repeats(proposal)[0]

    def repeats(self, proposal: Proposal) -> list[Candidate]:
        """As many candidates of the proposal as a network gets trials: each has a key and a seed of its own.

        Raises:
            InfeasibleError: it breaks a rule of the space.
        """
        point, cost = proposal.point, self._prices.cost(proposal.point)
        arch_id, labels = self._prices.arch_id(point), self.space.labels(point)
        return [
            Candidate(
                point=point,
                labels=labels,
                key=key,
                arch_id=arch_id,
                cost=cost,
                draw=proposal.draw,
                seed=trial_seed(key),
                attributes=proposal.attributes,
            )
            for key in self.keys(point)
        ]

    def keys(self, point: Point) -> list[str]:
        """The keys of a feasible point's trials."""
        spec, arch_id, recipe = self.spec, self._prices.arch_id(point), self.space.recipe(point)
        return [
            trial_key(arch_id=arch_id, recipe=recipe, evaluator=spec.evaluator, data=spec.data, repeat=i)
            for i in range(spec.repeat)
        ]


class Refusals:
    """Counts refusals per reason: those not yet written, and those in a row since the last acceptance."""

    def __init__(self, patience: int = PATIENCE, hope: int = HOPE) -> None:
        self.patience, self.hope = patience, hope
        self._before = 0
        self.unwritten: Counter[str] = Counter()
        self.in_a_row: Counter[str] = Counter()
        self.accepted = self.refused = 0
        """Draws of this driver that became trials, and those that did not."""
        self._draw = -1
        self._final = ""

    def begin(self, before: int) -> None:
        """A driver begins: `before` draws were refused since the last acceptance, by whoever drew them."""
        self._before, self._final = before, ""
        self.in_a_row.clear()

    def refuse(self, reason: str) -> None:
        """One more point was refused."""
        self.unwritten[reason] += 1
        self.in_a_row[reason] += 1
        self.refused += 1

    def accept(self, draw: int) -> None:
        """A draw has become a trial; its repeats are the same acceptance."""
        self.accepted += draw != self._draw
        self._draw, self._before = draw, 0
        self.in_a_row.clear()

    def give_up(self, why: str) -> None:
        """There is surely no new point."""
        self._final = why

    def take(self) -> dict[str, int]:
        """The counts to write now."""
        counts = dict(self.unwritten)
        self.unwritten.clear()
        return counts

    @property
    def streak(self) -> int:
        """Refusals since the last acceptance."""
        return self._before + self.in_a_row.total()

    @property
    def stuck(self) -> bool:
        """Whether the sampler should give way to random draws."""
        return self.streak > STUCK

    @property
    def exhausted(self) -> bool:
        """Whether the space has no new feasible point left, or looks like it."""
        known = self.in_a_row[DUPLICATE] >= self.patience
        return known or bool(self._final) or self.in_a_row.total() >= self.hope

    @property
    def acceptance(self) -> float | None:
        """The share of this driver's draws that became trials; None before the first."""
        drawn = self.accepted + self.refused
        return self.accepted / drawn if drawn else None

    def why(self) -> str:
        """What a study that is exhausted has found: `the last 1,012 points drawn gave no new network (…)`."""
        said = self._final or f"the last {self.in_a_row.total():,} points drawn gave no new network"
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.in_a_row.most_common())
        return f"{said} ({reasons})" if reasons else said
