"""The pictures of the README and of docs/: `python -m tests.dashboard.screenshots docs/images`.

A small search on digits is really made, so this takes a few minutes; then its pages are opened in Chromium,
in light and in dark.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import nas
from nas.dashboard.serving import running
from nas.dashboard.settings import Settings
from nas.drawing import draw
from nas.store import open_store
from tests.dashboard.browser.harness import NAMES, Visits, Windows

STUDY, SPACE = "lenet-digits", "lenet"
WIDTH = 1280
HEIGHTS = {"studies": 560, "study": 1180, "trial": 1180, "space": 1180}
"""Of each picture, in pixels; no longer than what is worth seeing."""
SCHEMES = ("light", "dark")
DRAWINGS = {"vgg": "vgg16", "resnet": "resnet50", "efficientnet-scaling": "efficientnet_b0"}
"""Published networks that are drawn: space -> reference."""


def search(folder: Path, trials: int) -> str:
    """A search with learning curves, pruned trials and an answer; the URL of its store."""
    store = f"sqlite:///{folder / 'nas-data' / 'nas.db'}"
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "NAS_STORE": store,
        "NAS_ARTIFACTS": str(folder / "nas-data"),
    }
    options = [SPACE, "--study", STUDY, "--trials", str(trials), "--stopper", "median", "--engine", "inline"]
    (folder / "nas-data").mkdir()
    subprocess.run(
        [sys.executable, "-m", "nas.cli", "search", *options], env=environment, cwd=folder, check=True
    )
    return store


def pictures(url: str, target: Path) -> None:
    """Every picture in every scheme, as NAME.png and NAME-dark.png."""
    with (
        open_store(url) as served,
        running(served, Settings(port=0, store=url)) as service,
        sync_playwright() as made,
    ):
        found = served.best(served.study(STUDY).id)
        pages = {
            "studies": "/studies",
            "study": f"/studies/{STUDY}",
            "trial": f"/studies/{STUDY}/trials/{found[0].number}",
            "space": f"/spaces/{SPACE}",
        }
        browser = made.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, NAMES))), args=["--no-sandbox"]
        )
        with Visits(Windows(browser), service.url, target) as visits:
            for scheme in SCHEMES:
                for name, path in pages.items():
                    page = visits(path, scheme, WIDTH).page
                    page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[name]})
                    page.wait_for_timeout(500)
                    page.screenshot(path=target / f"{name}{'-dark' if scheme == 'dark' else ''}.png")


def drawings(target: Path) -> None:
    """Published networks as SVG, as `nas cost SPACE --reference NAME --svg FILE` draws them."""
    for space, reference in DRAWINGS.items():
        architecture = nas.load_space(space).reference(reference)
        (target / f"{reference}.svg").write_text(draw(architecture, title=reference), encoding="utf-8")


def main() -> None:
    """Make the pictures; `--store` shows a study of that name that is there already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--store", help=f"the URL of a store that has a study {STUDY}")
    asked = parser.parse_args()
    asked.target.mkdir(parents=True, exist_ok=True)
    drawings(asked.target)
    with tempfile.TemporaryDirectory() as folder:
        pictures(asked.store or search(Path(folder), asked.trials), asked.target)


if __name__ == "__main__":
    main()
