"""The twins of the pages: JSON, errors in one shape, tags."""

import csv
import json

import httpx2
import pytest

from nas.service.specify import SearchOptions, specify
from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import MAIN, ODD, PARETO

READABLE = (
    "/api/studies",
    "/api/studies?query=vgg&sort=name&limit=2&offset=1",
    f"/api/studies/{MAIN}",
    f"/api/studies/{MAIN}/history",
    f"/api/studies/{MAIN}/front?x=macs&y=error",
    f"/api/studies/{PARETO}/front",
    f"/api/studies/{MAIN}/curves",
    f"/api/studies/{MAIN}/parallel",
    f"/api/studies/{MAIN}/importance",
    f"/api/studies/{MAIN}/timeline",
    f"/api/studies/{MAIN}/notes",
    f"/api/studies/{MAIN}/trials?state=complete&where=macs<3M&sort=error:desc&limit=5",
    f"/api/studies/{MAIN}/trials/1",
    f"/api/studies/{MAIN}/trials/9/log",
    f"/api/studies/{MAIN}/trials/9/notes",
    f"/api/studies/{MAIN}/trials/1/point.json",
    f"/api/compare?study={MAIN}&study={PARETO}",
    f"/api/compare?study={MAIN}&study={PARETO}&matched=macs&where=params>1",
    f"/api/studies/{MAIN}/analysis?where=params>1",
    f"/api/studies/{MAIN}/what-if?if=macs<3M",
    "/api/cluster",
    "/api/failures",
    "/api/audit",
    "/api/spaces",
    "/api/spaces/vgg?data=digits",
    "/api/spaces/vgg/envelope?data=digits&count=10",
    "/api/spaces/vgg/samples?data=digits&count=2",
    "/api/session",
    "/health",
)


@pytest.mark.parametrize("path", READABLE)
def test_an_address_answers_with_json(service: Service, path: str) -> None:
    with service.stranger() as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    json.loads(answer.text, parse_constant=lambda text: pytest.fail(f"{text} in JSON"))


def test_files_are_sent_to_be_saved(service: Service) -> None:
    base = f"/api/studies/{MAIN}/trials"
    with service.stranger() as client:
        trials, layers = client.get(f"{base}.csv"), client.get(f"{base}/1/layers.csv")
        drawn = client.get(f"{base}/1/drawing.svg?unfold=1")
        source = client.get(f"{base}/1/source.py")
    assert len(list(csv.reader(trials.text.splitlines(keepends=True)))) == 32
    assert layers.text.startswith("path,kind,")
    assert trials.headers["content-disposition"] == f'attachment; filename="{MAIN}-trials.csv"'
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.text.startswith("<svg")
    assert source.headers["content-type"].startswith("text/x-python")
    assert f"study {MAIN}, trial 1" in source.text
    compile(source.text, "source.py", "exec")


@pytest.mark.parametrize(
    ("path", "status", "kind", "said"),
    [
        ("/api/studies/nope", 404, "NotFound", "no study called 'nope'"),
        ("/api/studies/nope/live", 404, "NotFound", "no study called 'nope'"),
        (f"/api/studies/{MAIN}/trials/999", 404, "NotFound", "no trial 999"),
        (f"/api/studies/{MAIN}/trials/99999999999999999999", 400, "Invalid", "number"),
        (f"/api/studies/{MAIN}/trials/1/files/..%2f..%2fnas.db", 404, "NotFound", "nothing at this address"),
        (f"/api/studies/{MAIN}/trials/1/files/nas.db", 404, "NotFound", "no file 'nas.db'"),
        ("/api/spaces/nope", 404, "NotFound", "nope"),
        ("/api/nope", 404, "NotFound", "nothing at this address"),
        (f"/api/studies/{MAIN}/trials?where=macs<<3", 400, "Invalid", "macs<<3"),
        (f"/api/studies/{MAIN}/trials?where=nope>1", 400, "Invalid", "nope"),
        (f"/api/studies/{MAIN}/trials?sort=nope", 400, "Invalid", "unknown name 'nope'"),
        (f"/api/studies/{MAIN}/trials?state=nope", 400, "Invalid", "unknown state 'nope'"),
        (f"/api/studies/{MAIN}/trials?limit=100000000", 400, "Invalid", "limit"),
        (f"/api/studies/{MAIN}/trials?offset=9223372036854775808", 400, "Invalid", "offset"),
        (f"/api/studies/{MAIN}/trials?offset=-1", 400, "Invalid", "offset"),
        (f"/api/studies/{MAIN}/history?metric=nope", 400, "Invalid", "nope"),
        ("/api/studies/%00", 400, "Invalid", "zero"),
        ("/api/compare?study=nope", 400, "Invalid", "name 2 to"),
        (f"/api/compare?study={MAIN}&study={PARETO}&matched=error", 400, "Invalid", "matched error: it is"),
        (f"/api/studies/{MAIN}/analysis?where=nope>1", 400, "Invalid", "where: unknown name 'nope'"),
        (f"/api/studies/{MAIN}/what-if?if=macs<1", 400, "Invalid", "if 'macs<1': none meets"),
        (f"/api/studies/{MAIN}/what-if", 400, "Invalid", "if"),
    ],
)
def test_a_mistake_is_told_in_one_shape(
    service: Service, path: str, status: int, kind: str, said: str
) -> None:
    with service.stranger() as client:
        answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"what", "kind", "field", "details"}
    assert answer.json()["error"]["kind"] == kind
    assert said in answer.json()["error"]["what"]


def test_a_page_far_beyond_the_end_is_empty(service: Service) -> None:
    with service.stranger() as client:
        page = client.get(f"/api/studies/{MAIN}/trials?offset=2000000000").json()
    assert page["rows"] == []
    assert page["total"] == 31


def test_what_is_known_already_is_not_sent_again(service: Service) -> None:
    with service.stranger() as client:
        first = client.get(f"/api/studies/{MAIN}/history")
        again = client.get(f"/api/studies/{MAIN}/history", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_answers_are_packed(service: Service) -> None:
    with service.stranger(headers={"Accept-Encoding": "gzip"}) as client:
        answer = client.get(f"/api/studies/{MAIN}/trials")
    assert answer.headers["content-encoding"] == "gzip"


def test_a_study_of_any_name_has_its_address(service: Service) -> None:
    with service.stranger() as client:
        found = client.get(f"/api/studies/{httpx2.URL('/').copy_with(path=ODD).path}")
    assert found.json()["line"]["name"] == ODD


def test_a_study_that_has_just_begun_has_its_pages(serving: Serving) -> None:
    service = serving()
    service.store.create_study(
        "new", specify(SearchOptions(space="vgg")), 5, f"{service.store.artifacts}/new"
    )
    with service.stranger() as client:
        assert client.get("/api/studies/new").json()["line"]["standing"] == "starting"
        assert client.get("/studies/new").status_code == 200
        trials = client.get("/studies/new/trials")
    assert trials.status_code == 200
    assert "nas resume new" in trials.text


def test_a_number_of_thousands_of_digits_is_a_mistake(service: Service) -> None:
    with service.stranger() as client:
        answer = client.get("/api/spaces/lenet?data=digits&set=maps=" + "9" * 1990)
        page = client.get("/spaces/lenet?data=digits&set=maps=" + "9" * 5000)
    assert answer.status_code == 400
    assert page.status_code == 200
    assert 'role="alert"' in page.text


def test_metrics_are_those_of_the_command_line(service: Service) -> None:
    with service.stranger() as client:
        text = client.get("/metrics").text
    assert f'nas_trials{{state="complete",study="{MAIN}"}} 23.0' in text


def test_static_files_are_kept_by_what_is_in_them(service: Service) -> None:
    with service.stranger(headers={"Accept-Encoding": "gzip"}) as client:
        plain = client.get("/static/plotly.min.js")
        tag = plain.headers["etag"]
        named = client.get("/static/{}/plotly.min.js".format(tag.strip('"')))
        again = client.get("/static/plotly.min.js", headers={"If-None-Match": tag})
    assert plain.headers["cache-control"] == "no-cache"
    assert "immutable" in named.headers["cache-control"]
    assert named.headers["content-encoding"] == "gzip"
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/x/y",
    ],
)
def test_no_path_reaches_the_file_system(service: Service, path: str) -> None:
    with service.stranger() as client:
        answer = client.get(httpx2.URL(service.url + "/").copy_with(raw_path=path.encode()))
    assert answer.status_code == 404
