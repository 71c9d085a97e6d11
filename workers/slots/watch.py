"""A thread that asks the head of a cluster which nodes there are, so that nobody else waits for its answer.

A head that is gone answers nothing: calls that need it wait for a minute, and then Ray ends the process.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nas.errors import ClusterLostError
from workers.slots.room import Resources

T = TypeVar("T")
EVERY_S = 1.0
HUSH_S = 3.0
"""While a head does not answer for longer, nothing is asked of it: who asks would wait."""
ALIVE = 0
"""The state of a node, as Ray's messages have it."""
HEAD_S = 30.0
"""A head that has not answered for so long is lost. Ray ends a process that has lost it after 60 s."""


class Watch:
    """The nodes that are alive by their ids, as of the last answer; and how long ago that was."""

    def __init__(self, ray: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._ray, self._clock = ray, clock
        self._over = threading.Event()
        self._here = ray.get_runtime_context().get_node_id()
        self.nodes: Mapping[str, Resources] = self._ask()
        self._answered = clock()
        self._thread = threading.Thread(target=self._run, name="nas-nodes", daemon=True)
        self._thread.start()

    @property
    def hushed(self) -> bool:
        """Whether the head has not answered lately."""
        return self._clock() - self._answered > HUSH_S

    def excuse(self, seconds: float) -> None:
        """So long this process itself was asleep, and heard nobody."""
        self._answered += seconds

    def refuse_loss(self) -> None:
        """Raise `ClusterLostError` if the head has not answered for too long, or takes this host's node for
        dead: what a driver starts dies with its node, and nothing that it starts later ever runs."""
        if self._here not in self.nodes:
            raise ClusterLostError(
                "this host's Ray node has left its cluster (killed, cut off for too long, or the head began "
                "anew); when ray start has joined it again, nas resume goes on with the study"
            )
        if (silent_s := self._clock() - self._answered) > HEAD_S:
            raise lost(silent_s)

    def in_time(self, call: Callable[[], T]) -> T:
        """The answer to a call that needs the head; raises `ClusterLostError` if it does not come."""
        answers: list[T] = []
        errors: list[BaseException] = []

        def answered() -> None:
            try:
                answers.append(call())
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=answered, daemon=True)
        thread.start()
        thread.join(HEAD_S)
        if errors:
            raise errors[0]
        if not answers:
            raise lost(HEAD_S)
        return answers[0]

    def close(self) -> None:
        """Ask no more. A call that hangs is left to itself."""
        self._over.set()
        self._thread.join(timeout=EVERY_S)

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                self.nodes = self._ask()
            except self._ray.exceptions.AuthenticationError:  # a new head, which knows none of the old nodes
                self.nodes = {}
            except Exception:  # whatever Ray says: it is no answer
                continue
            self._answered = self._clock()

    def _ask(self) -> Mapping[str, Resources]:
        """Not by `ray.nodes()`: asked of a head that has begun anew, a check of Ray's aborts the process."""
        head = self._ray._private.worker.global_worker.gcs_client
        nodes = head.get_all_node_info(timeout=HUSH_S)
        return {key.hex(): dict(node.resources_total) for key, node in nodes.items() if node.state == ALIVE}


def lost(seconds: float) -> ClusterLostError:
    """A head that is gone."""
    return ClusterLostError(
        f"the head of the Ray cluster has not answered for {seconds:.0f} s; when it is there again, "
        "nas resume goes on with the study"
    )
