"""What has changed since it was last asked, as JSON texts for all who watch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nas.dashboard.rendering import to_json
from nas.service.plain import plain
from nas.service.views.overview import lines
from nas.store import Store
from nas.store.reading.pulses import Pulse
from nas.store.rows import TrialRow

TRIALS = 200
"""Changed trials that one event tells; of more the latest, and `more` is true."""
EPOCHS = 50
"""Epochs of one trial that an event tells at most: far more than are reported in a second."""

Told = tuple[str, str, str, int | None]
"""Channel, kind of event, JSON, the study's revision."""


class Changes:
    """The state of all studies when they were last told. Used by one thread at a time."""

    def __init__(self, store: Store, check: Callable[[], None]) -> None:
        self._store, self._check = store, check
        self._listed: Mapping[str, Pulse] | None = None
        self._told: dict[str, Pulse] = {}
        self._epochs: dict[str, dict[int, tuple[int, int]]] = {}

    def forget(self) -> None:
        """Nobody watches any more: what happens until somebody does is never told."""
        self._listed, self._told, self._epochs = None, {}, {}

    def since_last(
        self, ready: Sequence[str], watched: Sequence[str], begun: Mapping[str, Mapping[str, Pulse]]
    ) -> Iterator[Told]:
        """For each channel that is `ready` what has changed; a new one begins with its pulses in `begun`."""
        self._check()
        now = self._store.pulses()
        for name in [name for name in self._told if name not in watched]:
            del self._told[name]
            self._epochs.pop(name, None)
        for channel, known in begun.items():
            if channel:
                self._told.setdefault(channel, known[channel])
            elif self._listed is None:
                self._listed = known
        for channel in ready:
            yield from self._of_list(now) if channel == "" else self._of_study(channel, now)
        if "" not in watched:
            self._listed = None

    def _of_list(self, now: dict[str, Pulse]) -> Iterator[Told]:
        before, self._listed = self._listed, now
        if before is None or before == now:
            return
        changed = [name for name, pulse in now.items() if before.get(name) != pulse]
        gone = [name for name in before if name not in now]
        if gone:
            yield "", "gone", self.text(gone), None
        if changed:
            ids = [now[name].id for name in changed]
            yield "", "studies", self.text(lines(self._store, self._store.summaries_of(ids))), None

    def _of_study(self, name: str, now: dict[str, Pulse]) -> Iterator[Told]:
        pulse, before = now.get(name), self._told.get(name)
        if pulse is None:
            if self._told.pop(name, None):
                yield name, "gone", self.text([name]), None
        elif pulse != before:
            self._told[name] = pulse
            after = before.revision if before is not None and before.id == pulse.id else pulse.revision
            yield name, "study", self.text(self._delta(name, pulse, after)), pulse.revision

    def _delta(self, name: str, pulse: Pulse, after: int) -> dict[str, Any]:
        known = self._epochs.setdefault(name, {})
        told = delta(self._store, pulse, after)
        fresh = [e for e in told["epochs"] if (e["attempt"], e["epoch"]) > known.get(e["number"], (0, 0))]
        known.update({e["number"]: (e["attempt"], e["epoch"]) for e in fresh})
        return {**told, "epochs": fresh}

    def text(self, value: Any) -> str:
        """As JSON."""
        return to_json(value).decode()


def delta(store: Store, pulse: Pulse, after: int) -> dict[str, Any]:
    """What has changed in a study after a revision: its line, its trials, their latest epochs."""
    changed = store.latest_changes(pulse.id, after, TRIALS + 1)
    trials = changed[-TRIALS:]
    epochs = store.new_epochs(pulse.id, [trial.number for trial in trials if trial.epoch], EPOCHS)
    return {
        "line": next(iter(lines(store, store.summaries_of([pulse.id]))), None),
        "trials": [_short(trial) for trial in trials],
        "epochs": [plain(epoch) for epoch in epochs],
        "more": len(changed) > TRIALS,
        "revision": pulse.revision,
    }


def _short(trial: TrialRow) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state.value,
        "epoch": trial.epoch,
        "value": plain(trial.values[0]) if trial.values else None,
        "worker": trial.worker,
    }
