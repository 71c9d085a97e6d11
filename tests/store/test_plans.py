"""What a service asks all the time is answered by an index, so that 100,000 trials cost what 1,000 do."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from nas.records import Cause, TrialState
from nas.store import Store, open_store
from nas.store.rows import Filter, Named, Sort
from tests.store.makers import candidate, candidates, outcome, report, spec

CALLS: dict[str, Callable[[Store, int, int], object]] = {
    "claim": lambda store, study, driver: store.claim(study, driver, [candidate(99)]),
    "claim_queued": lambda store, study, driver: store.claim_queued(study, driver, 1),
    "report": lambda store, study, driver: store.report(study, driver, [report(1, 1)]),
    "tell": lambda store, study, driver: store.tell(study, driver, [outcome(1)]),
    "requeue": lambda store, study, driver: store.requeue(study, driver, 2, 1, Cause.PREEMPTED, ""),
    "reap": lambda store, study, driver: store.reap(study),
    "page": lambda store, study, driver: store.trials(study, limit=20, offset=0),
    "last page": lambda store, study, driver: store.trials(study, limit=20, descending=True),
    "running": lambda store, study, driver: store.trials(study, states=[TrialState.RUNNING], limit=20),
    "by value": lambda store, study, driver: store.trials(study, order="value", limit=1),
    "best": lambda store, study, driver: store.best(study),
    "history": lambda store, study, driver: store.history(study, 1),
    "curve": lambda store, study, driver: store.curve(study, 1),
    "attempts": lambda store, study, driver: store.attempts(study, 1),
    "parameter": lambda store, study, driver: store.parameter(study, "depth"),
    "counts": lambda store, study, driver: store.counts(study),
    "studies": lambda store, study, driver: store.studies(),
    "listed": lambda store, study, driver: store.find_trials(study, states=[TrialState.COMPLETE], limit=20),
    "listed by value": lambda store, study, driver: store.find_trials(study, sort=VALUE, limit=1),
    "listed last": lambda store, study, driver: store.find_trials(study, sort=LAST, limit=20),
    "listed by metric": lambda store, study, driver: store.find_trials(study, where=[SMALL], limit=20),
    "parameter labels": lambda store, study, driver: store.parameter_labels(study),
    "rank": lambda store, study, driver: store.rank(study, store.trial(study, 3)),
    "failure counts": lambda store, study, driver: store.failure_counts(study),
    "failed": lambda store, study, driver: store.failed(study, Cause.ERROR, 20),
    "running trials": lambda store, study, driver: store.running_trials(study, "a", 20),
    "sightings": lambda store, study, driver: store.sightings(study, 20),
    "notes": lambda store, study, driver: store.notes(study, 1),
    "audit": lambda store, study, driver: store.audit(20, before=99),
    "metric names": lambda store, study, driver: store.metric_names(study),
    "changed since": lambda store, study, driver: store.history(study, 1, limit=1),
}
VALUE, LAST = Sort(Named("trial", "value_0")), Sort(Named("trial", "number"), descending=True)
SMALL = Filter(Named("metric", "loss"), "<", 1.0)
BIG = ("nas_trials", "nas_attempts", "nas_epochs", "nas_params", "nas_metrics")


@pytest.mark.parametrize("name", CALLS)
def test_no_call_reads_a_whole_table(name: str) -> None:
    with open_store("sqlite://") as store:
        study = store.create_study("a", spec(), 50, "").id
        driver = store.start_driver(study, "n", 1, 3600)
        store.claim(study, driver, candidates(*range(5)))
        store.enqueue(study, candidates(10, 11))
        store.tell(study, driver, [outcome(3), outcome(4)])
        plans: list[str] = []

        def explain(
            connection: object, cursor: object, statement: str, given: object, context: object, many: bool
        ) -> None:
            if statement.startswith(("SELECT", "UPDATE")):
                first = given[0] if many and isinstance(given, list) else given
                rows = context.root_connection.connection.execute(  # type: ignore[attr-defined]
                    f"EXPLAIN QUERY PLAN {statement}", first
                )
                plans.extend(row[3] for row in rows)

        event.listen(store._engine, "before_cursor_execute", explain)
        CALLS[name](store, study, driver)
    assert plans
    bad = [p for p in plans if p.startswith("SCAN") and any(table in p for table in BIG)]
    bad += [p for p in plans if "TEMP B-TREE" in p and name not in ("curve",)]
    assert bad == []
