"""What is refused before anything is spent: points that break a rule, and networks already known."""

from collections import Counter
from dataclasses import asdict

from nas.errors import InfeasibleError
from nas.records import StudySpec
from nas.search.keys import trial_key, trial_seed
from nas.search.samplers import Proposal
from nas.space.space import Space
from nas.store.rows import Candidate

PATIENCE = 1000
"""Refusals in a row that end a study as exhausted."""

STUCK = 10
"""Refusals in a row after which points come from random draws: a sampler that only proposes what it
knows must not look like a space without new points."""

REMEMBERED = 20_000


class Pricer:
    """Lowers and prices proposals; what it has priced once it remembers."""

    def __init__(self, space: Space, spec: StudySpec) -> None:
        self.space, self.spec = space, spec
        self._known: dict[str, tuple[str, str, dict[str, int]] | InfeasibleError] = {}

    def candidate(self, proposal: Proposal) -> Candidate:
        """The proposal with its key, costs and seed; `InfeasibleError` if it breaks a rule of the space."""
        labels = self.space.labels(proposal.point)
        name = repr(sorted(labels.items()))
        if name not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name] = self._price(proposal)
        found = self._known[name]
        if isinstance(found, InfeasibleError):
            raise found
        key, arch_id, cost = found
        return Candidate(
            point=proposal.point,
            labels=labels,
            key=key,
            arch_id=arch_id,
            cost=cost,
            draw=proposal.draw,
            seed=trial_seed(key),
            attributes=proposal.attributes,
        )

    def _price(self, proposal: Proposal) -> tuple[str, str, dict[str, int]] | InfeasibleError:
        try:
            architecture = self.space.architecture(proposal.point)
            cost, arch_id = asdict(architecture.cost), architecture.arch_id
            recipe = self.space.recipe(proposal.point)
        except InfeasibleError as error:
            return InfeasibleError(error.reason, error.detail)
        key = trial_key(arch_id=arch_id, recipe=recipe, evaluator=self.spec.evaluator, data=self.spec.data)
        return key, arch_id, cost


class Refusals:
    """Counts refusals per reason: those not yet written, and those in a row since the last acceptance."""

    def __init__(self, patience: int = PATIENCE) -> None:
        self.patience = patience
        self.unwritten: Counter[str] = Counter()
        self.in_a_row: Counter[str] = Counter()

    def refuse(self, reason: str) -> None:
        """One more point was refused."""
        self.unwritten[reason] += 1
        self.in_a_row[reason] += 1

    def accept(self) -> None:
        """A point has become a trial."""
        self.in_a_row.clear()

    def take(self) -> dict[str, int]:
        """The counts to write now."""
        counts = dict(self.unwritten)
        self.unwritten.clear()
        return counts

    @property
    def streak(self) -> int:
        """Refusals since the last acceptance."""
        return self.in_a_row.total()

    @property
    def stuck(self) -> bool:
        """Whether the sampler should give way to random draws."""
        return self.streak > STUCK

    @property
    def exhausted(self) -> bool:
        """Whether the space looks as if it had no new feasible point left."""
        return self.streak >= self.patience

    def reasons(self) -> str:
        """The reasons of the present row, commonest first: `duplicate 988, params <= 10e6 12`."""
        return ", ".join(f"{reason} {count:,}" for reason, count in self.in_a_row.most_common())
