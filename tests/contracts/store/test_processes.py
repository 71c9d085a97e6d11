"""Several processes on one store: the budget is exact, no key is claimed twice, creation happens once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from nas.errors import StoreAwayError
from nas.records import TrialState
from nas.store import open_store
from tests.store.makers import assert_sound, spec

ROOT = Path(__file__).resolve().parents[3]
PROCESSES, BUDGET = 4, 60

DRIVER = """
import json, os, random, sys
from nas.records import Cause
from nas.store import open_store
from nas.store.rows import Claim
from tests.store.makers import candidate, outcome, report, spec

url, seed = sys.argv[1], int(sys.argv[2])
rng, claimed, told = random.Random(seed), [], 0
with open_store(url) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    study = store.study("together").id
    driver = store.start_driver(study, "host", os.getpid(), 3600)
    spent = False
    while not spent:
        first = store.reserve_draws(study, 3)
        keys = [rng.randrange(BUDGET * 3) for _ in range(3)]
        answers = store.claim(study, driver, [candidate(k, draw=first + i) for i, k in enumerate(keys)])
        spent = any(getattr(a, "reason", "") == "budget" for a in answers)
        mine = [(a.number, a.attempt) for a in answers if isinstance(a, Claim)]
        claimed += [number for number, _ in mine]
        if mine and rng.random() < 0.2:
            store.requeue(study, driver, *mine.pop(), Cause.PREEMPTED, "died")
        mine += [(t.number, t.attempt) for t in store.claim_queued(study, driver, 1)]
        store.report(study, driver, [report(n, e, attempt=a) for n, a in mine for e in (1, 2)])
        told += sum(store.tell(study, driver, [outcome(n, attempt=a) for n, a in mine]))
    while rest := store.claim_queued(study, driver, 9):
        told += sum(store.tell(study, driver, [outcome(t.number, attempt=t.attempt) for t in rest]))
print(json.dumps({"claimed": claimed, "told": told}))
""".replace("BUDGET", str(BUDGET))


KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


def start(url: str, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", DRIVER, url, str(seed)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_four_drivers_share_a_budget(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(kind)
    processes = [start(url, seed) for seed in range(PROCESSES)]  # all create the store at once
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    with open_store(url) as store:
        study = store.create_study("together", spec(), BUDGET, "")
        answers = [json.loads(process.communicate("go\n", timeout=60)[0]) for process in start_all(processes)]
        claimed = [number for answer in answers for number in answer["claimed"]]
        assert sorted(claimed) == list(range(1, BUDGET + 1))
        assert sum(answer["told"] for answer in answers) == BUDGET
        assert store.counts(study.id)[TrialState.COMPLETE] == BUDGET
        assert len(store.drivers(study.id)) == PROCESSES
        assert_sound(store, study.id)


def start_all(processes: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Let all go before waiting for the first."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


def test_a_server_that_was_restarted_is_found_again(postgres_url: str) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as other:
        store.create_study("a", spec(), 1, "")
        with other._writing() as connection:
            connection.execute(text(KILL_OTHERS))
        assert store.study_names() == ["a"]
        store.extend(1, 1)


def test_a_link_cut_within_a_transaction_is_worth_another_try(postgres_url: str) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as other:
        study = store.create_study("a", spec(), 1, "")

        def cut() -> None:
            with store._changing(study.id) as change, other._writing() as connection:
                connection.execute(text(KILL_OTHERS))
                change.connection.execute(text("SELECT 1"))

        with pytest.raises(StoreAwayError):
            cut()
        assert store.extend(study.id, 1) == 2
