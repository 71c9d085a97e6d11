"""PostgreSQL on a host: reached from another, with its rows after a kill."""

from tests.cluster.hosts import Lan
from tests.cluster.postgres import IMMEDIATE, KILL, Postgres


def test_rows_outlive_the_server(lan: Lan) -> None:
    server, other = Postgres(lan.host("db")), lan.host("other")
    done = other.run(["nas", "search", "vgg", "--engine", "inline", "--evaluator", "cost", "--trials", "2",
        "--objective", "macs", "--study", "s", "--store", server.url])  # fmt: skip
    assert done.returncode == 0, done.stderr
    for how in (IMMEDIATE, KILL):
        server.restart(how)
        assert "complete 2" in " ".join(other.run(["nas", "show", "s", "--store", server.url]).stdout.split())
    wrong = other.run(["nas", "studies", "--store", server.url.replace("a-secret", "wrong")])
    assert (wrong.returncode, "the password is wrong" in wrong.stderr) == (2, True), wrong.stderr
