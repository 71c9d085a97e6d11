"""A study to which everything happens keeps its promises; `make chaos` does more of it."""

from pathlib import Path

import pytest

from tests.cluster.chaos import Plan, run
from tests.cluster.conftest import need_hosts
from tests.cluster.faults import FAULTS

SHORT = Plan(seed=1, trials=48, slots=8, faults=8, heads=0, hosts=2, lease_s=4.0, limit_s=240.0)


@pytest.mark.ray
def test_no_fault_loses_or_repeats_anything(tmp_path: Path) -> None:
    need_hosts()
    report = run(SHORT, tmp_path, print)
    print(report.table())
    assert report.verdict.wrong == []
    assert report.struck.total() == 8
    assert set(report.struck) == set(FAULTS) - {"head"}
