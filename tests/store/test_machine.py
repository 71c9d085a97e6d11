"""Two drivers claim, report, lose leases and tell in any order: the invariants hold after each step."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nas.records import Cause, TrialState
from nas.store import Store, open_store
from nas.store.rows import Claim
from tests.store.makers import assert_sound, candidate, expire, outcome, report, spec

BUDGET = 6
ENDS = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED, TrialState.CANCELLED)
who = st.integers(0, 1)
pick = st.integers(0, 1000)


class Drivers(RuleBasedStateMachine):
    """The model: which attempts each driver was given, and which trials have their result."""

    store: Store
    made = 0

    @initialize()
    def start(self) -> None:
        Drivers.made += 1
        self.study = self.store.create_study(f"study-{Drivers.made}", spec(), BUDGET, "").id
        self.ids = [self.store.start_driver(self.study, f"host-{i}", i, 3600) for i in (0, 1)]
        self.given: list[tuple[int, int, int]] = []  # (driver, number, attempt), all there ever were
        self.holder: dict[int, tuple[int, int]] = {}  # number -> (driver, attempt) of those running
        self.ended: dict[int, TrialState] = {}
        self.budget = BUDGET

    def _give(self, driver: int, number: int, attempt: int) -> None:
        assert number not in self.holder
        assert number not in self.ended
        self.given.append((driver, number, attempt))
        self.holder[number] = (driver, attempt)

    @rule(w=who, first=st.integers(0, 12), count=st.integers(1, 3))
    def claim(self, w: int, first: int, count: int) -> None:
        before = self.store.study_by_id(self.study)
        known = {trial.key for trial in self.store.trials(self.study)}
        points = [candidate(i, draw=len(self.given) + i + 1000) for i in range(first, first + count)]
        answers = self.store.claim(self.study, self.ids[w], points)
        new = [a for a in answers if isinstance(a, Claim)]
        fresh = [p for p in points if p.key not in known]
        assert len(new) == min(len(fresh), self.budget - before.used)
        for claim in new:
            self._give(self.ids[w], claim.number, claim.attempt)

    @rule(first=st.integers(0, 12))
    def enqueue(self, first: int) -> None:
        self.store.enqueue(self.study, [candidate(first)])

    @rule(w=who, limit=st.integers(1, 3))
    def claim_queued(self, w: int, limit: int) -> None:
        for trial in self.store.claim_queued(self.study, self.ids[w], limit):
            self._give(self.ids[w], trial.number, trial.attempt)

    @precondition(lambda self: self.given)
    @rule(at=pick, end=st.sampled_from(ENDS), value=st.floats(0, 1))
    def tell(self, at: int, end: TrialState, value: float) -> None:
        """Any attempt there ever was sends a result: only the present holder's counts."""
        driver, number, attempt = self.given[at % len(self.given)]
        (accepted,) = self.store.tell(self.study, driver, [outcome(number, value, attempt, end)])
        assert accepted == (self.holder.get(number) == (driver, attempt))
        if accepted:
            del self.holder[number]
            self.ended[number] = end
        else:
            row = self.store.attempts(self.study, number)[attempt - 1]
            assert row.accepted or row.late_s is not None

    @precondition(lambda self: self.given)
    @rule(at=pick)
    def requeue(self, at: int) -> None:
        driver, number, attempt = self.given[at % len(self.given)]
        moved = self.store.requeue(self.study, driver, number, attempt, Cause.PREEMPTED, "died")
        assert moved == (self.holder.get(number) == (driver, attempt))
        if moved:
            del self.holder[number]

    @precondition(lambda self: self.given)
    @rule(at=pick, epoch=st.integers(1, 4))
    def report(self, at: int, epoch: int) -> None:
        driver, number, attempt = self.given[at % len(self.given)]
        kept = self.store.report(self.study, driver, [report(number, epoch, attempt=attempt)])
        assert bool(kept) == (self.holder.get(number) == (driver, attempt))

    @rule(w=who)
    def lose_lease(self, w: int) -> None:
        """A driver sleeps for too long, another one reaps; it wakes up and joins anew."""
        expire(self.store, self.ids[w])
        self._taken(self.ids[w], self.store.reap(self.study))
        assert not self.store.renew(self.ids[w])
        self.ids[w] = self.store.start_driver(self.study, f"host-{w}", w, 3600)

    def _taken(self, driver: int, numbers: list[int]) -> None:
        assert numbers == sorted(n for n, (holder, _) in self.holder.items() if holder == driver)
        for number in numbers:
            del self.holder[number]

    @rule()
    def extend(self) -> None:
        self.budget = self.store.extend(self.study, 1)

    @rule(w=who, drivers_too=st.booleans())
    def cancel(self, w: int, drivers_too: bool) -> None:
        for number in self.store.cancel_trials(self.study, self.ids[w] if drivers_too else None):
            self.holder.pop(number, None)
            self.ended[number] = TrialState.CANCELLED

    @invariant()
    def sound(self) -> None:
        if hasattr(self, "study"):
            assert_sound(self.store, self.study)
            states = {trial.number: trial.state for trial in self.store.trials(self.study)}
            running = {number for number, state in states.items() if state is TrialState.RUNNING}
            assert running == set(self.holder)
            assert all(states[number] is end for number, end in self.ended.items())


def test_any_order_of_events_keeps_the_invariants() -> None:
    with open_store("sqlite://") as store:
        Drivers.store = store
        machine: Any = Drivers.TestCase
        machine.settings = settings(max_examples=40, stateful_step_count=25)
        machine("runTest").runTest()
