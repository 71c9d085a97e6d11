"""What a search shows while it runs: a live table on a terminal, one line a trial in a pipe."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from nas.cli.front import figure
from nas.cli.render import shares, unheard
from nas.records import EpochReport, Limit, Objective, TrialState
from nas.search.events import (
    DriverEvent,
    Ended,
    Joined,
    Listener,
    Note,
    Progress,
    TrialEnded,
    TrialRequeued,
    TrialStarted,
)
from nas.search.frontier import Frontier, Told, frontier
from nas.search.outcome import beyond
from nas.service.plain import counted, settings, shown, si, span

if TYPE_CHECKING:
    from rich.console import RenderableType

TENTHS = 10
"""Lines of a long training."""
DONE = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)


class Standing:
    """Where a study stands, kept from a driver's events."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.budget, self.done, self.done_at_start = 0, 0, -1
        self.one_network = False
        """Whether all trials train the same one."""
        self.metric, self.minimize = "", True
        self.best: tuple[int, float] | None = None
        self.objectives, self.limits = tuple[Objective, ...](), tuple[Limit, ...]()
        self.told: dict[int, Told] = {}
        """Complete trials by number, with several objectives."""
        self._front, self._seen = Frontier(), 0
        self.acceptance: float | None = None
        self.utilisation: float | None = None
        self.running: dict[int, TrialStarted] = {}
        self.epochs: dict[int, EpochReport] = {}

    def take(self, event: DriverEvent) -> None:
        """Bring it up to date."""
        if isinstance(event, Joined):
            self.objectives, self.limits = event.study.spec.objectives, event.study.spec.limits
            objective = self.objectives[0]
            self.metric, self.minimize = objective.metric, objective.minimize
            self.budget = event.study.budget
            self.one_network = self.budget <= event.study.spec.repeat
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, TrialStarted):
            self.running[event.request.number] = event
        elif isinstance(event, EpochReport):
            self.epochs[event.number] = event
        elif isinstance(event, TrialEnded):
            self._end(event)
        elif isinstance(event, TrialRequeued):
            self.running.pop(event.number, None)

    def _progress(self, event: Progress) -> None:
        self.budget, self.done = event.budget, sum(event.counts[state] for state in DONE)
        if self.done_at_start < 0:
            self.done_at_start, self.began = self.done, time.monotonic()
        if event.best is not None:
            self.best = (event.best[0], event.best[1][0])
        self.acceptance, self.utilisation = event.acceptance, event.utilisation
        self.told |= {row.number: row for row in event.told}

    def _end(self, event: TrialEnded) -> None:
        outcome = event.outcome
        if not event.accepted:
            return
        self.done += 1
        if outcome.state is not TrialState.COMPLETE:
            return
        feasible = not beyond(outcome.metrics, self.limits)
        if len(self.objectives) > 1:
            self.told[outcome.number] = Told(outcome.number, outcome.values, feasible)
        elif feasible and self._better(outcome.values[0]):
            self.best = (outcome.number, outcome.values[0])

    def forget(self, number: int) -> None:
        """A trial runs no more."""
        self.running.pop(number, None)
        self.epochs.pop(number, None)

    def _better(self, value: float) -> bool:
        if self.best is None:
            return True
        return value < self.best[1] if self.minimize else value > self.best[1]

    def left_s(self) -> float | None:
        """Seconds until the budget is spent at the pace so far; None before the first trial's end."""
        ended = self.done - self.done_at_start
        if ended <= 0:
            return None
        return (time.monotonic() - self.began) / ended * max(0, self.budget - self.done)

    def line(self) -> str:
        """`12/24 done, best error 0.0139 (trial 7), 1:02 left`; of several objectives the front."""
        best = "no result yet"
        if self.told:
            best = self.front()
        elif self.best is not None:
            best = f"best {self.metric} {shown(self.best[1])} (trial {self.best[0]})"
        left = self.left_s()
        soon = f", {span(left)} left" if left is not None else ""
        return f"{self.done}/{self.budget} done, {best}{soon}"

    def shares(self) -> str:
        """`12 % of draws accepted, slots 94 % busy`: what was refused, and what was idle."""
        return shares(self.acceptance, self.utilisation)

    def front(self) -> str:
        """`front of 5 trials, hypervolume 0.0123`, worked out once per complete trial."""
        if self._seen != len(self.told):
            self._seen, self._front = len(self.told), frontier(list(self.told.values()), self.objectives)
        count = len(self._front.numbers)
        plural = "" if count == 1 else "s"
        return f"front of {count} trial{plural}, hypervolume {shown(self._front.hypervolume)}"


class Lines:
    """One line for every trial that ends."""

    def __init__(self, stream: TextIO) -> None:
        self.standing, self.stream = Standing(), stream

    def on_event(self, event: DriverEvent) -> None:
        """Print what a log should have."""
        self.standing.take(event)
        if isinstance(event, TrialEnded):
            self.say(ended_line(self.standing, event))
            self.standing.forget(event.outcome.number)
        elif isinstance(event, Ended) and self.standing.shares():
            self.say(self.standing.shares())
        elif isinstance(event, EpochReport):
            self._epoch(event)
        elif (text := told(event)) is not None:
            self.say(text)

    def _epoch(self, report: EpochReport) -> None:
        """A tenth of the training, where there is no more than one network to wait for."""
        started = self.standing.running.get(report.number)
        epochs: Any = started.request.recipe.get("epochs") if started is not None else None
        if not self.standing.one_network or not epochs:
            return
        if report.epoch == 1 or report.epoch * TENTHS // epochs > (report.epoch - 1) * TENTHS // epochs:
            told = report.metrics.get(self.standing.metric)
            passed = span(time.monotonic() - self.standing.began)
            epoch = f"trial {report.number}: epoch {report.epoch}/{epochs}"
            self.say(f"{epoch}, {self.standing.metric} {shown(told)}, {passed} since the start")

    def say(self, text: str) -> None:
        """One line, at once."""
        with unheard(self.stream):
            print(text, file=self.stream, flush=True)


def told(event: DriverEvent) -> str | None:
    """The line of an event that has one, trials' ends apart."""
    if isinstance(event, Joined):
        row, spec = event.study, event.study.spec
        plural = "" if event.slots == 1 else "s"
        return (
            f"study {row.name}: {counted(row.budget, 'trial')} of {spec.space_name} on {spec.data}, "
            f"sampler {spec.sampler}, {event.slots} slot{plural}"
        )
    if isinstance(event, Note):
        return event.message
    if isinstance(event, TrialRequeued):
        last = (event.message.strip().splitlines() or [""])[-1]
        return f"trial {event.number}: attempt {event.attempt} {event.cause.value}, goes on later: {last}"
    return None


def ended_line(standing: Standing, event: TrialEnded) -> str:
    """`trial 7 complete  error 0.0139  21.4 k params  1.02 M macs  alpha=1.15  | 12/24 done, …`."""
    outcome, started = event.outcome, standing.running.get(event.outcome.number)
    parts = [f"trial {outcome.number} {outcome.state.value if event.accepted else 'came too late'}"]
    if outcome.values:
        pairs = zip(standing.objectives, outcome.values, strict=False)
        parts.append("  ".join(f"{o.metric} {figure(o.metric, value)}" for o, value in pairs))
    if outcome.cause is None and (broken := beyond(outcome.metrics, standing.limits)):
        parts.append(broken)
    if outcome.cause is not None:
        last = (outcome.message.strip().splitlines() or [""])[-1]
        parts.append(f"{outcome.cause.value}: {last}")
    if started is not None:
        cost = started.cost
        parts.append(f"{si(cost.get('params'))} params  {si(cost.get('macs'))} macs")
        parts.append(settings(started.request.point))
    return "  ".join(parts) + f"  | {standing.line()}"


class Screen:
    """A table of running trials under a bar, redrawn in place; what ends scrolls by above."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self.standing = Standing()
        self.console = Console(highlight=False, markup=False)
        self.live = Live(console=self.console, get_renderable=self.draw, refresh_per_second=4, transient=True)

    def on_event(self, event: DriverEvent) -> None:
        """Keep the standing; print what ends above the table."""
        self.standing.take(event)
        if isinstance(event, TrialEnded):
            self.console.print(ended_line(self.standing, event).split("  | ")[0])
            self.standing.forget(event.outcome.number)
        elif (text := told(event)) is not None:
            self.console.print(text)
        elif isinstance(event, Ended):
            self.standing.running.clear()
            if self.standing.shares():
                self.console.print(self.standing.shares())

    def draw(self) -> "RenderableType":
        """The present picture."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        grid = Table(box=None, pad_edge=False, header_style="bold")
        for head in ("trial", "epoch", self.standing.metric, "params", "macs", "point"):
            grid.add_column(head, justify="left" if head == "point" else "right", no_wrap=True)
        for number, started in list(self.standing.running.items()):
            grid.add_row(*self._row(number, started))
        bar = ProgressBar(total=max(1, self.standing.budget), completed=self.standing.done, width=30)
        foot = Table.grid(padding=(0, 1))
        foot.add_row(bar, ", ".join(filter(None, (self.standing.line(), self.standing.shares()))))
        return Group(grid, foot)

    def _row(self, number: int, started: TrialStarted) -> list[str]:
        report = self.standing.epochs.get(number)
        epochs: Any = started.request.recipe.get("epochs")
        return [
            str(number),
            f"{report.epoch if report else 0}/{epochs}" if epochs else str(report.epoch if report else 0),
            shown(report.metrics.get(self.standing.metric)) if report else "–",
            si(started.cost.get("params")),
            si(started.cost.get("macs")),
            settings(started.request.point),
        ]


class Both:
    """Two listeners."""

    def __init__(self, *listeners: Listener) -> None:
        self.listeners = listeners

    def on_event(self, event: DriverEvent) -> None:
        """Tell each."""
        for listener in self.listeners:
            listener.on_event(event)


@contextmanager
def watcher(*, quiet: bool, log: Listener | None = None) -> Iterator[Listener]:
    """The listener that fits: a screen on a terminal, lines in a pipe, lines on stderr with `quiet`.

    A log of events takes the place of what would go to stderr, and goes along with the rest.
    """
    if quiet:
        yield log or Lines(sys.stderr)
    elif log is not None:
        yield Both(log, Lines(sys.stdout))
    elif not sys.stdout.isatty():
        yield Lines(sys.stdout)
    else:
        screen = Screen()
        with screen.live:
            yield screen
