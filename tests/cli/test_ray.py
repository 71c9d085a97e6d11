"""The default engine, for real: Ray workers that train on digits."""

import json

import pytest

from tests.conftest import Nas


@pytest.mark.ray
def test_a_search_that_trains_through_ray(nas: Nas) -> None:
    done = nas(
        "search", "efficientnet-scaling", "--trials", "2", "--recipe", "epochs=1", "--no-compare", "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ending"] == "finished"
    assert found["study"]["counts"]["complete"] == 2
    assert 0 < found["best"]["metrics"]["accuracy"] <= 1
    assert found["answer"]["best"] == found["best"]["number"]
    assert "slot" in done.stderr
