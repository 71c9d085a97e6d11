"""The compose files: legal, whole, closed to the outside, and all that they run works on hosts of its own."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose

from nas.errors import Exit
from tests import compose
from tests.cluster.conftest import need_hosts
from tests.cluster.hosts import SHARED, Host, Lan, Process
from tests.cluster.postgres import PASSWORD, Postgres, programs
from tests.conftest import ROOT

TOKEN = "a-token-of-at-least-some-length-0123456789"
SECRETS = {"NAS_DB_PASSWORD": PASSWORD, "RAY_AUTH_TOKEN": TOKEN, "NAS_WRITE_TOKEN": TOKEN[::-1]}
VARIABLES = {**compose.example(), **SECRETS, "NAS_ARTIFACTS": f"file://{SHARED}"}
WHOLE = compose.load("docker-compose.yml", variables=VARIABLES)
WITHOUT_GPU = compose.load(*compose.FILES, variables=VARIABLES)
SERVICES: dict[str, compose.Tree] = WHOLE["services"]
NAMES = sorted(SERVICES)
OURS = [name for name in NAMES if "build" in SERVICES[name]]


@pytest.mark.parametrize("project", [WHOLE, WITHOUT_GPU], ids=["GPU", "CPU"])
def test_they_keep_to_the_specification(project: compose.Tree) -> None:
    found = PyCompose.from_json(json.dumps(project))
    found.validate()
    assert set(found.service_names()) == {"db", "head", "worker", "nas", "dashboard"}


@pytest.mark.parametrize(
    ("where", "key", "value", "said"),
    [
        ("db", "restart", "sometimes", "unknown variant `sometimes`"),
        ("db", "health_check", {}, "`health_check` does not start with"),
        ("head", "networks", ["nowhere"], "nowhere"),
        ("head", "shm_size", "much", "much"),
    ],
)
def test_the_specification_refuses_mistakes(where: str, key: str, value: Any, said: str) -> None:
    """So the test above can fail."""
    project = json.loads(json.dumps(WHOLE))
    project["services"][where][key] = value
    with pytest.raises(ValueError, match=said):
        PyCompose.from_json(json.dumps(project)).validate()


def test_volumes_are_declared_and_used() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == WHOLE["volumes"].keys()


def test_every_variable_is_in_the_example() -> None:
    named = {name for path in compose.paths() for name in compose.names(path.read_text(encoding="utf-8"))}
    assert named == compose.example().keys()


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_starts_without_its_secrets(secret: str) -> None:
    assert compose.example()[secret] == ""
    with pytest.raises(compose.MissingError, match=f"{secret}: set it in .env"):
        compose.load("docker-compose.yml", variables={**VARIABLES, secret: ""})


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_whole(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    if "restart" in service:
        assert service["restart"] == "unless-stopped"
        assert "healthcheck" in service
    else:
        assert "profiles" in service, "it neither comes back nor is begun by hand"
    for needed, how in service.get("depends_on", {}).items():
        assert how["condition"] == "service_healthy"
        assert "healthcheck" in SERVICES[needed]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_listens_outside_of_the_host(name: str) -> None:
    assert "network_mode" not in SERVICES[name]
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


def test_only_workers_ask_for_gpus_and_without_any_nobody() -> None:
    assert [name for name, service in SERVICES.items() if "deploy" in service] == ["worker"]
    assert not [name for name, service in WITHOUT_GPU["services"].items() if "deploy" in service]
    assert {k: v for k, v in SERVICES["worker"].items() if k != "deploy"} == WITHOUT_GPU["services"]["worker"]


def test_all_of_ours_share_one_image_and_one_environment() -> None:
    assert len(OURS) == len(SERVICES) - 1
    assert len({json.dumps(SERVICES[name]["build"]) for name in OURS}) == 1
    told = {name: dict(SERVICES[name]["environment"]) for name in OURS}
    own = {key: told["dashboard"].pop(key) for key in ("NAS_READ_TOKEN", "NAS_WRITE_TOKEN")}
    assert own == {"NAS_READ_TOKEN": "", "NAS_WRITE_TOKEN": SECRETS["NAS_WRITE_TOKEN"]}
    assert len({json.dumps(environment) for environment in told.values()}) == 1


def test_what_nas_is_told_exists() -> None:
    import typer.main

    from nas.cli.app import app

    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert SERVICES["nas"]["command"][0] in known
    (cases,) = re.findall(r'case "\$1" in ([a-z|]+)\)', compose.words(SERVICES["nas"])[2])
    takes_address = [verb for verb in known if "--address" in {o for p in known[verb].params for o in p.opts}]
    assert sorted(cases.split("|")) == sorted(takes_address)
    assert SERVICES["dashboard"]["entrypoint"] == SERVICES["nas"]["entrypoint"]
    verb, *options = SERVICES["dashboard"]["command"]
    assert {option.split("=")[0] for option in options} <= {o for p in known[verb].params for o in p.opts}


def test_the_image_is_made_of_what_is_there() -> None:
    lines = (ROOT / "workers" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert {"nas", "workers", "search_spaces", "constraints.txt"} <= {n for names in copied for n in names}
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for names in copied for name in names} <= set(kept)


# What follows runs the services: each on a host of its own, with its own words and environment.

STARTED = "Ray runtime started"
"""What `ray start` prints; its health check takes a second of a processor, and is asked once it will do."""


@pytest.fixture(scope="module")
def lan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lan]:
    need_hosts()
    with Lan(tmp_path_factory.mktemp("compose")) as made:
        yield made


def begin(lan: Lan, name: str, host: str = "", words: tuple[str, ...] = ()) -> Process:
    """The container of a service, as one more host."""
    service = SERVICES[name]
    told = [*service.get("entrypoint", []), *(words or service["command"])]
    return lan.host(host or name).popen(told, service["environment"], log="container.log")


def healthy(host: Host, name: str) -> bool:
    service = SERVICES[name]
    env = {**service["environment"], "PATH": f"{Path(str(programs()))}:{path_of(host)}"}
    return host.run(compose.check(service), env).returncode == 0


def path_of(host: Host) -> str:
    return host.run(["sh", "-c", "echo $PATH"]).stdout.strip()


@pytest.fixture(scope="module")
def cluster(lan: Lan) -> Lan:
    """Database, head and two workers, all healthy by their own checks."""
    database = Postgres(lan.host("db"))
    asked = SERVICES["db"]["environment"]
    assert (asked["POSTGRES_USER"], asked["POSTGRES_DB"], asked["POSTGRES_PASSWORD"]) == (
        "nas",
        "nas",
        PASSWORD,
    )
    assert database.url.startswith("postgresql://nas:")
    assert healthy(lan.hosts["db"], "db")
    head = begin(lan, "head")
    head.wait_for(lambda: STARTED in head.out(), "the head")
    assert healthy(lan.hosts["head"], "head")
    nodes = {name: begin(lan, "worker", name) for name in ("worker1", "worker2")}
    for name, node in nodes.items():
        node.wait_for(lambda node=node: STARTED in node.out(), "a worker")  # type: ignore[misc]
        assert healthy(lan.hosts[name], "worker")
    return lan


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.timeout(600)
class TestCluster:
    def test_the_doctor_finds_all_in_order(self, cluster: Lan) -> None:
        doctor = begin(cluster, "nas", "doctor", ("doctor", "--json"))
        code = doctor.wait(240)
        checks = {check["what"].split(" (")[0]: check for check in json.loads(doctor.out())}
        assert code == Exit.DONE, [check for check in checks.values() if not check["ok"]]
        assert {"node head", "node worker1", "node worker2", "node doctor"} <= checks.keys()
        assert "reads the artifacts" in checks["node worker1"]["found"]
        assert checks["Ray token"]["found"] == "from RAY_AUTH_TOKEN"

    def test_artifacts_that_are_not_shared_are_found_out(self, cluster: Lan) -> None:
        words = ["nas", "doctor", "--json", "--artifacts", "file:///tmp"]
        done = cluster.hosts["doctor"].run(words, SERVICES["nas"]["environment"])
        bad = {check["what"].split(" (")[0]: check for check in json.loads(done.stdout) if not check["ok"]}
        assert done.returncode == Exit.FAILED
        assert bad.keys() == {"node worker1", "node worker2"}
        assert "does not see the artifacts" in bad["node worker1"]["found"]
        assert "share the artifacts" in bad["node worker1"]["advice"]

    def test_a_search_trains_on_the_workers(self, cluster: Lan) -> None:
        words = ("search", "efficientnet-scaling", "--study", "s", "--trials", "2", "--recipe", "epochs=1")
        service = SERVICES["nas"]
        told = [*service["entrypoint"], *words, "--workers", "2", "--no-compare", "--log-json"]
        search = cluster.host("search").run(told, service["environment"], limit_s=240)
        assert search.returncode == Exit.DONE, search.stdout + search.stderr
        assert "s: finished" in search.stdout
        ends = [
            line for line in map(json.loads, search.stderr.splitlines()) if line["event"] == "trial_ended"
        ]
        assert [line["state"] for line in ends] == ["complete"] * 2
        assert {line["worker"].split(":")[0] for line in ends} <= {"worker1", "worker2"}

    def test_sigterm_drains_it_and_resume_goes_on(self, cluster: Lan) -> None:
        host, environment = cluster.hosts["search"], SERVICES["nas"]["environment"]
        words = ["nas", "resume", "s", "--workers", "1", "--no-compare", "--log-json"]
        search = host.popen([*words, "--trials", "+40"], environment, log="resume.log")
        search.wait_for(lambda: '"event": "epoch"' in search.out(), "an epoch", 120)
        search.send(signal.SIGTERM)
        assert search.wait(120) == Exit.STOPPED, search.out()
        assert "s: drained" in search.out()
        assert '"ending": "drained"' in search.out()

    def test_the_dashboard_tells_of_it_to_those_with_a_token(self, cluster: Lan) -> None:
        served, host = begin(cluster, "dashboard"), cluster.hosts["dashboard"]
        served.wait_for(lambda: "serving" in served.out(), "the dashboard")
        assert healthy(host, "dashboard")
        ask = (
            "import sys; from urllib.request import Request, urlopen; "
            "asked = Request(sys.argv[1], headers={'Authorization': f'Bearer {sys.argv[2]}'}); "
            "print(urlopen(asked).read().decode())"
        )
        words = ["python", "-c", ask, "http://127.0.0.1:8400/api/studies"]
        told = host.run([*words, SECRETS["NAS_WRITE_TOKEN"]], SERVICES["dashboard"]["environment"])
        assert [row["name"] for row in json.loads(told.stdout)["rows"]] == ["s"], told.stderr
        assert "401" in host.run([*words, TOKEN], SERVICES["dashboard"]["environment"]).stderr
        served.send(signal.SIGTERM)
        assert served.wait() == Exit.DONE
