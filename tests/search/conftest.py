"""A store and studies for the tests of search."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nas.search.study import Study
from nas.space.space import Space
from nas.store import Store, open_store
from tests.search.spaces import spec_of, tiny
from tests.store.stores import empty

MakeStudy = Callable[..., Study]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh SQLite store in a file."""
    with open_store(empty(tmp_path / "nas.db")) as opened:
        yield opened


@pytest.fixture
def make_study(store: Store) -> MakeStudy:
    """Makes a study over a space: `make_study(space, budget=24, sampler="tpe")`."""

    def make(space: Space | None = None, *, budget: int = 12, name: str = "s", **changes: Any) -> Study:
        spec = spec_of(space or tiny(), **changes)
        store.create_study(name, spec, budget, f"{store.artifacts}/{name}")
        return Study(store, name)

    return make
