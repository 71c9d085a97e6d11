"""What a page asks for at once, and what a service finds out before anyone asks."""

import re
import subprocess
import sys
from pathlib import Path

from nas.dashboard.plotly import KINDS, lean
from nas.dashboard.static import PLOTLY, assets, scripts
from tests.conftest import ROOT
from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN, PARETO

LATE = """
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit
from nas.dashboard.serving import running
from nas.dashboard.settings import Settings
from nas.store import open_store

def get(path):
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, path

with open_store(sys.argv[1]) as store, running(store, Settings(port=0, store=sys.argv[1])) as service:
    connection = HTTPConnection(urlsplit(service.url).netloc)
    get("/health")
    service.app.state.desk.warming.wait()
    before = set(sys.modules)
    for path in sys.argv[2:]:
        get(path)
    print(sorted(set(sys.modules) - before))
"""


def test_plotly_is_served_without_what_no_page_draws() -> None:
    whole = assets()[PLOTLY].path.read_text()
    served = assets()[PLOTLY].load().data.decode()
    listed = re.findall(r"\.register\(\[((?:[\w$]+\(\),?)*)\]\)", served)
    assert [len(each.split(",")) for each in listed][-1] == len(KINDS)
    assert "moduleName" not in served
    assert served.startswith(whole[: whole.index("*/")])
    assert served.rstrip().endswith("window.Plotly = Plotly;")


def test_a_script_that_looks_different_is_served_as_it_is() -> None:
    whole = assets()[PLOTLY].path.read_text()
    for changed in (
        whole.replace('name:"bar"', 'name:"column"'),
        whole.replace(".register([", ".add(["),
        "1",
    ):
        assert lean(changed) == changed


def test_a_page_names_all_scripts_that_it_comes_to(service: Service) -> None:
    with service.stranger() as client:
        page = client.get(f"/studies/{MAIN}").text
        told = re.findall(r'rel="modulepreload" href="([^"]+)"', page)
        names = {Path(path).name for path in told}
        for path in told:
            imports = re.findall(
                r'from "\./([\w.]+)"|^import "\./([\w.]+)"', client.get(path).text, re.MULTILINE
            )
            assert {one or other for one, other in imports} <= names
    assert told == list(scripts("study"))
    assert {"base.js", "study.js", "parallel.js", "values.js"} <= names
    assert "playground.js" not in names


def test_first_visitors_wait_for_no_import(seeded: Path) -> None:
    paths = ("/studies", f"/studies/{MAIN}", f"/studies/{MAIN}/trials", "/spaces", "/failures", "/cluster")
    twins = (f"/api/studies/{MAIN}/{part}" for part in ("history", "front", "curves", "timeline", "trials/1"))
    compared = f"/compare?study={MAIN}&study={PARETO}"
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            LATE,
            f"sqlite:///{seeded}",
            *paths,
            f"/studies/{MAIN}/trials/1",
            *twins,
            compared,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (found.stdout, found.stderr) == ("[]\n", "")
