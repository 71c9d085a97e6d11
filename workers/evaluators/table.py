"""Results looked up in a table: `table:PATH`; what such a file looks like is said in `workers.tables`."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nas.errors import InfeasibleError, NasError, TableError
from nas.records import Evaluation, Evaluator, Metrics, Objective
from workers.data.paths import Place
from workers.evaluators.base import KINDS

if TYPE_CHECKING:  # numpy and a space, for those who look up
    from nas.space.space import Space
    from workers.tables.table import Table

LOOKED = 100
"""Random feasible points that a table must have before a study on it begins."""


@KINDS.register(
    "table", "results looked up in a table instead of trained: table:PATH.csv, table:PATH.parquet"
)
class TableKind:
    """Tables by their files."""

    def evaluator(self, argument: str) -> Evaluator:
        """The results of the file; raises `TableError`."""
        if not argument:
            raise TableError("evaluator 'table:' says not which file: type table:PATH")
        return Results(Place.parse("table", argument))

    def objective(self, argument: str) -> Objective:
        """`error`, as after training."""
        return Objective("error")

    def arguments(self) -> Sequence[str]:
        """Any file."""
        return ["PATH"]


@dataclass(frozen=True)
class Results:
    """The evaluator of one file, which is read once a process, when it is first asked for something."""

    place: Place
    repeatable = True
    """Looked up again, a result is the same: fresh seeds tell nothing."""

    def __call__(self, evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
        """The epochs of the network's row; a result that is no number ends the trial as diverged."""
        request = evaluation.request
        table = self.table(request.space)
        row = table.find(request.point, lambda: str(evaluation.architecture.arch_id))
        epochs = int(request.recipe.get("epochs", table.last))
        yield from table.steps(row, request.objectives, epochs, {limit.metric for limit in request.limits})

    @property
    def name(self) -> str:
        """With the absolute path and the mark of the content: the same on every machine."""
        from workers.tables.reading import fingerprint

        return self.place.marked(fingerprint)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Training as long as the table knows of."""
        from workers.tables.reading import read_header
        from workers.tables.table import last_epoch

        return {"epochs": last_epoch(read_header(self.place.path))}

    def check(self, space: "Space", objectives: Sequence[Objective], recipe: Mapping[str, Any]) -> None:
        """Raise `TableError` if the file lacks objectives other than costs, or random points of the space."""
        import numpy as np

        table, rng = self.table(space.document), np.random.default_rng(0)
        table.check(objectives, recipe.get("epochs"))
        try:
            drawn = [space.sample(rng) for _ in range(LOOKED)]
        except InfeasibleError:  # hardly any point can be: the search says so
            return
        points = list({repr(point): point for point in drawn}.values())
        if missing := [point for point in points if not table.has(point, space)]:
            shown = " ".join(f"{name}={value}" for name, value in missing[0].items())
            raise TableError(
                f"{table.name} lacks {len(missing)} of {len(points)} random points of space {space.name}, "
                f"such as {shown}: a search needs them all; narrow the space to what the table has"
            )

    def epochs_told(self, space: "Space", objectives: Sequence[Objective]) -> Sequence[int]:
        """Those that the table has."""
        return self.table(space.document).epochs(objectives)

    def refuse_unknown(self, metric: str, space: "Space", option: str) -> None:
        """Raise `TableError` if the file has no metric that an option names."""
        table = self.table(space.document)
        if metric not in table.metrics:
            listed = ", ".join(table.metrics)
            raise TableError(f"{option} {metric}: {table.name} has no such metric; its metrics are {listed}")

    def best(self, space: "Space", objective: Objective, epochs: int) -> float:
        """The best value that the table has."""
        return self.table(space.document).best(objective, epochs)

    def table(self, document: Mapping[str, Any]) -> "Table":
        """The file as a table of the space of `document`."""
        from workers.tables.reading import fingerprint

        mark = self.place.mark or fingerprint(self.place.path)
        return _table(replace(self.place, mark=mark), json.dumps(document))


@functools.lru_cache(maxsize=4)
def _table(place: Place, document: str) -> "Table":
    from workers.spaces import space_of
    from workers.tables.reading import fingerprint, read_sheet
    from workers.tables.table import Table

    path = place.path
    if (found := fingerprint(path)) != place.mark:
        raise TableError(
            f"table {path} is not the one that was specified: its content has the mark {found} here, "
            f"{place.mark} was expected; give all workers the same file, or start a new study"
        )
    return Table(read_sheet(path), space_of(json.loads(document)))


def results_of(name: str) -> Results:
    """The results behind an evaluator's name; raises `NasError` if it looks up nothing."""
    from workers.evaluators.base import evaluator

    found = evaluator(name) if name.startswith("table:") else None
    if not isinstance(found, Results):
        raise NasError(f"evaluator {name!r} has no table of results: type --evaluator table:PATH")
    return found
