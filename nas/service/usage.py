"""What a study has made of its draws and of its slots: the shares that became trials, and that were busy."""

from dataclasses import dataclass

from nas.search.draws import SLOTS
from nas.store import Store
from nas.store.rows import DriverRow, StudyRow

ROUNDING = 1.02
"""Busier than this is no share: the trials had a clock of their own, as on simulated slots."""


@dataclass(frozen=True)
class Usage:
    """Counted in the store, over all drivers that the study has had."""

    accepted: int
    """Draws that became trials."""
    refused: int
    """Draws that were refused before anything was spent."""
    acceptance: float | None
    """The share of all draws that became trials; None before the first."""
    busy_s: float
    """Seconds in which slots worked on attempts."""
    slot_s: float
    """Seconds in which there were slots: a driver's time, times how many it had."""
    utilisation: float | None
    """The share of the slots' time in which they worked; None where that is not known."""


def usage(store: Store, row: StudyRow) -> Usage:
    """A study's, by now."""
    known, now_s = store.study_attributes(row.id), store.now_s()
    slot_s, ends = 0.0, dict[int, float]()
    for driver in store.drivers(row.id):
        if f"{SLOTS}{driver.id}" in known:  # else it only trained a comparison
            ends[driver.id] = _end_s(driver, now_s)
            slots = known[f"{SLOTS}{driver.id}"]
            slot_s += slots["slot_s"] + slots["total"] * max(0.0, ends[driver.id] - slots["since_s"])
    accepted, refused = store.drawn(row.id)
    busy_s = store.busy_s(row.id, ends)
    acceptance = accepted / (accepted + refused) if accepted + refused else None
    known_share = 0 < busy_s <= slot_s * ROUNDING
    utilisation = min(1.0, busy_s / slot_s) if known_share else None
    return Usage(accepted, refused, acceptance, busy_s, slot_s, utilisation)


def _end_s(driver: DriverRow, now_s: float) -> float:
    """One that died was buried later, and has not worked for longer than its lease."""
    return min(now_s if driver.ended_s is None else driver.ended_s, driver.lease_until_s)
