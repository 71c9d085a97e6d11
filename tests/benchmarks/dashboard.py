"""What the dashboard costs: `python -m tests.benchmarks.dashboard [pages|live|browser|optuna ...]`.

On SQLite and on a PostgreSQL of its own, each with a study of 100,000 trials and a million epochs:

- `pages`: every page and its twin, 15 requests each after a first one; memory before and after 500 more.
- `live`: processor of the service while 200 pages are open on a study in which 20 trials a second change.
- `browser`: Chromium, from the click until the page reacts: loaded, its last long task over, and the charts
  of the first screen drawn.
- `optuna`: optuna-dashboard beside it, on 5,000 of the same trials (SQLite).

Ends with 1 if a bar is missed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nas.service.exchange import export_optuna
from nas.store import open_store
from tests.benchmarks import stores
from tests.benchmarks.full_studies import STUDY, busy, fill
from tests.benchmarks.served import heard, listening, serving, serving_optuna

TRIALS, SECOND = 100_000, 1_000
TIMES, MORE = 15, 500
MOST_MS, MOST_BYTES, MOST_READY_MS, MOST_GROWTH_MIB, MOST_SHARE = 300, 1_500_000, 1_500, 30, 10
LISTENERS, LIVE_S, CHANGES_HZ = 200, 20.0, 20
EXPORTED = 5_000
PLOTLY = "plotly"
WINDOW_MS = 1_000
"""So long Chromium is left alone with a new window, whose own frame is a page too."""

HERE = f"/studies/{STUDY}"
PAGES = (
    "/studies",
    HERE,
    f"{HERE}/trials",
    f"{HERE}/trials?sort=macs:desc&offset=50000",
    f"{HERE}/trials?state=complete&where=loss%3C1.5&where=filters[0]%3E32&sort=error&offset=2000",
    f"{HERE}/trials/{{last}}",
    "/spaces",
    "/spaces/alexnet",
    "/compare?study=full&study=second",
    "/cluster",
    "/failures",
    "/new?space=alexnet",
    "/audit",
)
TWINS = (
    "/api/studies",
    *(
        f"/api{HERE}{part}"
        for part in (
            *("", "/history", "/front?x=macs&y=error", "/curves", "/parallel", "/importance", "/timeline"),
            *("/trials", "/trials?sort=loss:desc&offset=50000", "/trials?where=loss%3C0.5&sort=macs"),
            *("/trials/{last}", "/trials/{last}/drawing.svg", "/trials/{last}/log"),
        )
    ),
    *("/api/spaces", "/api/spaces/alexnet", "/api/spaces/alexnet/envelope", "/api/spaces/alexnet/samples"),
    *("/api/compare?study=full&study=second", "/api/cluster", "/api/failures", "/api/audit"),
)
missed: list[str] = []


def bar(what: str, value: float, most: float, unit: str) -> None:
    """Print a figure beside its bar."""
    bad = value > most
    print(f"{what:120}{value:12,.1f} {unit:4} bar <= {most:,g}{'  MISSED' * bad}", flush=True)
    missed.extend([what] * bad)


def pages(kind: str, url: str, trials: int) -> None:
    """Every page and every twin."""
    last = str(trials - 100)
    with serving(url) as served:
        for path in (*PAGES, *TWINS):
            asked = path.replace("{last}", last)
            found = served.measure(asked, TIMES)
            more = f"first {found.first_ms:.0f} ms, {found.own_ms:.0f} ms of processor, {found.size:,} B"
            bar(f"{kind}: {asked} ({more})", found.ms, MOST_MS, "ms")
        before = served.rss_mib()
        everything = [path.replace("{last}", last) for path in (*PAGES, *TWINS)]
        for i in range(MORE):
            served.get(everything[i % len(everything)], packed=True)
        bar(
            f"{kind}: MiB that {MORE} requests add to {before:.0f}",
            served.rss_mib() - before,
            MOST_GROWTH_MIB,
            "MiB",
        )


def live(kind: str, url: str, trials: int) -> None:
    """Open pages, half of them on the list of studies, while a study changes."""
    with (
        serving(url) as served,
        listening(served, "/api/studies/second/live", LISTENERS // 2) as some,
        listening(served, "/api/live", LISTENERS // 2) as others,
        busy(url, "second", CHANGES_HZ),
    ):
        time.sleep(2)
        heard([*some, *others])
        before, start, told = served.cpu_s(), time.monotonic(), 0
        while time.monotonic() - start < LIVE_S:
            time.sleep(0.5)
            told += heard([*some, *others])
        share = 100 * (served.cpu_s() - before) / (time.monotonic() - start)
        print(f"{kind}: {LISTENERS} pages heard {told:,} bytes in {LIVE_S:g} s")
        bar(f"{kind}: of a core for {LISTENERS} open pages", share, MOST_SHARE, "%")


WATCH = """() => new MutationObserver(changes => {
  for (const {target} of changes) {
    const place = target.closest?.(".chart, .parallel")
    if (place) place.changed_ms = performance.now()
  }
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-is"]})"""
SEEN = """[...document.querySelectorAll(".chart, .parallel")].filter(place => {
  const {top, height} = place.getBoundingClientRect()
  return height && top < window.innerHeight
})"""
DRAWN = f"() => {SEEN}.every(place => place.dataset.is !== 'waiting')"
READY = """() => new Promise(done => {
  let last = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd
  new PerformanceObserver(list => {
    for (const task of list.getEntries()) last = Math.max(last, task.startTime + task.duration)
  }).observe({type: "longtask", buffered: true})
  setTimeout(() => done(Math.max(last, ...seen().map(place => place.changed_ms ?? 0))), 1500)
})""".replace("seen()", SEEN)


def browser(kind: str, url: str, trials: int) -> None:
    """Chromium, with an empty cache for each page; Plotly's own bytes are not counted."""
    from playwright.sync_api import sync_playwright

    with serving(url) as served, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for path in PAGES:
            asked = path.replace("{last}", str(trials - 100))
            served.get(asked)
            found = sorted(_visit(chromium, served.url + asked) for _ in range(3))
            bar(f"{kind}: {asked} in Chromium", found[1][0], MOST_READY_MS, "ms")
            bar(f"{kind}:   bytes of it with all it loads", found[1][1], MOST_BYTES, "B")
        chromium.close()


def _visit(chromium: object, url: str) -> tuple[float, int]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    page, sizes = context.new_page(), list[int]()

    def loaded(request: object) -> None:
        if PLOTLY not in request.url:  # type: ignore[attr-defined]
            told = request.sizes()  # type: ignore[attr-defined]
            sizes.append(told["responseBodySize"] + told["responseHeadersSize"])

    page.on("requestfinished", loaded)
    page.wait_for_timeout(WINDOW_MS)
    page.add_init_script(f"({WATCH})()")
    page.goto(url, wait_until="load")
    page.wait_for_function(DRAWN)
    ready = float(page.evaluate(READY))
    context.close()
    return ready, sum(sizes)


def optuna(kind: str, url: str, trials: int) -> None:
    """optuna-dashboard on the same trials, as far as it has been given them."""
    if kind != "sqlite":
        return
    few = min(EXPORTED, trials)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = f"sqlite:///{folder}/nas.db", f"sqlite:///{folder}/optuna.db"
        fill(ours, few)
        with open_store(ours) as store:
            start = time.perf_counter()
            export_optuna(store, STUDY, theirs)
            print(f"exported {few:,} trials in {time.perf_counter() - start:.0f} s", flush=True)
        with serving(ours) as mine, serving_optuna(theirs) as other:
            for name, served, paths in (
                ("nas", mine, ("/api/studies", f"/api{HERE}/history", f"/api{HERE}/trials")),
                ("optuna-dashboard", other, ("/api/studies", "/api/studies/1")),
            ):
                for path in paths:
                    found = served.measure(path, 5)
                    times = f"{found.first_ms:8.0f} ms first {found.ms:8.0f} ms {found.size:12,} B"
                    print(f"{name:18} {few:,} trials: {path:28}{times}", flush=True)
                print(f"{name:18} {served.rss_mib():.0f} MiB", flush=True)


PARTS: dict[str, Callable[[str, str, int], None]] = {
    "pages": pages,
    "live": live,
    "browser": browser,
    "optuna": optuna,
}


@contextmanager
def full(kind: str, trials: int, url: str | None) -> Iterator[str]:
    """The URL of a store with a full study and a smaller one."""
    if url is None:
        with stores.urls(1, kind) as (new,), full(kind, trials, new):
            yield new
        return
    with open_store(url) as store:
        known = store.study_names()
    for seed, (name, count) in enumerate({STUDY: trials, "second": min(trials, SECOND)}.items()):
        if name not in known:
            fill(url, count, name, seed)
    yield url


def main() -> None:
    """What is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--store", metavar="URL", help="one place, filled at first and used again")
    asked = parser.parse_args()
    kinds = [asked.store.partition(":")[0]] if asked.store else stores.KINDS
    for kind in kinds:
        with full(kind, asked.trials, asked.store) as url:
            for part in asked.parts or PARTS:
                PARTS[part](kind, url, asked.trials)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
