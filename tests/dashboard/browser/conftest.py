"""A real Chromium for the tests of the pages."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.dashboard.browser.harness import Visits, Windows, launched
from tests.dashboard.conftest import Service

Browse = Callable[[Service], Visits]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's, once for all tests of this folder; without one they skip, in CI they fail."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def windows(chromium: Browser) -> Windows:
    """Where tests open pages, one after another in the same."""
    return Windows(chromium)


@pytest.fixture(scope="package")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of pages go: NAS_TEST_SCREENSHOTS, or a folder that nobody keeps."""
    return Path(os.environ.get("NAS_TEST_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.fixture
def browse(windows: Windows, pictures: Path) -> Iterator[Browse]:
    """Opens pages of any service: `browse(service)("/studies")`."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(Visits(windows, service.url, pictures))


@pytest.fixture
def visits(browse: Browse, service: Service) -> Visits:
    """Opens pages of the service that all tests share and none changes."""
    return browse(service)
