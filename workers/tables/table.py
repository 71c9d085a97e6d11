"""A table of results in a space: rows by point and by network, curves by epoch."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nas.cost.cost import COSTS
from nas.errors import TableError, did_you_mean
from nas.records import Objective
from nas.space.space import Space
from workers.tables.columns import ARCH_ID, Keys, Values, epoch_of, metric_values, parameter_of, point_key
from workers.tables.reading import Sheet

SECONDS = "seconds"


@dataclass(frozen=True)
class Bounded(Objective):
    """A metric that a study needs for a limit only."""

    asked: str = ""
    """The limit as it is typed."""


class Table:
    """A sheet whose columns are understood; raises `TableError` for whatever is wrong in it."""

    def __init__(self, sheet: Sheet, space: Space) -> None:
        self.name, self.space, self.rows = sheet.name, space, sheet.rows
        keys = Keys(sheet, space)
        if not keys.any and ARCH_ID not in sheet.columns:
            wanted = ", ".join(space.parameters)
            raise TableError(
                f"{self.name} does not say which network a row is: space {space.name} has the parameters "
                f"{wanted}; name columns so, or give a column arch_id (found: {', '.join(sheet.columns)})"
            )
        if not self.rows:
            raise TableError(f"{self.name} has a header, but no rows")
        self._points = self._unique(keys.all(), "point") if keys.any else {}
        self._networks = self._by_arch_id(sheet, only=not keys.any)
        self.metrics: dict[str, dict[int, Values]] = {}
        """Values by metric and epoch."""
        self.last = last_epoch(list(sheet.columns))
        for column in sheet.columns:
            if column != ARCH_ID and not parameter_of(column, space)[0]:
                self._add(sheet, column)
        if not self.metrics:
            raise TableError(f"{self.name} has no metric: every column names a parameter")
        self._time()

    # Looking up

    def find(self, point: Mapping[str, Any], arch_id: Callable[[], str]) -> int:
        """The row of a point (from 0), or else of its network, whose id is then asked for."""
        row = self._points.get(point_key(point, self.space))
        if row is None and self._networks:
            row = self._networks.get(arch_id())
        if row is None:
            shown = " ".join(f"{name}={value}" for name, value in point.items())
            raise TableError(f"{self.name} has no row for {shown}")
        return row

    def has(self, point: Mapping[str, Any], space: Space) -> bool:
        """Whether a feasible point has a row."""
        try:
            self.find(point, lambda: space.architecture(point).arch_id)
        except TableError:
            return False
        return True

    def steps(
        self, row: int, objectives: Sequence[Objective], epochs: int, needed: Collection[str] = ()
    ) -> Iterator[tuple[int, dict[str, float]]]:
        """The epochs up to `epochs` at which all objectives are known, each with all that is known then.

        Of objectives and what else is `needed`, numbers that are none are told too.
        """
        needed = {*needed, *(objective.metric for objective in objectives)}
        for epoch in self.epochs(objectives):
            if epoch <= epochs:
                yield epoch, self.at(row, epoch, needed)

    def at(self, row: int, epoch: int, needed: Collection[str]) -> dict[str, float]:
        """A row's metrics after an epoch; numbers that are none only where they are needed."""
        found: dict[str, float] = {}
        for metric, curve in self.metrics.items():
            values = curve.get(epoch)
            if values is not None and not values.empty[row]:
                number = float(values.numbers[row])
                if np.isfinite(number) or metric in needed:
                    found[metric] = number
        return found

    def epochs(self, objectives: Sequence[Objective]) -> list[int]:
        """At which all objectives are known, rising; costs are known at any."""
        known = [set(self.metrics.get(metric, {})) for metric in _measured(objectives)]
        return sorted(set.intersection(*known) if known else set[int]().union(*self.metrics.values()))

    def best(self, objective: Objective, epochs: int) -> float:
        """The best value of an objective after `epochs` that any row has."""
        if objective.metric not in self.metrics:
            raise TableError(f"{self.name} has no metric {objective.metric!r}, so no best value of it")
        curve = self.metrics[objective.metric]
        if epochs not in curve:
            listed = ", ".join(map(str, sorted(curve)))
            raise TableError(
                f"{self.name} does not have {objective.metric} after {epochs} epochs: it has it after "
                f"{listed}; set --recipe epochs=N to one of these"
            )
        values = curve[epochs]
        numbers = values.numbers[~values.empty & np.isfinite(values.numbers)]
        if not len(numbers):
            raise TableError(f"{self.name}: no row has a value of {objective.metric}")
        return float(numbers.min() if objective.minimize else numbers.max())

    # What a study asks of it

    def check(self, objectives: Sequence[Objective], epochs: object) -> None:
        """Raise `TableError` if objectives are missing, as a whole, at the last epoch, or in single rows.

        Costs are not asked of it.
        """
        for objective in objectives:
            if objective.metric not in self.metrics and objective.metric not in COSTS:
                raise TableError(self._lacking(objective))
        there = self.epochs(objectives)
        if isinstance(epochs, int) and epochs not in there:
            listed = ", ".join(map(str, there)) or "none"
            raise TableError(
                f"{self.name} does not have all objectives after {epochs} epochs: it has them after "
                f"{listed}; set --recipe epochs=N to one of these"
            )
        played = [epoch for epoch in there if not isinstance(epochs, int) or epoch <= epochs]
        for metric in {*_measured(objectives), *(self.metrics.keys() & {SECONDS})}:
            self._refuse_empty(metric, played)

    def _lacking(self, objective: Objective) -> str:
        """That there is no such metric, and what may be said in its place."""
        name = objective.metric
        said = f"{self.name} has no metric {name!r}: its metrics are {', '.join(self.metrics)}"
        if not isinstance(objective, Bounded):
            return f"{said}; say which with --objective NAME:min or NAME:max"
        hint = did_you_mean(name, [*self.metrics, *COSTS])
        return (
            f"{objective.asked}: {said}; a limit is of one of these, or of a cost: {', '.join(COSTS)}{hint}"
        )

    def _refuse_empty(self, metric: str, epochs: Sequence[int]) -> None:
        for epoch in epochs:
            empty = np.flatnonzero(self.metrics[metric][epoch].empty)
            if len(empty):
                plural = "s" if len(empty) > 1 else ""
                raise TableError(
                    f"{self.name}: {len(empty):,} row{plural} without {metric} after {epoch} epochs, first "
                    f"row {empty[0] + 1}; fill it in (nan: the training diverged) or leave the row out"
                )

    # Making it

    def _unique(self, keys: Sequence[Any], what: str) -> dict[Any, int]:
        rows: dict[Any, int] = {}
        for row, key in enumerate(keys):
            if key in rows:
                raise TableError(f"{self.name}: rows {rows[key] + 1} and {row + 1} are of one {what}")
            rows[key] = row
        return rows

    def _by_arch_id(self, sheet: Sheet, *, only: bool) -> dict[str, int]:
        ids = [str(cell) for cell in sheet.columns.get(ARCH_ID, [])]
        if only:
            return self._unique(ids, "arch_id")
        return {arch_id: row for row, arch_id in reversed(list(enumerate(ids)))}

    def _add(self, sheet: Sheet, column: str) -> None:
        metric, epoch = epoch_of(column)
        if not metric.replace("_", "a").isidentifier() or epoch == 0:
            raise TableError(
                f"{self.name}: column {column!r} is neither a parameter of space {self.space.name} "
                f"({', '.join(self.space.parameters)}) nor a metric, METRIC or METRIC@EPOCH"
            )
        values = metric_values(sheet, column, self.space)
        curve = self.metrics.setdefault(metric, {})
        if (epoch or self.last) in curve:
            raise TableError(
                f"{self.name} has {metric} after {self.last} epochs twice: {metric} and {column}"
            )
        if metric == SECONDS and ((values.numbers < 0) | ~np.isfinite(values.numbers)).any():
            raise TableError(f"{self.name}: column {column} has a number that is no time in seconds")
        curve[epoch or self.last] = values

    def _time(self) -> None:
        """Seconds after every epoch: where only the whole is known, each has its share."""
        curve = self.metrics.get(SECONDS)
        if curve is None:
            return
        known = {epoch for epochs in self.metrics.values() for epoch in epochs}
        if set(curve) == {self.last}:
            whole = curve[self.last]
            for epoch in known:
                curve[epoch] = Values(whole.numbers * (epoch / self.last), whole.empty)
        if missing := sorted(known - set(curve)):
            raise TableError(
                f"{self.name} has metrics after {missing[0]} epochs, but no seconds@{missing[0]}"
            )


def _measured(objectives: Sequence[Objective]) -> list[str]:
    """The metrics of objectives that are no costs: those have their exact price."""
    return [objective.metric for objective in objectives if objective.metric not in COSTS]


def last_epoch(columns: Sequence[str]) -> int:
    """The last epoch that a header speaks of; 1 if it speaks of none."""
    return max((epoch_of(column)[1] or 1 for column in columns), default=1)
