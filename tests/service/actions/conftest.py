"""Studies whose drivers run for as long as a test wants, without training."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas.service.actions import Drivers, SearchRequest
from nas.store import Store, open_store
from tests.cluster.processes import until

__all__ = ["asked", "drivers", "store", "url"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A SQLite file in a folder with a blank in its name."""
    (folder := tmp_path / "a store").mkdir()
    return f"sqlite:///{folder}/nas.db"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of drivers for servers goes where nobody keeps it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def drivers(store: Store, url: str) -> Iterator[Drivers]:
    """The drivers of the store; those that a test leaves behind are stopped."""
    made = Drivers(url)
    yield made
    end(made)
    made.close()


def end(drivers: Drivers) -> None:
    """Pause all that runs, and wait until it is gone."""
    from nas.service.actions import pause

    with open_store(drivers._url) as opened:
        for driver in drivers.running():
            pause(opened, driver.study)
    until(lambda: not drivers.running(), "the drivers to end")


Asked = Callable[..., SearchRequest]


@pytest.fixture
def asked() -> Asked:
    """A search on digits of a large space, priced and not trained: endless by its budget, quick to begin."""

    def ask(**more: object) -> SearchRequest:
        usual: dict[str, object] = {
            "space": "regnet",
            "data": "digits",
            "study": "s",
            "evaluator": "cost",
            "objective": "macs",
            "sampler": "random",
            "engine": "inline",
            "trials": 1_000_000,
        }
        return SearchRequest(**{**usual, **more})  # type: ignore[arg-type]

    return ask
