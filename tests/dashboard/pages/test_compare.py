"""Studies beside each other on their page."""

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
