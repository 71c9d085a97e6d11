"""Where studies are begun, and what pages say of one whose space was pasted or whose driver is gone."""

import pytest

from nas.records import TrialState
from nas.service.answer import DUTY
from nas.service.specify import SearchOptions, specify
from nas.service.views.overview import COMPARING
from nas.store.rows import StudyRow
from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import MAIN, candidates
from tests.service.actions.pasted import MINE

PASTED = SearchOptions(space="", space_yaml=MINE, evaluator="cost", objective="macs")


@pytest.fixture
def own(serving: Serving) -> tuple[Service, StudyRow]:
    service = serving()
    row = service.store.create_study("pasted", specify(PASTED), 4, f"{service.path.parent}/pasted")
    driver = service.store.start_driver(row.id, "here", 1)
    service.store.claim(row.id, driver, candidates(row, 1))
    service.store.end_driver(driver)
    return service, row


def test_a_study_of_a_pasted_space_is_started_from(own: tuple[Service, StudyRow]) -> None:
    with own[0].client() as client:
        for query in ("study=pasted", "space=mine&study=pasted&trial=1"):
            page = client.get(f"/new?{query}")
            assert page.status_code == 200, page.text[-300:]
            assert "A small family of plain networks" in page.text
        study = client.get("/studies/pasted").text
        assert 'href="#space-yaml"' in study
        assert 'id="space-yaml"' in study
        assert "/spaces/mine" not in study
        assert 'href="/spaces/vgg"' in client.get(f"/studies/{MAIN}").text


def test_a_driver_that_is_gone_is_told(own: tuple[Service, StudyRow]) -> None:
    with own[0].client() as client:
        assert 'id="gone" data-kind="bad">' in client.get("/studies/pasted").text
        assert 'id="gone" data-kind="bad" hidden>' in client.get(f"/studies/{MAIN}").text


def test_the_comparison_at_the_end_is_told(serving: Serving) -> None:
    service = serving()
    store, row = service.store, service.store.create_study("done", specify(PASTED), 4, "artifacts")
    driver = store.start_driver(row.id, "here", 1)
    with service.client() as client:
        assert client.get("/api/studies/done").json()["line"]["doing"] == ""
        store.take_duty(row.id, driver, DUTY)
        assert store.study("done").counts[TrialState.RUNNING] == 0
        assert client.get("/api/studies/done").json()["line"]["doing"] == COMPARING
        assert COMPARING in client.get("/studies/done").text
        assert ">comparing</td>" in client.get("/studies").text


def test_an_unknown_space_is_told(service: Service) -> None:
    with service.client() as client:
        page = client.get("/new?space=vggg")
        assert page.status_code == 404
        assert "vgg" in page.text


@pytest.mark.parametrize(("value", "said"), [("abc", "no whole number"), (2.5, "no whole number")])
def test_letters_for_a_number_are_told(service: Service, value: object, said: str) -> None:
    with service.client() as client:
        answer = client.post("/api/studies/preview", json={"space": "lenet", "trials": value})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, "trials")
    assert error["what"] == f"Trials: {str(value)!r} is {said}; type e.g. 24"
