"""Reading and decoding image files in batches, in this process or in processes of its own.

A `Task` says all about a batch, chance included, so it does not matter who does it. Loader processes are
forked from a server process that holds torch and Pillow and nothing else (forking this one could copy
a lock that a thread of Ray's holds): the first start takes 2 s, later ones 0.1 s. They end with it.
"""

import multiprocessing
import os
import sys
import threading
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from nas.errors import NasError
from workers.data.base import Labels, Samples
from workers.data.images import Box, Region, centre, decode
from workers.train.feeds.augment import Draws, drawn, random_boxes

AHEAD = 2
"""Batches that each process prepares before they are asked for."""


@dataclass(frozen=True)
class Task:
    """One batch: which images of which part, and the seed of their regions (None: their centres)."""

    part: str
    at: Labels
    seed: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Decoder(Dataset[Any]):
    """From a task to its images (B, side, side, C) of uint8; what a loader process holds.

    `smallest`: of random resized crops; None: none are made. `share`: side of the centre that is
    taken without chance, of the shorter side.
    """

    parts: Mapping[str, Samples]
    channels: int
    side: int
    smallest: float | None = None
    share: float = 1.0

    def __getitem__(self, task: Task) -> Tensor | NasError:
        """The images; a user's mistake is returned, because raised in another process it loses its form."""
        samples, made = self.parts[task.part], []
        try:
            for index, region in zip(task.at.tolist(), self._regions(task), strict=True):
                name, encoded = samples.name(index), samples.read(index)
                made.append(decode(encoded, name=name, channels=self.channels, side=self.side, region=region))
        except NasError as error:
            return error
        return torch.from_numpy(np.stack(made))

    def _regions(self, task: Task) -> Iterator[Region]:
        if task.seed is None or self.smallest is None:
            return (centre(self.share) for _ in task.at)
        draws = drawn(np.random.default_rng(task.seed), len(task.at))
        return (partial(_random_box, Draws(*row), self.smallest) for row in zip(*draws, strict=True))


def _random_box(draws: Draws, smallest: float, width: int, height: int) -> Box:
    """A random resized crop of an image of this size, in its pixels."""
    left, top, across, down = map(float, random_boxes(draws, smallest, width / height))
    return left * width, top * height, (left + across) * width, (top + down) * height


@dataclass
class _Tasks(Sampler[Task]):
    """What the loader is to do next; it is asked anew for each run."""

    tasks: Iterable[Task] = ()

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)


@dataclass
class Loader:
    """Does tasks in order, with `processes` helpers that stay until `close`; one run at a time."""

    decoder: Decoder
    processes: int
    pinned: bool = False
    """Whether batches lie in memory from which a GPU copies by itself. It is taken in the caller's thread:
    in another one it would break the recording of a CUDA graph.
    """
    _tasks: _Tasks = field(default_factory=_Tasks, init=False)
    _loader: "DataLoader[Any] | None" = field(default=None, init=False)
    _batches: Iterator[Tensor | NasError] = field(default=iter(()), init=False)
    """Held here alone, so that `close` ends the processes even while a run is under way somewhere."""
    _run: int = field(default=0, init=False)

    def __call__(self, tasks: Iterable[Task]) -> Iterator[Tensor]:
        """The batch of each task; raises what went wrong with one."""
        self._run += 1
        run, self._batches = self._run, self._made(tasks)
        while (made := next(self._batches, None)) is not None:
            if isinstance(made, NasError):
                raise made
            yield made.pin_memory() if self.pinned else made
            assert run == self._run, "another run of this loader has begun"

    def close(self) -> None:
        """End the processes."""
        self._run += 1
        self._loader, self._batches = None, iter(())

    def _made(self, tasks: Iterable[Task]) -> Iterator[Tensor | NasError]:
        if not self.processes:
            return (self.decoder[task] for task in tasks)
        self._tasks.tasks = tasks
        if self._loader is not None:
            return iter(self._loader)
        self._loader = self._started()
        with _nameless_main():
            return iter(self._loader)

    def _started(self) -> "DataLoader[Any]":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        return DataLoader(
            self.decoder,
            batch_size=None,
            sampler=self._tasks,
            num_workers=self.processes,
            multiprocessing_context=context,
            persistent_workers=True,
            prefetch_factor=AHEAD,
            generator=torch.Generator(),  # torch's own random numbers belong to the network
            worker_init_fn=_end_with_parent,
        )


def process_count(asked: int | None) -> int:
    """How many loader processes: as many as the slot has cores, or fewer if so asked.

    Where this process may not have children, there are 0: it reads by itself.
    """
    if multiprocessing.current_process().daemon:
        return 0
    share = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
    return share if asked is None else min(asked, share)


def _end_with_parent(helper: int) -> None:
    """In a helper: leave when the process dies that it reads for.

    torch watches the server that forked it, which in turn lives as long as its children do.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Let new processes not run the user's script again: theirs may lack `if __name__ == "__main__"`."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
