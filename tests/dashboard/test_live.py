"""Open pages: what changes is told at once, to all, at little cost."""

import asyncio
import shutil
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.types import Message, Receive

from nas.dashboard import live
from nas.dashboard.security.body import too_large
from nas.dashboard.serving import running
from nas.dashboard.settings import Settings
from nas.errors import StoreAwayError
from nas.store import Store, open_store
from tests.dashboard.conftest import Service, Serving
from tests.dashboard.events import PATIENT_S, Watching
from tests.dashboard.seeding import MAIN, PARETO, report_epoch

PAGE = f"/api/studies/{MAIN}/live"


def at_work(store: Store) -> tuple[int, int]:
    """A trial that runs, and who drives it."""
    trial = next(t for t in store.trials(store.study(MAIN).id) if t.state == "running")
    assert trial.driver_id is not None
    return trial.number, trial.driver_id


def report(store: Store, epoch: int, error: float = 0.5) -> int:
    number, driver = at_work(store)
    report_epoch(store, store.study(MAIN), driver, number, epoch, error)
    return number


def test_an_epoch_is_told_to_the_study_and_to_the_list(serving: Serving) -> None:
    service = serving()
    with Watching(service.url, PAGE) as page, Watching(service.url, "/api/live") as listed:
        page.event("study")
        number = report(service.store, 4, 0.123)
        told = page.event("study")
        lines = listed.event("studies")
    assert [e for e in told["epochs"] if e["number"] == number][-1]["value"] == 0.123
    assert [(t["number"], t["state"], t["epoch"]) for t in told["trials"]] == [(number, "running", 4)]
    assert told["line"]["name"] == lines[0]["name"] == MAIN
    assert told["revision"] == told["line"]["revision"] == service.store.study(MAIN).revision


def test_what_was_missed_is_told_first(serving: Serving) -> None:
    service = serving()
    before = service.store.study(MAIN).revision
    number = report(service.store, 4)
    for path, headers in ((f"{PAGE}?since={before}", ""), (PAGE, f"Last-Event-ID: {before}\r\n")):
        with Watching(service.url, path, headers) as page:
            told = page.event("study")
        assert [(t["number"], t["epoch"]) for t in told["trials"]] == [(number, 4)]


def test_an_epoch_is_told_once(serving: Serving) -> None:
    service = serving()
    with Watching(service.url, PAGE) as page:
        page.event("study")
        found = []
        for epoch in (4, 5):
            report(service.store, epoch)
            told = page.event("study")
            while not told["epochs"]:
                told = page.event("study")
            found.append([e["epoch"] for e in told["epochs"]])
    assert found[-1] == [5]


def test_other_studies_are_not_told(serving: Serving) -> None:
    service = serving()
    with Watching(service.url, f"/api/studies/{PARETO}/live") as page:
        page.event("study")
        report(service.store, 4)
        service.store.count_refusals(service.store.study(PARETO).id, {"duplicate": 1})
        told = page.event("study")
    assert (told["line"]["name"], told["trials"], told["epochs"]) == (PARETO, [], [])


def test_a_study_that_is_deleted_is_told(serving: Serving) -> None:
    service = serving()
    with (
        Watching(service.url, f"/api/studies/{PARETO}/live") as page,
        Watching(service.url, "/api/live") as listed,
    ):
        page.event("study")
        listed.comment()
        service.store.delete_study(service.store.study(PARETO).id)
        assert page.event("gone") == [PARETO]
        assert listed.event("gone") == [PARETO]


def test_a_store_that_goes_away_and_comes_back_is_told(serving: Serving) -> None:
    service = serving()
    aside = service.path.with_suffix(".aside")
    with Watching(service.url, PAGE) as page, service.stranger() as client:
        page.event("study")
        service.path.rename(aside)
        assert "is gone" in page.event("away")["what"]
        answers = [client.get(path) for path in ("/api/studies", f"/studies/{MAIN}", "/health", "/metrics")]
        aside.rename(service.path)
        page.event("back")
        assert client.get("/api/studies").status_code == 200
        report(service.store, 4)
        assert page.event("study")["trials"]
    assert [answer.status_code for answer in answers] == [503, 503, 503, 200]
    assert answers[0].json()["error"]["kind"] == "StoreAway"
    assert answers[0].headers["retry-after"] == "2"
    assert "Traceback" not in answers[1].text
    assert "nas_store_up 0" in answers[3].text


def test_a_silent_page_hears_a_heartbeat(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.1)
    with Watching(serving().url, "/api/live") as page:
        assert page.comment() == ": watching"
        assert page.comment() == ": still here"


def test_who_reads_too_slowly_is_let_go() -> None:
    watcher = live.Watcher("")
    for number in range(live.WAITING + 1):
        watcher.put(f"event {number}")
    assert watcher.over
    assert watcher.queue.get_nowait() is None
    assert watcher.queue.empty()


def answered(receive: Receive, first: live.First | None = None) -> str:
    """What an event stream sends until it ends."""
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message.get("body", b"").decode())

    async def ended() -> None:
        async with asyncio.timeout(10):
            hub = live.Live(open_store("sqlite://"), lambda: None)
            await live.EventStream(hub, MAIN, {}, first)({}, receive, send)
            assert hub.count == 0

    asyncio.run(ended())
    return "".join(sent)


def test_who_sends_too_much_is_let_go() -> None:
    async def receive() -> Message:
        raise too_large()

    assert answered(receive).startswith(": watching")


def test_a_page_that_could_not_be_told_what_it_missed_comes_back_for_it() -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def first() -> str:
        raise StoreAwayError("locked")

    assert "event: away" in answered(receive, first)


def test_pages_that_were_closed_are_forgotten(serving: Serving) -> None:
    service = serving()
    hub = service.desk.live
    for _ in range(3):
        with Watching(service.url, "/api/live") as page:
            page.comment()
            assert hub.count == 1
        until = time.monotonic() + PATIENT_S
        while hub.count and time.monotonic() < until:
            time.sleep(0.02)
        assert hub.count == 0


def test_open_pages_do_not_hold_up_the_end(seeded: Path, tmp_path: Path) -> None:
    shutil.copy(seeded, tmp_path / "nas.db")
    with open_store(f"sqlite:///{tmp_path}/nas.db") as store, ExitStack() as stack:
        with running(store, Settings(port=0)) as service:
            page = stack.enter_context(Watching(service.url, PAGE))
            page.event("study")
        lines = list(page.lines())
        assert "0" in lines  # the last chunk: the stream has ended, and was not broken off
        assert not [line for line in lines if line.startswith("event")]


def test_too_many_pages_are_refused(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.dashboard.api.live.WATCHERS", 1)
    service = serving()
    with Watching(service.url, "/api/live") as page, service.stranger() as client:
        page.comment()
        assert client.get("/api/live").status_code == 429


def test_two_hundred_pages_are_told(service: Service) -> None:
    with ExitStack() as stack:
        opened = [stack.enter_context(Watching(service.url, PAGE)) for _ in range(200)]
        for page in opened:
            page.event("study")
        report(service.store, 4)
        for page in opened:
            assert page.event("study")["trials"]
