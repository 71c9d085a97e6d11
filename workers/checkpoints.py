"""Checkpoints of an attempt: safetensors with a JSON header, written atomically, read without pickle.

Under `NUMBER/ATTEMPT/` of the study's artifacts (any fsspec URL):

- `state-EPOCH-STEP.safetensors`: all that training needs to go on; the newest two are kept.
- `best.safetensors`, `last.safetensors`: weights only; `last`, written when training ends, replaces
  the states of all attempts.

Each file is one safetensors file whose metadata hold `nas`: JSON facts (epoch, step, metrics, identity).
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import fsspec
import safetensors.torch
from fsspec.implementations.local import LocalFileSystem
from safetensors import SafetensorError
from torch import Tensor

from nas.errors import TrialFailure
from nas.records import Cause
from workers.states import STATE, sweep, trial_folder

EVERY_S = 10.0
"""States are written at most this often; sooner on a local disk while that costs less than 1 %."""
LEAST_S = 0.5
INTERVAL_VARIABLE = "NAS_CHECKPOINT_S"
"""Environment variable that fixes the interval in seconds, for tests and for slow stores."""
KEPT_STATES = 2

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """What one file holds: tensors by name, and JSON facts."""

    tensors: Mapping[str, Tensor]
    facts: Facts


class Checkpoints:
    """The files of one trial, of which this attempt writes its own and reads the earlier ones.

    `identity` tells which training a state belongs to: a state of another one is never continued.
    """

    def __init__(
        self,
        artifacts: str,
        number: int,
        attempt: int,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fs, root = fsspec.url_to_fs(artifacts)
        self._trial = trial_folder(root, number)
        self._attempt, self._identity, self._clock = int(attempt), identity, clock
        self._local = isinstance(self._fs, LocalFileSystem)
        self._interval_s = _first_interval_s(self._local)
        self._saved_at = clock()

    @property
    def folder(self) -> str:
        """Where this attempt writes: a path of its file system."""
        return f"{self._trial}/{self._attempt}"

    def due(self) -> bool:
        """Whether a state should be written now."""
        return self._clock() - self._saved_at >= self._interval_s

    def save_state(self, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        """Write all that training needs to go on; drops all but the newest states of this attempt."""
        started = self._clock()
        with self._told():
            self._write(f"state-{facts['epoch']:05d}-{facts['step']:08d}", tensors, facts)
            for name in self._states(self._attempt)[:-KEPT_STATES]:
                self._fs.rm_file(name)
        self._saved_at = self._clock()
        if self._local and INTERVAL_VARIABLE not in os.environ:
            self._interval_s = min(EVERY_S, max(LEAST_S, 100 * (self._saved_at - started)))

    def postpone(self) -> None:
        """Count from now until the next state is due, as after a save that failed."""
        self._saved_at = self._clock()

    def save_best(self, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        """Write the weights of the best epoch so far."""
        with self._told():
            self._write("best", tensors, facts)

    def save_last(self, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        """Write the final weights; the states of all attempts have done their work and go."""
        with self._told():
            self._write("last", tensors, facts)
            sweep(self._fs, self._trial)

    def newest(self) -> Checkpoint | None:
        """The furthest readable state (or end) of the earlier attempts; None: start from the beginning."""
        return next(self._earlier(lambda a: [*self._named(a, "last"), *reversed(self._states(a))]), None)

    def best(self) -> Checkpoint | None:
        """The best weights that the latest of the earlier attempts wrote."""
        return next(self._earlier(lambda attempt: self._named(attempt, "best")), None)

    def _earlier(self, names: Callable[[int], list[str]]) -> Iterator[Checkpoint]:
        for attempt in range(self._attempt - 1, 0, -1):
            for name in names(attempt):
                found = read(self._fs, name)
                if found is not None and found.facts["identity"] == self._identity:
                    yield found

    def _named(self, attempt: int, stem: str) -> list[str]:
        return [f"{self._trial}/{attempt}/{stem}.safetensors"]

    def _states(self, attempt: int) -> list[str]:
        """The states of an attempt, oldest first (the numbers in their names sort)."""
        try:
            names = self._fs.ls(f"{self._trial}/{attempt}", detail=False)
        except OSError:  # none yet, or what is there cannot be read: start from the beginning
            return []
        return sorted(name for name in names if STATE.search(name))

    def _write(self, stem: str, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        plain = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
        metadata = {"nas": json.dumps({**facts, "identity": self._identity})}
        payload = safetensors.torch.save(plain, metadata)
        self._put(f"{self.folder}/{stem}.safetensors", payload)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever a file system has to say becomes one message; object stores have errors of their own."""
        try:
            yield
        except Exception as error:
            wrong = f"cannot write checkpoint below {self.folder}: {error}"
            raise TrialFailure(Cause.ERROR, f"{wrong}; free space or change NAS_ARTIFACTS") from error

    def _put(self, path: str, payload: bytes) -> None:
        self._fs.makedirs(self.folder, exist_ok=True)
        if self._local:
            _put_local(path, payload)
        else:
            self._fs.pipe_file(path, payload)  # object stores show an object only when it is complete


def read(fs: fsspec.AbstractFileSystem, path: str) -> Checkpoint | None:
    """The checkpoint of a file, or None if there is none or it was cut off."""
    try:
        payload = fs.cat_file(path)
        size = int.from_bytes(payload[:8], "little")
        header = json.loads(payload[8 : 8 + size])
        return Checkpoint(safetensors.torch.load(payload), json.loads(header["__metadata__"]["nas"]))
    except (OSError, SafetensorError, ValueError, KeyError):
        return None


def _put_local(path: str, payload: bytes) -> None:
    """Write beside, sync, rename: readers see the old file or the whole new one."""
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "wb") as file:  # noqa: PTH123 (a path of fsspec, not of the user)
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105
    except OSError:
        if os.path.exists(beside):  # noqa: PTH110
            os.unlink(beside)  # noqa: PTH108
        raise


def _first_interval_s(local: bool) -> float:
    fixed = os.environ.get(INTERVAL_VARIABLE)
    if fixed is not None:
        return float(fixed)
    return LEAST_S if local else EVERY_S
