"""One column of a table of results as a score, at no cost: what a proxy would say of a network.

`column:METRIC:PATH` is to a study on `table:PATH` what `proxy:NAME` is to one that trains.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nas.errors import TableError
from nas.records import Evaluation, Evaluator, Metrics, Objective
from workers.data.paths import Place
from workers.evaluators.base import KINDS
from workers.evaluators.table import Results


@KINDS.register("column", "a column of a table as a score: column:naswot:PATH.csv")
class ColumnKind:
    """Columns by metric and file."""

    def evaluator(self, argument: str) -> Evaluator:
        """The metric's column of the file."""
        metric, _, path = argument.partition(":")
        if not metric or not path:
            raise TableError(f"evaluator 'column:{argument}': type column:METRIC:PATH")
        return Column(metric, Results(Place.parse("table", path)))

    def objective(self, argument: str) -> Objective:
        """The metric, more being better, as scores are."""
        return Objective(argument.partition(":")[0], minimize=False)

    def arguments(self) -> Sequence[str]:
        """Any metric of any file."""
        return ["METRIC:PATH"]


@dataclass(frozen=True)
class Column:
    """The evaluator of one column."""

    metric: str
    results: Results

    def __call__(self, evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
        """The value in the network's row, after no time; one that is no number ends as diverged."""
        table = self.results.table(evaluation.request.space)
        row = table.find(evaluation.request.point, lambda: str(evaluation.architecture.arch_id))
        last = max(table.metrics[self.metric])
        yield 1, {self.metric: float(table.metrics[self.metric][last].numbers[row]), "seconds": 0.0}
