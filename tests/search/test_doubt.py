"""Commits in doubt: the server has committed and its answer is lost. Asked again, nothing is done twice."""

from collections.abc import Iterator

import pytest

from nas.records import AttemptEnd, Cause, Ending, TrialState
from nas.search.driver import drive
from nas.search.study import Study
from nas.store import Store, open_store
from tests.search.forgetful import Forgetful
from tests.search.scripted import Recorder, Script, ScriptedSlots, VirtualClock
from tests.search.spaces import spec_of, tiny
from tests.search.test_driver import bowl
from tests.store.stores import postgres_url

__all__ = ["postgres_url"]  # a fixture


@pytest.fixture
def link(postgres_url: str) -> Iterator[Forgetful]:
    made = Forgetful(postgres_url)
    yield made
    made.close()


@pytest.fixture
def store(link: Forgetful) -> Iterator[Store]:
    with open_store(link.url) as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> Study:
    store.create_study("s", spec_of(tiny()), 4, "")
    return Study(store, "s")


def test_new_trials_in_doubt_are_claimed_once(study: Study, link: Forgetful) -> None:
    with study.joined():
        study.proposer.prepare(2)
        link.lose = 1
        requests, _ = study.claim(2)
        assert [request.key for request in requests] == [(1, 1), (2, 1)]
        assert link.lost == 1
        assert study.store.study("s").used == 2


def test_waiting_trials_in_doubt_are_not_forgotten(study: Study, link: Forgetful) -> None:
    with study.joined():
        first, second = study.ask(2)
        for request in (first, second):
            study.requeue(AttemptEnd(*request.key), Cause.PREEMPTED)
        (held,) = study.claim_queued(1)
        link.lose = 1
        assert [request.key for request in study.claim_queued(1)] == [(2, 2)]
        assert (held.key, link.lost) == ((1, 2), 1)


def test_a_result_in_doubt_counts_as_told(study: Study, link: Forgetful) -> None:
    with study.joined():
        (request,) = study.ask(1)
        link.lose = 1
        end = AttemptEnd(*request.key, {"error": 0.5})
        assert study.tell([study.outcome(end, wall_s=1.0)]) == [True]
        assert link.lost == 1
        (attempt,) = study.store.attempts(study.row.id, 1)
        assert (attempt.accepted, attempt.late_s) == (True, None)


def test_a_driver_whose_every_third_answer_is_lost_ends_as_any_other(store: Store, link: Forgetful) -> None:
    store.create_study("s", spec_of(tiny()), 12, "")

    class Unsteady(ScriptedSlots):
        """Loses an answer now and then."""

        def events(self, timeout_s: float):  # type: ignore[no-untyped-def]
            link.lose += self.clock.now() > 3 * link.lost
            return super().events(timeout_s)

    script: Script = lambda request: (  # noqa: E731
        [(0.5, Cause.PREEMPTED)] if request.attempt == 1 and request.number % 3 == 0 else bowl(request)
    )
    clock, recorder = VirtualClock(), Recorder()
    ended = drive(Study(store, "s"), Unsteady(3, script, clock), clock=clock, listener=recorder)
    assert ended.ending is Ending.FINISHED
    assert link.lost >= 3
    row = store.study("s")
    assert row.counts[TrialState.COMPLETE] == 12
    assert store.problems() == []
