"""How the service answers: what has ended, what is taken, what only asks for headers, who looks only."""

import pytest

from nas.dashboard.settings import Settings
from nas.errors import NasError
from nas.records import Ending
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service, Serving
from tests.dashboard.events import Watching
from tests.dashboard.security.asking import bearer, logged_in
from tests.dashboard.seeding import MAIN, PARETO


def test_what_has_ended_is_neither_stopped_nor_paused_nor_cancelled(serving: Serving) -> None:
    service = serving()
    service.store.set_ending(service.store.study(PARETO).id, Ending.FINISHED)
    with service.client() as client:
        for action in ("stop", "pause", "cancel"):
            answer = client.post(f"/api/studies/{PARETO}/{action}")
            assert answer.status_code == 409
            assert "has ended already, it is finished" in answer.json()["error"]["what"]
    assert service.store.study(PARETO).wanted.value == "run"


def test_what_is_finished_goes_on_only_with_more_trials(serving: Serving) -> None:
    service = serving()
    service.store.set_ending(service.store.study(PARETO).id, Ending.FINISHED)
    with service.client() as client:
        answer = client.post(f"/api/studies/{PARETO}/resume", json={})
    assert answer.status_code == 409
    assert answer.json()["error"]["what"].endswith("send how many trials to add, more, such as 24")
    assert service.store.study(PARETO).ending is Ending.FINISHED


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"space": "vgg", "sampler": "CMAES"}, "sampler", "did you mean 'cmaes'?"),
        ({"space_yaml": "space: mine\nabout: [", "study": "mine"}, "space_yaml", "not YAML"),
        ({"space": "vgg", "study": "a b"}, "study", "a b"),
        ({}, "space", "say space or space_yaml"),
    ],
)
def test_a_search_and_its_preview_name_the_same_field(
    service: Service, asked: dict[str, str], field: str, said: str
) -> None:
    with service.client() as client:
        before = client.post("/api/studies/preview", json=asked).json()
        answer = client.post("/api/studies", json=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"], before["field"]) == (400, field, field)
    assert said in error["what"] == before["error"]


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("", b"notjson", None, "the body is not JSON: Expecting value at character 0"),
        (
            f"/{MAIN}/resume",
            b'{"budget": "+2"}',
            "budget",
            "budget: there is no such field; there are more, slots",
        ),
        (
            f"/{MAIN}/resume",
            b'{"slots": {"cpus": 2}}',
            "slots.cpus",
            "there are engine, workers, cpus_per_trial",
        ),
        (
            "",
            b'{"sapce": "vgg"}',
            "sapce",
            "sapce: there is no such field; there are space, space_yaml, study",
        ),
    ],
)
def test_a_body_that_nobody_can_read(
    service: Service, path: str, body: bytes, field: str | None, said: str
) -> None:
    with service.client() as client:
        answer = client.post(
            f"/api/studies{path}", content=body, headers={"Content-Type": "application/json"}
        )
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, field)
    assert said in error["what"]


def test_failures_of_all_studies_lie_below_none(service: Service) -> None:
    with service.client() as client:
        every, one = client.get("/failures").text, client.get(f"/failures?study={MAIN}").text
    assert ['class="crumbs"' in page for page in (every, one)] == [False, True]
    assert ">None<" not in every


@pytest.mark.parametrize("path", ["/studies", f"/studies/{MAIN}/trials"])
def test_an_order_that_there_is_not_is_a_mistake_everywhere(service: Service, path: str) -> None:
    with service.client() as client:
        for place in (path, f"/api{path}"):
            answer = client.get(place, params={"sort": "bad"})
            assert answer.status_code == 400, place
            assert "known are" in answer.text, place
            assert "created" in answer.text, place


def test_a_taken_name_is_told_shortly_with_what_differs(serving: Serving) -> None:
    service = serving()
    with service.client() as client:
        asked = {"space": "vgg", "study": PARETO, "engine": "inline"}
        answer = client.post("/api/studies", json=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["kind"], error["field"]) == (409, "Conflict", "study")
    assert len(error["what"]) < 120
    assert any(each.startswith("objectives: ") for each in error["details"])


def test_options_are_called_as_the_form_calls_them(serving: Serving) -> None:
    with serving().client() as client:
        answer = client.post("/api/studies", json={"space": "vgg", "trials": -3})
    assert answer.status_code == 400
    assert answer.json()["error"]["what"].startswith("Trials -3")


def test_a_wrong_entry_of_a_vector_is_named(service: Service) -> None:
    with service.client() as client:
        answer = client.post("/api/spaces/lenet/price", json={"data": "digits", "point": {"maps": [6, 9000]}})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "maps[1]"
    assert answer.json()["error"]["what"].startswith("maps[1] = 9000: it is a whole number from ")


# Readers


def test_a_reader_is_told_that_a_new_study_is_not_for_him(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with logged_in(service, READ_TOKEN) as client:
        page = client.get("/new")
        assert (page.status_code, "reading only" in page.text) == (403, True)
        for path in (
            "/studies",
            f"/studies/{MAIN}",
            f"/studies/{MAIN}/trials/9",
            "/cluster",
            "/spaces/lenet",
        ):
            assert 'href="/new' not in client.get(path).text, path
    assert [row.action for row in service.store.audit(10)] == ["login"]


def test_nobody_is_told_where_the_store_is(guarded: Service) -> None:
    with guarded.stranger(headers=bearer(READ_TOKEN)) as client:
        for path in ("/studies/nope", "/api/studies/nope", "/studies/nope/trials/1", "/studies", "/nope"):
            answer = client.get(path)
            assert str(guarded.path.parent) not in answer.text, path
        assert "no study called" in client.get("/api/studies/nope").json()["error"]["what"]


# HEAD


@pytest.mark.parametrize("path", ["/studies", "/api/studies", "/health", "/login", f"/studies/{MAIN}/trials"])
def test_head_is_get_without_a_body(service: Service, path: str) -> None:
    with service.client() as client:
        asked, found = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("content-type", "content-security-policy", "content-encoding"):
        assert asked.headers.get(name) == found.headers.get(name)


def test_head_of_a_stream_comes_to_an_end(service: Service) -> None:
    with service.client() as client:
        assert client.head("/api/live").headers["content-type"].startswith("text/event-stream")
        assert client.head("/studies/nope").status_code == 404
        assert client.get("/health").json()["status"]


# Sessions and proxies


def test_open_pages_hear_nothing_more_after_a_logout(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with logged_in(service, READ_TOKEN) as one, logged_in(service, READ_TOKEN) as other:
        mine, theirs = (f"Cookie: nas_session={client.cookies['nas_session']}\r\n" for client in (one, other))
        with (
            Watching(service.url, "/api/live", mine) as ended,
            Watching(service.url, "/api/live", theirs) as kept,
        ):
            assert [page.comment() for page in (ended, kept)] == [": watching"] * 2
            one.post("/logout")
            assert "0" in ended.lines()  # the last chunk: it is over
            service.store.count_refusals(service.store.study(MAIN).id, {"duplicate": 1})
            assert kept.event("studies")[0]["name"] == MAIN


@pytest.mark.parametrize(("proxies", "seen"), [("", "127.0.0.1"), ("127.0.0.1", "10.9.8.7")])
def test_only_a_named_proxy_says_who_asks(serving: Serving, proxies: str, seen: str) -> None:
    service = serving(write_token=WRITE_TOKEN, behind_proxy=proxies)
    with service.client() as client:
        client.post("/api/studies/nope/stop", headers={"X-Forwarded-For": "10.9.8.7"})
    assert service.store.audit(1)[0].address == seen


def test_a_proxy_is_named_by_its_address() -> None:
    Settings(behind_proxy="127.0.0.1,10.0.0.0/8").check()
    for wrong in ("*", "proxy.example.org", "10.0.0.1/8"):
        with pytest.raises(NasError, match="--behind-proxy"):
            Settings(behind_proxy=wrong).check()
