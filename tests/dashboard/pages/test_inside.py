"""The section of a trial's page with what its network sees."""

import re

import pytest

from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import MAIN
from workers.pictures import Shown, write_pictures

PNG = b"\x89PNG\r\n\x1a\n"
VIEWS = [
    Shown("filters", "First filters", 1, "Eight <b>filters</b>.", 'Squares, "small".', 400, 90, len(PNG)),
    Shown("paths", "Short paths", 7, why="its graph has no sums"),
]


@pytest.fixture
def pictured(serving: Serving) -> Service:
    """A service with pictures of trial 1."""
    service = serving()
    files = {"filters.png": PNG, "filters.json": b'{"view": "filters"}'}
    write_pictures(service.store.study(MAIN).artifacts, 1, VIEWS, files)
    return service


def test_pictures_stand_on_the_page_with_their_words(pictured: Service) -> None:
    with pictured.client() as client:
        page = client.get(f"/studies/{MAIN}/trials/1").text
        found = client.get(f"/api/studies/{MAIN}/trials/1").json()["inside"]
        assert client.get(f"/api/studies/{MAIN}/trials/1/inside").json() == found
    assert [view["name"] for view in found] == ["filters", "paths"]
    image = re.search(r'<img loading="lazy"[^>]*>', page)
    assert image is not None
    src = f"/api/studies/{MAIN}/trials/1/inside/filters.png"
    assert f'src="{src}"' in image[0]
    assert 'width="400" height="90"' in image[0]
    assert 'alt="Squares, &#34;small&#34;."' in image[0]
    assert "Eight &lt;b&gt;filters&lt;/b&gt;." in page
    assert "Short paths: none, its graph has no sums." in page
    assert f'href="/api/studies/{MAIN}/trials/1/inside/filters.json"' in page


def test_a_picture_and_its_numbers_are_sent(pictured: Service) -> None:
    with pictured.client() as client:
        base = f"/api/studies/{MAIN}/trials/1/inside"
        image = client.get(f"{base}/filters.png")
        assert (image.content, image.headers["content-type"]) == (PNG, "image/png")
        assert image.headers["x-content-type-options"] == "nosniff"
        same = client.get(f"{base}/filters.png", headers={"If-None-Match": image.headers["etag"]})
        assert same.status_code == 304
        assert client.get(f"{base}/filters.json").json() == {"view": "filters"}
        for name in ("paths.png", "index.json", "x.png", "..%2Findex.json"):
            assert client.get(f"{base}/{name}").status_code == 404
        assert client.get(f"/api/studies/{MAIN}/trials/999/inside").status_code == 404


def test_without_pictures_the_page_says_what_to_type(service: Service) -> None:
    with service.client() as client:
        page = client.get(f"/studies/{MAIN}/trials/2").text
    section = page[page.index('id="inside"') :]
    assert "What it sees" in section
    assert f"nas train {MAIN} 2" in section[: section.index("</section>")]
    assert f"nas look {MAIN} 2" in page
