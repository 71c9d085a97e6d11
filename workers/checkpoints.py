"""Checkpoints of an attempt: safetensors with a JSON header, written atomically, read without pickle.

Under `NUMBER/ATTEMPT/` of the study's artifacts (any fsspec URL):

- `state-EPOCH-STEP.safetensors`: all that training needs to go on; of a trial the newest two are kept.
- `best.safetensors`, `last.safetensors`: weights only; `last`, written when training ends, replaces
  the states of all attempts so far. `workers.keep` says which trials of a study keep them.

Each file is one safetensors file whose metadata hold `nas`, JSON facts (epoch, step, metrics,
identity), and `crc32` of these and of all tensors: a damaged file is never continued from.
"""

import json
import logging
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import fsspec
import safetensors.torch
import torch
from fsspec.implementations.local import LocalFileSystem
from torch import Tensor

from nas.errors import TrialFailure
from nas.records import Cause
from workers.keep import Keep, keep_best
from workers.settings import checkpoint_s
from workers.states import STATE, files, make_folder, sweep, thin, trial_folder

logger = logging.getLogger(__name__)

EVERY_S = 10.0
"""States are written at most this often; sooner on a local disk while that costs less than 0.5 %."""
LEAST_S = 0.5
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
        keep: Keep | None = None,
    ) -> None:
        self._fs, self._root = fsspec.url_to_fs(artifacts)
        self._number, self._trial = number, trial_folder(self._root, number)
        self._keep = keep or Keep.from_environment()
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
        """Write all that training needs to go on; drops all but the newest states of the trial."""
        started = self._clock()
        with self._told():
            self._write(f"state-{facts['epoch']:05d}-{facts['step']:08d}", tensors, facts)
            thin(self._fs, self._trial, self._attempt, KEPT_STATES)
        self._saved_at = self._clock()
        if self._local and checkpoint_s() is None:
            self._interval_s = min(EVERY_S, max(LEAST_S, 200 * (self._saved_at - started)))

    def postpone(self) -> None:
        """Count from now until the next state is due, as after a save that failed."""
        self._saved_at = self._clock()

    def save_best(self, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        """Write the weights of the best epoch so far."""
        with self._told():
            self._write("best", tensors, facts)

    def save_last(self, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        """Write the final weights; the states of all attempts so far have done their work and go.

        So do the weights of other trials that are no longer among the best of the study.
        """
        with self._told():
            self._write("last", tensors, facts)
            sweep(self._fs, self._trial, self._attempt)
        keep_best(self._fs, self._root, self._keep, but=self._number)

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
            found = files(self._fs, self._trial, attempt)
        except Exception as error:  # object stores have errors of their own
            logger.warning("cannot list %s, so training begins anew: %s", self._trial, error)
            return []
        return [path for mine, path in found if mine == attempt and STATE.search(path)]

    def _write(self, stem: str, tensors: Mapping[str, Tensor], facts: Facts) -> None:
        plain = _plain(tensors)
        told = json.dumps({**facts, "identity": self._identity})
        metadata = {"nas": told, "crc32": f"{_checksum(told, plain):08x}"}
        path = f"{self.folder}/{stem}.safetensors"
        make_folder(self._fs, self.folder)
        if self._local:
            _write_local(path, plain, metadata)
        else:  # object stores show an object only when it is complete
            self._fs.pipe_file(path, safetensors.torch.save(plain, metadata))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever a file system has to say becomes one message; object stores have errors of their own."""
        try:
            yield
        except Exception as error:
            wrong = f"cannot write checkpoint below {self.folder}: {error}"
            raise TrialFailure(Cause.ERROR, f"{wrong}; free space or change NAS_ARTIFACTS") from error


def read(fs: fsspec.AbstractFileSystem, path: str) -> Checkpoint | None:
    """The checkpoint of a file; None if there is none, or if it is damaged: that is logged."""
    try:
        return _parsed(fs.cat_file(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except MemoryError:
        raise
    except Exception as error:  # whatever is in the file; and object stores have errors of their own
        logger.warning("checkpoint %s cannot be read, and is left out: %s", path, error)
        return None


def _parsed(payload: bytes) -> Checkpoint:
    size = int.from_bytes(payload[:8], "little")
    metadata = json.loads(payload[8 : 8 + size])["__metadata__"]
    tensors = safetensors.torch.load(payload)
    if int(metadata["crc32"], 16) != _checksum(metadata["nas"], tensors):
        raise ValueError("its checksum does not fit its content")
    facts = json.loads(metadata["nas"])
    assert isinstance(facts["identity"], str)
    return Checkpoint(tensors, facts)


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as safetensors takes them: on the CPU, contiguous, none in the memory of another."""
    plain: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        mine = tensor.detach().cpu().contiguous()
        if mine.untyped_storage().data_ptr() in seen:
            mine = mine.clone()
        seen.add(mine.untyped_storage().data_ptr())
        plain[name] = mine
    return plain


def _checksum(told: str, tensors: Mapping[str, Tensor]) -> int:
    """CRC-32 of facts, names, types, shapes and bytes; 1 GB/s."""
    total = zlib.crc32(told.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        total = zlib.crc32(f"{name} {tensor.dtype} {list(tensor.shape)}".encode(), total)
        total = zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy().data, total)
    return total


def _write_local(path: str, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write beside, sync, rename: readers see the old file or the whole new one.

    Straight from the tensors' memory: a third of the time of making the bytes first, and half the memory.
    """
    beside = f"{path}.{os.getpid()}.part"
    try:
        safetensors.torch.save_file(tensors, beside, metadata)
        with open(beside, "rb") as file:  # noqa: PTH123 (a path of fsspec, not of the user)
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)  # noqa: PTH108
        raise


def _first_interval_s(local: bool) -> float:
    if (fixed := checkpoint_s()) is not None:
        return fixed
    return LEAST_S if local else EVERY_S
