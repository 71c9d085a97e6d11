"""The script of docs/slurm.md on a real Slurm of two hosts: a job told to stop is queued again and goes on.

It takes two minutes, and Slurm itself: apt-get install slurmctld slurmd slurm-client.
"""

import os
import re
import shutil

import pytest

from nas.store import open_store
from tests.cluster.hosts import SHARED, Host, Lan, until
from tests.cluster.postgres import PASSWORD, Postgres
from tests.conftest import ROOT

CONFIGURATION = """
ClusterName=test
SlurmctldHost=n1
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation=/tmp/slurmctld
SlurmdSpoolDir=/tmp/slurmd
SlurmctldPidFile=/tmp/slurmctld.pid
SlurmdPidFile=/tmp/slurmd.pid
ReturnToService=2
JobRequeue=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=n[1-2] CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
SETTINGS = f"""
export NAS_STORE=postgresql://nas@db/nas
export PGPASSWORD={PASSWORD}
export NAS_ARTIFACTS=file://{SHARED}
"""
SMALLER = {
    "--nodes=4": "--nodes=2",
    "--cpus-per-task=16": "--cpus-per-task=1",
    "#SBATCH --gpus-per-node=4\n": "",
}
ENVIRONMENT = {"SLURM_CONF": "/tmp/slurm.conf"}
SEARCH = ("efficientnet-scaling", "--study", "scaling", "--trials", "8", "--recipe", "epochs=4")


def script() -> str:
    """That of the page, for hosts without GPUs."""
    text = (ROOT / "docs" / "slurm.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```bash\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    for large, small in SMALLER.items():
        assert large in found
        found = found.replace(large, small)
    return str(found)


def told(host: Host, *words: str) -> str:
    return host.run(words, ENVIRONMENT).stdout.strip()


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not os.environ.get("NAS_TEST_SLURM") or not shutil.which("slurmctld"),
    reason="takes two minutes and an installed Slurm; NAS_TEST_SLURM=1 runs it",
)
def test_a_job_that_is_told_to_stop_is_queued_again_and_goes_on(lan: Lan) -> None:
    database = Postgres(lan.host("db"))
    hosts = [lan.host(name) for name in ("n1", "n2")]
    for host in hosts:
        (host.folder / "slurm.conf").write_text(CONFIGURATION)
        (host.folder / "home" / "nas.env").write_text(SETTINGS)
        for folder in ("slurmctld", "slurmd"):
            (host.folder / folder).mkdir()
    first = hosts[0]
    (first.folder / "nas.sbatch").write_text(script())
    first.popen(["slurmctld", "-D"], ENVIRONMENT)
    for host in hosts:
        host.popen(["slurmd", "-D"], ENVIRONMENT)
    until(lambda: told(first, "sinfo", "-h", "-t", "idle", "-o", "%D") == "2", "two idle nodes")
    submitted = told(first, "sbatch", "/tmp/nas.sbatch", *SEARCH, "--no-compare")
    job = submitted.rpartition(" ")[2]

    def output() -> str:
        return "".join(path.read_text() for path in first.folder.glob("**/slurm-*.out"))

    until(lambda: " complete " in output(), "a trial", 180)
    told(first, "scancel", "--signal=TERM", "--batch", job)
    until(lambda: "scaling: drained" in output(), "the end of its driver", 120)
    until(lambda: told(first, "squeue", "-h", "-o", "%T") == "PENDING", "the job in the queue")
    told(first, "scontrol", "update", f"jobid={job}", "StartTime=now")  # else it waits for two minutes
    until(lambda: "scaling: finished" in output(), "the end of the study", 180)
    until(lambda: not told(first, "squeue", "-h"), "the end of the job")
    with open_store(database.url) as store:
        study = store.study("scaling")
        assert [row.state.value for row in store.trials(study.id)] == ["complete"] * 8
        assert len(store.drivers(study.id)) == 2
    until(lambda: not [c for host in hosts for c in host.programs().values() if "ray" in c], "Ray's end")
