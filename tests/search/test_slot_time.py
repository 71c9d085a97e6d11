"""Slots that come and go are counted for as long as they are there, and hear what work there is."""

from pathlib import Path

from nas.records import Ending, EpochReport
from nas.search.clock import VirtualClock
from nas.search.driver import drive
from nas.search.events import DriverEvent
from nas.search.interrupts import Interrupts
from nas.search.slot_time import SlotTime
from nas.search.study import Study
from nas.service.usage import usage
from nas.store import open_store
from tests.search import scripted
from tests.search.conftest import MakeStudy
from tests.search.scripted import Recorder, ScriptedSlots
from tests.search.spaces import spec_of, tiny
from tests.search.test_driver import bowl
from workers.slots.simulated import SimulatedSlots


def test_time_is_added_up_as_the_slots_were() -> None:
    clock = VirtualClock()
    slots = SimulatedSlots(2, clock)
    time = SlotTime(slots, clock.now)
    clock.advance(10.0)
    assert (time.look(), time.seconds) == (None, 20.0)
    slots.total = 5  # they came since the last look
    clock.advance(12.0)
    assert (time.look(), time.total, time.seconds) == (2, 5, 24.0)
    clock.advance(13.0)
    time.join()
    assert (time.seconds, time.leased_s) == (29.0, 0.0)
    slots.total = 0
    clock.advance(14.0)
    assert (time.look(), time.seconds, time.leased_s) == (5, 34.0, 5.0)
    clock.advance(99.0)
    assert (time.look(), time.seconds) == (None, 34.0)


def test_a_study_keeps_what_its_drivers_had(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/nas.db") as store:
        row = store.create_study("s", spec_of(tiny()), 4, str(tmp_path))
        study = Study(store, "s")
        with study.joined():
            study.note_slots(3, slot_s=1000.0)
            study.note_slots(0, slot_s=2000.0)
            assert usage(store, store.study("s")).slot_s == 2000.0
            study.note_slots(7, slot_s=3000.0)
        assert 3000.0 <= usage(store, store.study(row.name)).slot_s < 3700.0


class _Followers(ScriptedSlots):
    """Slots that hear how many trials could run."""

    heard: list[int]

    def aim(self, trials: int) -> None:
        self.heard = [*getattr(self, "heard", []), trials]


def test_slots_hear_what_work_is_left(make_study: MakeStudy) -> None:
    clock = scripted.VirtualClock()
    slots = _Followers(2, bowl, clock)
    drive(make_study(budget=5, sampler="random"), slots, clock=clock)
    assert slots.heard[0] == 5
    assert slots.heard == sorted(slots.heard, reverse=True)
    assert slots.heard[-1] == 0


def test_slots_hear_that_a_study_drains(make_study: MakeStudy) -> None:
    clock, interrupts = scripted.VirtualClock(), Interrupts()
    slots = _Followers(2, bowl, clock)

    def press(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and event.epoch == 1 and not interrupts.count:
            interrupts.press()

    study = make_study(budget=9, sampler="random")
    ended = drive(study, slots, clock=clock, listener=Recorder(press), interrupts=interrupts)
    assert ended.ending is Ending.DRAINED
    assert set(slots.heard) == {9, 2}
