"""A write that changes nothing: whether the store takes writes, and how long a commit takes."""

import time

from sqlalchemy import text

from nas.store.tables import VERSION_TABLE
from nas.store.unit import Units


class PulseWrites(Units):
    """The part of a `Store` that is written to for its own sake."""

    def pulse(self) -> float:
        """Seconds that one committed write takes."""
        began = time.perf_counter()
        with self._writing() as connection:
            connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = version_num"))
        return time.perf_counter() - began
