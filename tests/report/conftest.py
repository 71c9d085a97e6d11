"""A study of 2,000 trials and one of 300, made once; and what they report."""

from collections.abc import Iterator

import pytest

from nas.report import report
from nas.store import Store, open_store
from tests.report.making import study
from tests.report.reading import Report

LARGE, OTHER = "resnet-large", "senet"
COUNT, FEWER = 2_000, 300


@pytest.fixture(scope="package")
def large() -> Iterator[Store]:
    """Two studies on one data set."""
    with open_store("sqlite://") as store:
        study(store, LARGE, COUNT)
        study(store, OTHER, FEWER, space="senet", better=0.3)
        yield store


@pytest.fixture(scope="package")
def whole(large: Store) -> str:
    """The report of the large study."""
    return report(large, [LARGE])


@pytest.fixture(scope="package")
def beside(large: Store) -> str:
    """The report of both."""
    return report(large, [LARGE, OTHER])


@pytest.fixture(scope="package")
def small() -> Iterator[str]:
    """The report of few trials, every figure in it: axe looks at each mark of each chart."""
    with open_store("sqlite://") as store:
        study(store, "small", 40)
        yield report(store, ["small"])


@pytest.fixture(scope="package")
def read(whole: str) -> Report:
    """The report of the large study, taken apart."""
    return Report(whole)


@pytest.fixture
def store() -> Iterator[Store]:
    """A store in memory."""
    with open_store("sqlite://") as opened:
        yield opened
