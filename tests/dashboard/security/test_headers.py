"""What pages may load and show."""

from html.parser import HTMLParser

import httpx2
import pytest

from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN, ODD

PAGES = (
    "/studies",
    f"/studies/{MAIN}",
    f"/studies/{MAIN}/trials",
    f"/studies/{MAIN}/trials/17",
    "/nope",
    "/login",
)


class Tags(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.parametrize("path", [*PAGES, "/api/studies", "/api/nope", "/static/nas.css", "/health"])
def test_every_answer_has_the_policy(service: Service, path: str) -> None:
    with service.stranger() as client:
        headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["font-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["style-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_script_in_it(service: Service, path: str) -> None:
    with service.stranger() as client:
        text = client.get(path).text
    tags = Tags(text).found
    assert len(tags) > 10
    for tag, attributes in tags:
        assert tag not in ("style", "iframe", "object", "base")
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (
            tag,
            attributes,
        )
        for name in ("src", "href", "action"):
            assert not attributes.get(name, "").lower().startswith(("http", "//", "javascript:", "data:"))


def test_markup_in_names_and_notes_is_text(service: Service) -> None:
    with service.stranger() as client:
        pages = [
            client.get("/studies"),
            client.get(f"/studies/{httpx2.URL('/').copy_with(path='/' + ODD).raw_path.decode()[1:]}"),
            client.get(f"/studies/{MAIN}"),
            client.get(f"/studies/{MAIN}/trials/9"),
            client.get(f"/studies/{MAIN}/trials/17"),
        ]
    for page in pages:
        assert page.status_code == 200, page.text[:300]
        assert "onerror=alert(1)" in page.text, page.url
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text
