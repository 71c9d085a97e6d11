"""Lists of trials, trials, spaces, the form and operations in light and dark, wide and narrow."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nas.service.inside import look
from tests.dashboard.browser.harness import Visits
from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN
from tests.dashboard.weights import keep_weights

PAGES = {
    "trials": f"/studies/{MAIN}/trials?state=complete,failed&where=params%3E1&sort=error",
    "trials-none": f"/studies/{MAIN}/trials?where=params%3C1",
    "trial": f"/studies/{MAIN}/trials/3?unfold=1",
    "trial-failed": f"/studies/{MAIN}/trials/17",
    "spaces": "/spaces",
    "space": "/spaces/lenet?data=digits",
    "space-infeasible": "/spaces/lenet?data=digits&set=maps=16,4",
    "new": "/new?space=lenet",
    "cluster": "/cluster",
    "failures": "/failures",
}


@pytest.fixture(scope="module", autouse=True)
def seen(service: Service) -> Iterator[None]:
    """Real pictures of what the network of trial 3 sees, gone again afterwards."""
    keep_weights(service.store, MAIN, 3)
    found = look(service.store, MAIN, 3, views=("filters", "maps", "mistakes", "paths"))
    assert [bool(view.why) for view in found.views] == [False, False, True, False]
    yield
    shutil.rmtree(Path(urlsplit(service.store.study(MAIN).artifacts).path) / "3")


@pytest.mark.parametrize("name", PAGES)
def test_page(visits: Visits, name: str) -> None:
    visits.check(PAGES[name], name=name)
