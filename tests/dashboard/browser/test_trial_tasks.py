"""A trial's page begins its test and a look into its network, and tells how they stand."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from nas.search.presence import birth, here
from nas.service.actions.records import PROCESS, Folder, Started
from nas.service.final.looks import look
from tests.dashboard.browser.conftest import Browse
from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import PARETO
from tests.dashboard.weights import keep_weights

TRIAL = f"/studies/{PARETO}/trials/2"


@pytest.fixture
def own(serving: Serving) -> Service:
    """A service with weights of a trial."""
    service = serving()
    keep_weights(service.store, PARETO, 2)
    return service


class Doing:
    """A task that is this process, and says what the test writes into its log."""

    def __init__(self, service: Service, kind: str) -> None:
        self.folder, row = Folder(service.store.url), service.store.study(PARETO)
        self.kind, self.started_s = kind, service.store.now_s()
        self.me = Started(
            study=f"{PARETO}.2.{kind}", study_id=row.id, kind=PROCESS, id="1", pid=os.getpid(), host=here(),
            born=birth(os.getpid()), at_s=self.started_s, after=0, log_from=0,
        )  # fmt: skip

    def begin(self, route: Route) -> None:
        """In place of the service."""
        with self.folder.turn(self.me.key, 1):
            self.folder.write(self.me)
        told = {"study": PARETO, "number": 2, "kind": self.kind, "started_s": self.started_s}
        route.fulfill(status=202, json={**told, "state": "running", "message": ""})

    def say(self, **event: str) -> None:
        """A line of its log."""
        self.folder.log(self.me.key).write_text(json.dumps(event) + "\n")

    def end(self, **event: str) -> None:
        """Its last line; then it is gone."""
        self.say(**event)
        self.folder.write(replace(self.me, born="before"))


def test_it_says_what_a_task_does_and_why_it_fails(own: Service, browse: Browse) -> None:
    doing, visit = Doing(own, "look"), browse(own)(TRIAL)
    page, place = visit.page, visit.page.locator('[data-task="look"]')
    button = page.get_by_role("button", name="Look into it")
    expect(place).to_be_hidden()
    page.route("**/look", doing.begin)
    button.click()
    expect(button).to_be_disabled()
    doing.say(event="note", message="Feature maps")
    expect(place).to_have_text("Looking into it … Feature maps")
    browse(own).picture(visit, "trial-looking")
    doing.end(event="error", message="the disk is full")
    expect(place).to_have_text("Looking into it failed: the disk is full")
    expect(button).to_be_enabled()
    assert visit.problems == []


def test_the_test_is_begun_after_a_warning_and_shown(own: Service, browse: Browse) -> None:
    doing, visit = Doing(own, "evaluate"), browse(own)(TRIAL)
    page = visit.page
    page.route("**/evaluate", doing.begin)
    page.get_by_role("button", name="Test…").click()
    dialog = page.get_by_role("dialog", name="Test trial 2?")
    expect(dialog).to_contain_text("once and never again")
    browse(own).picture(visit, "trial-test")
    dialog.get_by_role("button", name="Test it once").click()
    expect(page.locator('[data-task="evaluate"]')).to_have_text("Testing …")
    labels = np.arange(100) % 10
    seen = look("trial 2", labels, np.where(labels < 9, labels, 0), 10, number=2, valid_error=0.09)
    own.store.record_test(own.store.study(PARETO).id, seen)
    doing.end(event="ended", ending="finished")
    expect(page.locator("#tested")).to_contain_text("0.1")
    expect(page.get_by_role("button", name="Test…")).to_have_count(0)
    browse(own).picture(visit, "trial-tested")
    assert visit.problems == []
