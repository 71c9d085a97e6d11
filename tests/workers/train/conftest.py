"""One thread: these networks are too small for two, and the machine may be busy."""

from collections.abc import Iterator

import pytest

from workers.train.device import cpu_threads


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with cpu_threads(1):
        yield
