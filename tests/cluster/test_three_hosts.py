"""Three hosts: work on all of them, one cut off and back, and the head lost with its driver."""

import pytest

from tests.cluster.campaign import Campaign
from tests.cluster.hosts import until
from tests.cluster.verdict import rows

pytestmark = [pytest.mark.slow, pytest.mark.ray]
SLOTS, TRIALS = 2, 20
"""Of each driver, and of each study: ten seconds' work for both hosts together, longer than a lease."""


def running(campaign: Campaign, study: str) -> int:
    """Trials of a study that somebody is said to run."""
    return campaign.count("running", study)


def finish(campaign: Campaign, study: str) -> None:
    """Tend the drivers until all have ended well."""

    def done() -> bool:
        campaign.tend(SLOTS, study)
        return all(driver.done for driver in campaign.drivers)

    until(done, f"the end of {study}", limit_s=200)
    campaign.drivers.clear()


def test_training_runs_on_all_hosts(campaign: Campaign) -> None:
    words = (
        "search",
        "vgg",
        "--study",
        "digits",
        "--data",
        "digits",
        "--trials",
        "2",
        "--recipe",
        "epochs=1",
    )
    slots = ("--address", "head:6379", "--workers", "2", "--no-compare")
    process = campaign.nas(campaign.worker_hosts[0], *words, *slots)
    assert process.wait(200) == 0, process.out()
    found = rows(campaign.store.url, "SELECT worker, state FROM nas_trials")
    assert {(worker.split(":")[0], state) for worker, state in found} == {
        ("worker1", "complete"),
        ("worker2", "complete"),
    }


def test_a_host_is_cut_off_for_longer_than_a_lease_and_returns(campaign: Campaign) -> None:
    one, two = campaign.worker_hosts
    first = campaign.search(one, TRIALS, SLOTS, study="cut")
    first.process.wait_for(lambda: running(campaign, "cut"), "trials")
    second = campaign.resume(two, SLOTS, study="cut")
    begun = "SELECT DISTINCT driver_id FROM nas_attempts JOIN nas_studies ON id = study_id WHERE name = 'cut'"
    second.process.wait_for(lambda: len(rows(campaign.store.url, begun)) == 2, "work on both hosts")
    two.cut()
    until(lambda: campaign.nodes_up() == 2, "Ray to miss a host")
    until(lambda: rows(campaign.store.url, "SELECT id FROM nas_drivers WHERE lost"), "the end of a lease")
    two.join()
    finish(campaign, "cut")
    verdict = campaign.verdict(TRIALS, "cut")
    assert verdict.wrong == []
    assert verdict.causes["released: its driver's lease ran out"]
    until(lambda: campaign.nodes_up() == 3, "the host's return")


def test_a_driver_whose_own_node_dies_gives_its_trials_back(campaign: Campaign) -> None:
    driver = campaign.search(campaign.worker_hosts[1], TRIALS, SLOTS, study="node")
    driver.process.wait_for(lambda: running(campaign, "node"), "trials")
    campaign.nodes[1].kill_raylet()
    assert driver.process.wait(100) == 1
    assert "this host's Ray node has left its cluster" in driver.process.out().splitlines()[-1]
    assert running(campaign, "node") == 0
    until(lambda: campaign.nodes_up() == 3, "the node's return")
    finish(campaign, "node")
    assert campaign.verdict(TRIALS, "node").wrong == []


def test_the_head_is_lost_and_another_host_goes_on(campaign: Campaign) -> None:
    first = campaign.search(campaign.head_host, TRIALS, SLOTS, study="head")
    first.process.wait_for(lambda: running(campaign, "head"), "trials")
    second = campaign.resume(campaign.worker_hosts[0], SLOTS, study="head")
    second.process.wait_for(lambda: running(campaign, "head") > SLOTS, "work for both")
    first.process.kill()
    campaign.head.kill_all()
    assert second.process.wait(100) == 1
    assert "nas resume goes on with the study" in second.process.out().splitlines()[-1]
    until(lambda: running(campaign, "head") <= SLOTS, "the trials of the second driver to be given back")
    campaign.drivers.remove(first)
    until(lambda: campaign.nodes_up() == 3, "the cluster's return")
    finish(campaign, "head")
    assert campaign.verdict(TRIALS, "head").wrong == []
