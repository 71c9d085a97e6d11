"""A driver's draw numbers: each is drawn once, whoever draws it."""

from nas.store import Store

SLOTS = "slots of driver "
"""The study attributes that say how many slots each driver had."""

AHEAD = 64
"""Draws reserved ahead where most are refused: a transaction takes longer than such a draw."""


class Draws:
    """Numbers that the store has reserved for one driver, in order."""

    def __init__(self, store: Store, study_id: int, driver_id: int = 0) -> None:
        self._store, self._study_id = store, study_id
        self._mine = range(0)
        self.refused = store.return_draws(study_id, driver_id) if driver_id else 0
        """How many were refused before since the last that became a trial: a sampler that was stuck with the
        driver before still is, so that one slot makes the same trials however often it is stopped."""

    def take(self, count: int, *, ahead: bool) -> range:
        """Up to `count` of the next numbers; `ahead`: more will be asked for soon."""
        if not self._mine:
            more = count + (AHEAD if ahead else 0)
            first = self._store.reserve_draws(self._study_id, more)
            self._mine = range(first, first + more)
        taken, self._mine = self._mine[:count], self._mine[count:]
        return taken
