"""Lists of trials, trials, spaces, the form and operations in light and dark, wide and narrow."""

import pytest

from tests.dashboard.browser.harness import Visits
from tests.dashboard.seeding import MAIN

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


@pytest.mark.parametrize("name", PAGES)
def test_page(visits: Visits, name: str) -> None:
    visits.check(PAGES[name], name=name)
