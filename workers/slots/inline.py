"""One slot in this process: no service, no copy, one event at a time."""

from collections.abc import Generator, Mapping, Sequence

from nas.records import AttemptEnd, Cause, EpochReport, Event, Request
from workers.run import failed, run_attempt, stopped


class InlineSlots:
    """Runs attempts one after the other; each call of `events` trains one epoch further."""

    total = 1

    def __init__(self) -> None:
        self._request: Request | None = None
        self._steps: Generator[Event, None, None] | None = None
        self._metrics: Mapping[str, float] = {}
        self._stopping = self._final = False

    def free(self) -> int:
        """1 if nothing runs."""
        return int(self._request is None)

    def submit(self, request: Request) -> None:
        """Take an attempt on; it advances when `events` is called."""
        assert self._request is None, "the only slot is taken"
        self._request, self._steps = request, run_attempt(request)
        self._metrics, self._stopping, self._final = {}, False, False

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        """End the attempt at the next call of `events`; a key that does not run is ignored."""
        if self._request is not None and self._request.key == key and not self._stopping:
            self._stopping, self._final = True, final

    def events(self, timeout_s: float) -> Sequence[Event]:
        """The next event; takes as long as the work takes, whatever `timeout_s` says."""
        request, steps = self._request, self._steps
        if request is None or steps is None:
            return ()
        event: Event | None
        if self._stopping:
            event = stopped(request, steps, self._metrics, final=self._final)
        else:
            event = next(steps, None)
        if event is None:  # an interrupt went through the evaluator
            event = failed(request, Cause.PREEMPTED, "interrupted")
        if isinstance(event, AttemptEnd):
            self._request = None
        elif isinstance(event, EpochReport):
            self._metrics = event.metrics
        return (event,)

    def close(self) -> None:
        """End what runs; its checkpoint is written."""
        if self._steps is not None:
            self._steps.close()
        self._request = self._steps = None
