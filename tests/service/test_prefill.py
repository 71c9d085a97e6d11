from pathlib import Path

import pytest

from nas.service.actions.request import SearchRequest
from nas.service.prefill import from_trial
from nas.service.specify import SearchOptions, differences, specify
from nas.store import open_store
from tests.service.actions.pasted import MINE


@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(space="vgg", objective="error,macs", most=("params=2M",), seed=3),
        SearchOptions(space="lenet", recipe={"epochs": 3}, stopper="median", least=("accuracy=0.5",)),
        SearchOptions(space="lenet", settings={"scale": 2}, evaluator="cost", objective="params"),
        SearchOptions(space="", space_yaml=MINE, evaluator="cost", objective="macs", most=("params=5k",)),
        SearchOptions(space="cell", profile="digits", objective="accuracy:max", screen="naswot:4"),
    ],
)
def test_a_study_begun_from_another_is_the_same_search(tmp_path: Path, options: SearchOptions) -> None:
    spec = specify(options)
    with open_store(f"sqlite:///{tmp_path}/nas.db") as store:
        store.create_study("first", spec, 12, f"{tmp_path}/first")
        filled = from_trial(store, "first")
    assert differences(spec, specify(SearchRequest(**filled.request).options())) == []
    assert filled.request["trials"] == 12
