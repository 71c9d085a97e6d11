"""A real Chromium for the tests of the pages."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.dashboard.browser.harness import Visits
from tests.dashboard.conftest import Service

Browse = Callable[[Service], Visits]

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's, once for all tests of this folder; without one they skip, in CI they fail."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        why = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of pages go: NAS_TEST_SCREENSHOTS, or a folder that nobody keeps."""
    return Path(os.environ.get("NAS_TEST_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.fixture
def browse(chromium: Browser, pictures: Path) -> Iterator[Browse]:
    """Opens pages of any service: `browse(service)("/studies")`."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(Visits(chromium, service.url, pictures))


@pytest.fixture
def visits(browse: Browse, service: Service) -> Visits:
    """Opens pages of the service that all tests share and none changes."""
    return browse(service)
