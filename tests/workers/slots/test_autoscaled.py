"""Where an autoscaler starts nodes on demand a search asks for them, trains there, and lets them go."""

from pathlib import Path

import pytest

from nas.records import StudySpec, TrialState
from nas.search.driver import drive
from nas.search.events import DriverEvent, Progress
from nas.search.study import Study
from nas.store import open_store
from tests.workers.slots.autoscaler import autoscaled
from tests.workers.slots.nodes import until
from tests.workers.slots.test_elastic import SPACE
from workers.slots.ray import RaySlots

pytestmark = [pytest.mark.ray, pytest.mark.slow]


class _Hand:
    """Ends trial 1 once both run, and trial 2 once the node that is of no more use has gone."""

    def __init__(self, slots: RaySlots, folder: Path) -> None:
        self.slots, self.folder = slots, folder
        self.seen: list[tuple[int, int]] = []
        """Nodes and trials that run, as they changed."""

    @property
    def nodes(self) -> int:
        return sum(node.get("CPU", 0.0) > 0 for node in self.slots._watch.nodes.values())

    def on_event(self, event: DriverEvent) -> None:
        if not isinstance(event, Progress):
            return
        now = self.nodes, event.counts[TrialState.RUNNING]
        self.seen += [now] if self.seen[-1:] != [now] else []
        if now == (2, 2):
            (self.folder / "1").touch()
        if now == (1, 1) and event.counts[TrialState.COMPLETE] == 1:
            (self.folder / "2").touch()


def test_nodes_come_for_the_work_there_is_and_go_with_it(tmp_path: Path) -> None:
    evaluator = "python:tests.workers.standins.held"
    spec = StudySpec(space=SPACE, data="digits", recipe={}, evaluator=evaluator, sampler="random")
    (tmp_path / "s").mkdir()
    with autoscaled(tmp_path, most=3) as address:
        slots = RaySlots(address=address)
        hand = _Hand(slots, tmp_path / "s")
        try:
            assert (slots.total, hand.nodes) == (0, 0)
            with open_store(f"sqlite:///{tmp_path}/nas.db") as store:
                row = store.create_study("s", spec, 2, str(tmp_path / "s"))
                drive(Study(store, "s"), slots, listener=hand)
                assert [trial.state for trial in store.trials(row.id)] == [TrialState.COMPLETE] * 2
            assert max(nodes for nodes, _ in hand.seen) == 2, "no more than there was work for"
            assert hand.seen[-1][0] <= 1
            until(slots, lambda: hand.nodes == 0, "the last node to go")
        finally:
            slots.close()
