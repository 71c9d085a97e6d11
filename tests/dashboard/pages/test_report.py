"""The report of a study, from its page."""

from urllib.parse import quote

from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN, ODD


def test_a_report_is_saved(service: Service) -> None:
    with service.stranger() as client:
        page = client.get(f"/studies/{MAIN}").text
        assert f'href="/studies/{MAIN}/report.html" download' in page
        found = client.get(f"/studies/{MAIN}/report.html")
        assert found.status_code == 200
        assert found.headers["Content-Disposition"] == f'attachment; filename="report-{MAIN}.html"'
        assert found.headers["Content-Type"].startswith("text/html")
        assert found.text.startswith("<!doctype html>")
        assert "<script" not in found.text
        odd = client.get(f"/studies/{quote(ODD, safe='')}/report.html")
        assert odd.headers["Content-Disposition"].startswith('attachment; filename="report-odd')
        assert ODD not in odd.text


def test_what_cannot_be_reported(service: Service) -> None:
    with service.stranger() as client:
        assert client.get("/studies/nobody/report.html").status_code == 404
        assert client.get(f"/studies/{MAIN}/report.html?metric=unheard").status_code in (400, 404)
