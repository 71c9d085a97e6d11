"""Every page in light and dark, wide and narrow: no error, nothing from elsewhere, readable, in its width."""

from urllib.parse import quote

import pytest

from tests.dashboard.browser.harness import Visits
from tests.dashboard.seeding import MAIN, ODD, PARETO

PAGES = {
    "studies": "/studies",
    "studies-none": "/studies?query=nothing-like-that",
    "study": f"/studies/{MAIN}",
    "study-front": f"/studies/{PARETO}",
    "study-odd": f"/studies/{quote(ODD, safe='')}",
    "compare": f"/compare?study={MAIN}&study={PARETO}",
    "compare-matched": f"/compare?study={MAIN}&study={PARETO}&matched=macs",
    "compare-one": f"/compare?study={MAIN}",
    "compare-if": f"/compare?study={MAIN}&if=macs<3M",
    "compare-refused": f"/compare?study={MAIN}&if=macs<1",
    "compare-none": "/compare",
    "audit": "/audit",
    "login": "/login",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(visits: Visits, name: str) -> None:
    visits.check(PAGES[name], name=name)


def test_error_page(visits: Visits) -> None:
    visits.check("/studies/nobody-made-it", status=404, name="error")
