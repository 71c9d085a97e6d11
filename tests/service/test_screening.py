"""`--screen`, as it is typed."""

import json
from pathlib import Path

import pytest

from nas.errors import NasError, TableError, UnknownNameError
from nas.records import Screen
from nas.service.specify import SearchOptions, specify
from tests.conftest import Nas
from tests.workers.tables.making import BOWL, bowl


@pytest.fixture
def space(tmp_path: Path) -> str:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    return str(tmp_path / "bowl.yaml")


def screen(space: str, text: str, evaluator: str = "train") -> Screen | None:
    return specify(SearchOptions(space=space, screen=text, evaluator=evaluator)).screen


def test_a_proxy_and_how_many_candidates(space: str) -> None:
    assert screen(space, "naswot") == Screen("naswot", "proxy:naswot", 8)
    assert screen(space, "synflow:32") == Screen("synflow", "proxy:synflow", 32)
    assert specify(SearchOptions(space=space)).screen is None


def test_a_table_gives_its_own_column(space: str, tmp_path: Path) -> None:
    table = bowl(tmp_path / "t.csv")
    found = screen(space, "final:max:4", f"table:{table}")
    assert found is not None
    kind, metric, place = found.evaluator.split(":", 2)
    assert (kind, metric, place.partition("@")[0]) == ("column", "final", str(table))
    assert found.pool == 4
    assert not found.minimize
    less = screen(space, "error:min", f"table:{table}")
    assert less is not None
    assert less.minimize
    with pytest.raises(NasError, match="is more of this column better, or less"):
        screen(space, "error", f"table:{table}")
    with pytest.raises(
        TableError, match="--screen naswot: .*t.csv has no such metric; its metrics are error, final, seconds"
    ):
        screen(space, "naswot", f"table:{table}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("naswot:", "write PROXY or PROXY:CANDIDATES"),
        ("naswot:many", "write PROXY or PROXY:CANDIDATES"),
        ("naswot:1", "--screen: candidates a trial 1: it is a whole number from 2 to 10,000"),
    ],
)
def test_mistakes(space: str, text: str, message: str) -> None:
    with pytest.raises(NasError, match=message):
        screen(space, text)


def test_an_unknown_proxy_is_named_with_the_nearest(space: str) -> None:
    with pytest.raises(UnknownNameError, match="naswot"):
        screen(space, "naswott")


@pytest.mark.parametrize("sampler", ["auto", "tpe"])
def test_a_search_on_a_table_with_advice(space: str, tmp_path: Path, nas_here: Nas, sampler: str) -> None:
    """The column `final` is best where the error is: the first trial is far better than chance."""
    table = bowl(tmp_path / "t.csv")
    words = ("search", space, "--evaluator", f"table:{table}", "--engine", "simulated", "--workers", "2")
    done = nas_here(*words, "--screen", "final:max", "--trials", "12", "--sampler", sampler)
    assert done.returncode == 0, done.stderr
    assert "finished" in done.stdout


@pytest.mark.parametrize(
    ("column", "better"), [("error:min", True), ("final:max", True), ("error:max", False)]
)
def test_advice_is_taken_the_right_way_round(
    space: str, tmp_path: Path, nas_here: Nas, column: str, better: bool
) -> None:
    """Both columns know the result: from 16 candidates the first trial is among the best, or the worst."""
    table = bowl(tmp_path / "t.csv")
    words = ("search", space, "--evaluator", f"table:{table}", "--engine", "simulated", "--study", "a")
    done = nas_here(*words, "--screen", f"{column}:16", "--trials", "1", "--sampler", "random", "--json")
    assert done.returncode == 0, done.stderr
    (first,) = json.loads(nas_here("trials", "a", "--json").stdout)
    assert (first["values"][0] < 0.1) is better
