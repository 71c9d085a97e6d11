"""Studies beside each other on their page."""

import re
from html import unescape

from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN, PARETO


def test_a_study_without_results_has_as_many_cells(service: Service) -> None:
    with service.stranger() as client:
        found = [
            client.get(f"/api/studies/{name}/trials?limit=100&state=complete").json()["rows"]
            for name in (MAIN, PARETO)
        ]
        sizes, others = ({row["params"] for row in rows} for rows in found)
        only = f"params={min(sizes - others)}"
        for names in ((MAIN, PARETO), (PARETO, MAIN)):
            page = client.get("/compare", params={"study": names, "where": only}).text
            table = page.partition('id="studies-title"')[2].partition("</table>")[0]
            assert table.count('<th scope="col"') == 12
            rows = table.partition("<tbody>")[2].split("</tr>")[:2]
            assert [row.count("<td") + row.count("<th") for row in rows] == [12, 12]


def test_the_form_keeps_all_conditions(service: Service) -> None:
    asked = {
        "where": ["params>1", "macs<9G"],
        "if": ["macs<3M", "params<2M"],
        "against": ["macs>1", "macs>2"],
    }
    with service.stranger() as client:
        page = client.get("/compare", params={"study": MAIN, **asked}).text
    for name, given in asked.items():
        fields = re.findall(rf'<input[^>]* name="{name}"[^>]*>', page)
        kept = [unescape(value[1]) for each in fields if (value := re.search(r'value="([^"]*)"', each))]
        assert (kept, len(fields)) == (given, len(given) + 1)
        assert page.count(f' id="{name}"') == page.count(f'for="{name}"') == 1
