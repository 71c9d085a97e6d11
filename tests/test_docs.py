"""What docs/ says is so: tables against the code, manifests against schemas, lines on hosts."""

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from nas.cli.logs import EVENTS
from nas.errors import Exit
from nas.records import TRANSITIONS, TrialState
from nas.service.metrics import FAMILIES
from tests import compose
from tests.cluster.conftest import lan
from tests.cluster.hosts import SHARED, Lan
from tests.cluster.postgres import PASSWORD, Postgres
from tests.conftest import ROOT

__all__ = ["lan"]
KUBERNETES = "1.34"
"""The version whose schemas the manifests have to keep."""

TOKEN = "a-token-of-at-least-some-length-0123456789"
VARIABLES = {"NAS_DB_PASSWORD": PASSWORD, "RAY_AUTH_TOKEN": TOKEN, "NAS_WRITE_TOKEN": TOKEN[::-1]}


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def rows(name: str, head: str) -> list[list[str]]:
    """The cells of the table under a header line, without backticks."""
    table = page(name).partition(head)[2].split("\n\n")[0]
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")]
        for line in table.splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page(name), flags=re.MULTILINE | re.DOTALL)


# Tables


def test_exit_codes() -> None:
    assert [int(row[0].strip("| ")) for row in rows("operations", "| code | meaning | again? |")] == list(
        Exit
    )


def test_states_and_where_they_go() -> None:
    told = {}
    for state, _, on in rows("operations", "| state of a trial | meaning | goes on to |"):
        there = {TrialState(name) for name in on.strip("| ").split(", ") if name != "–"}
        told[TrialState(state.strip("| "))] = there
    assert told == {state: {b for a, b in TRANSITIONS if a is state} for state in TrialState}


def test_events() -> None:
    assert [row[0].strip("| ") for row in rows("operations", "| event | its fields |")] == list(EVENTS)


def test_metrics() -> None:
    told = [
        (row[0].strip("| "), () if row[1] == "–" else tuple(row[1].split(", ")))
        for row in rows("operations", "| metric | labels | what |")
    ]
    counters = {name for name, (kind, *_) in FAMILIES.items() if kind.__name__.startswith("Counter")}
    assert told == [(f"{n}_total" if n in counters else n, labels) for n, (_, _, labels) in FAMILIES.items()]


def test_settings() -> None:
    told = {
        name for row in rows("operations", "| variable | what |") for name in row[0].strip("| ").split(", ")
    }
    read = {name for text in constants() if re.fullmatch(r"NAS_[A-Z_]+", text) for name in [text]}
    assert {name for name in told if name.startswith("NAS_")} == read


@pytest.mark.parametrize("row", rows("operations", "| message | why | what to do |"), ids=lambda row: row[0])
def test_messages_are_those_of_the_program(row: list[str]) -> None:
    assert any(row[0].strip("| ") in text for text in constants())


@functools.cache
def constants() -> frozenset[str]:
    """All pieces of text in the program."""
    found: set[str] = set()
    for path in [*(ROOT / "nas").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return frozenset(found)


# Commands of Ray


@pytest.fixture(scope="module")
def ray_options() -> dict[str, set[str]]:
    """Verb -> the options of Ray's own command line."""
    told = {}
    for verb in ("start", "health-check", "status"):
        words = [str(Path(sys.executable).with_name("ray")), verb, "--help"]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        told[verb] = set(re.findall(r"--[a-z-]+", done.stdout))
    return told


@pytest.mark.parametrize("name", ["cluster", "slurm", "kubernetes", "operations"])
def test_ray_takes_its_options(name: str, ray_options: dict[str, set[str]]) -> None:
    text = page(name).replace("\\\n", " ")
    for verb, words in re.findall(r"ray (start|health-check|status)([^\n`&|>]*)", text):
        assert set(re.findall(r"--[a-z-]+", words)) <= ray_options[verb], f"ray {verb}{words}"


def test_every_way_has_the_same_settings_of_ray() -> None:
    asked = compose.load("docker-compose.yml", variables=VARIABLES)["services"]["head"]["environment"]
    settings = {name for name in asked if name.startswith("RAY_")}
    for name in ("cluster", "slurm", "kubernetes"):
        assert set(re.findall(r"RAY_\w+", page(name))) >= settings, name


def test_the_job_script_is_sound() -> None:
    (script,) = blocks("slurm", "bash")
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f'"$code" -eq {int(Exit.STOPPED)} ' in script


# Manifests


def manifests() -> Iterator[Any]:
    for block in blocks("kubernetes", "yaml"):
        yield YAML(typ="safe").load(block)


MANIFESTS = list(manifests())


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_manifests_keep_to_their_schema(manifest: dict[str, Any]) -> None:
    if manifest["kind"] != "RayCluster":
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        return
    # KubeRay's own part has no schema here; its pods are checked as any others.
    assert manifest["apiVersion"] == "ray.io/v1"
    spec = manifest["spec"]
    assert spec.keys() == {"rayVersion", "headGroupSpec", "workerGroupSpecs"}
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        pod = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "x"}}
        kubernetes_validate.validate({**pod, "template": group["template"]}, KUBERNETES, strict=True)


def test_manifests_agree_with_the_project(ray_options: dict[str, set[str]]) -> None:
    (cluster,) = [manifest for manifest in MANIFESTS if manifest["kind"] == "RayCluster"]
    (settings,) = [manifest["data"] for manifest in MANIFESTS if manifest["kind"] == "ConfigMap"]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert f"ray=={cluster['spec']['rayVersion']}" in pins
    assert settings["NAS_ADDRESS"] == f"{cluster['metadata']['name']}-head-svc:6379"
    for group in (cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]):
        assert {f"--{name}" for name in group["rayStartParams"]} <= ray_options["start"]
    asked = compose.load("docker-compose.yml", variables=VARIABLES)["services"]["head"]["environment"]
    (created,) = [block for block in blocks("kubernetes", "sh") if "create secret" in block]
    secrets = set(re.findall(r"--from-literal=(\w+)=", created))
    assert settings.keys() | secrets == asked.keys()


def test_the_job_knows_the_exit_codes() -> None:
    (job,) = [manifest for manifest in MANIFESTS if manifest["kind"] == "Job"]
    rules = job["spec"]["podFailurePolicy"]["rules"]
    codes = {rule["action"]: rule["onExitCodes"]["values"] for rule in rules if "onExitCodes" in rule}
    assert codes == {"FailJob": [Exit.FAILED, Exit.MISTAKE], "Ignore": [Exit.STOPPED]}


# The page of a cluster, line by line


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.timeout(600)
def test_the_lines_of_the_cluster_page_work(lan: Lan) -> None:
    """On hosts of these names, in this order; the search is shortened."""
    steps = re.findall(r"<!-- (?:on )?(\w+) -->\n```console\n(.*?)^```", page("cluster"), flags=re.M | re.S)
    assert [name for name, _ in steps] == [
        "everywhere",
        "head",
        "worker1",
        "worker2",
        "head",
        "head",
        "worker1",
    ]
    everywhere = steps[0][1]
    assert f"PGPASSWORD={PASSWORD}\n" in everywhere
    assert f"NAS_ARTIFACTS=file://{SHARED}\n" in everywhere
    Postgres(lan.host("db"))
    hosts = {name: lan.host(name) for name in ("head", "worker1", "worker2")}
    for name, lines in steps[1:]:
        lines = lines.replace("--trials 200", "--trials 2 --recipe epochs=1 --no-compare --workers 2")
        lines = lines.replace("--trials +2", "--trials +1 --no-compare --workers 1")
        step = hosts[name].popen(["sh", "-ec", everywhere + lines])
        assert step.wait(180) == Exit.DONE, step.out()
    assert "trial" in step.out()
