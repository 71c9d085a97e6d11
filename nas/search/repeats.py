"""Train some networks anew on slots, outside any budget: what a comparison with fresh seeds needs."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from nas.records import AttemptEnd, Cause, Request, Slots
from nas.search.interrupts import Interrupts

ATTEMPTS = 3


def run_requests(
    slots: Slots,
    requests: Sequence[Request],
    *,
    interrupts: Interrupts,
    on_end: Callable[[AttemptEnd], None],
    poll_s: float = 0.5,
) -> dict[int, AttemptEnd]:
    """The end of each request by its number; one whose worker dies is tried again.

    An interrupt stops what runs and leaves the rest out.
    """
    waiting, running = deque(requests), dict[tuple[int, int], Request]()
    ends: dict[int, AttemptEnd] = {}
    before = interrupts.count
    while (waiting or running) and interrupts.count == before:
        while waiting and slots.free():
            request = waiting.popleft()
            running[request.key] = request
            slots.submit(request)
        for event in slots.events(poll_s):
            if not isinstance(event, AttemptEnd) or (event.number, event.attempt) not in running:
                continue
            request = running.pop((event.number, event.attempt))
            if event.cause is Cause.PREEMPTED and event.attempt < ATTEMPTS:
                waiting.appendleft(replace(request, attempt=request.attempt + 1))
                continue
            ends[event.number] = event
            on_end(event)
    for key in running:
        slots.stop(key)
    return ends
