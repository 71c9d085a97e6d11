"""Stoppers that could not decide anything are refused when a search is specified."""

from pathlib import Path

import pytest

from nas.errors import NasError
from nas.search.stoppers import STOPPERS
from nas.service.specify import SearchOptions, specify

WATCHERS = [name for name in STOPPERS.names() if STOPPERS[name]().watches]
DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize("stopper", WATCHERS)
@pytest.mark.parametrize("evaluator", ["proxy:naswot", "latency"])
def test_evaluators_that_give_one_value_have_no_curves(stopper: str, evaluator: str) -> None:
    options = {"objective": "latency_ms:min"} if evaluator == "latency" else {}
    with pytest.raises(
        NasError, match=f"{stopper}.* needs curves of at least two epochs.*leave out --stopper"
    ):
        specify(SearchOptions(space="linear", evaluator=evaluator, stopper=stopper, **options))
    assert specify(SearchOptions(space="linear", evaluator=evaluator, **options)).stopper == "none"


@pytest.mark.parametrize("stopper", WATCHERS)
def test_a_table_needs_two_epochs_among_those_asked_for(stopper: str) -> None:
    table, space = f"table:{DATA / 'digits_curves.csv.gz'}", str(DATA / "digits-curves.yaml")
    assert specify(SearchOptions(space=space, evaluator=table, stopper=stopper)).recipe["epochs"] == 27
    with pytest.raises(NasError, match="at least two epochs"):
        specify(SearchOptions(space=space, evaluator=table, stopper=stopper, recipe={"epochs": 1}))


def test_a_search_over_epochs_has_no_curves_to_compare() -> None:
    asked = SearchOptions(space="linear", stopper="asha", recipe={"epochs": "=2 * pool"})
    with pytest.raises(NasError, match=r"'=2 \* pool', which is searched: set --recipe epochs=N"):
        specify(asked)


def test_training_for_one_epoch_is_refused() -> None:
    with pytest.raises(NasError, match="at least two epochs"):
        specify(SearchOptions(space="linear", stopper="curve", recipe={"epochs": 1}))
