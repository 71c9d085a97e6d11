"""The most memory that a piece of work holds at once, in bytes."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


def peak_bytes(work: Callable[[], object], held: Iterable[Tensor], device: torch.device) -> int:
    """Bytes of `held` (what is there before: weights, moments, averages) plus the most that `work` adds.

    `work` is run once, as ever. Bytes are those that torch's allocators hand out: on CUDA by the
    allocator's own statistics, on a CPU by the record of each allocation that torch's profiler keeps.
    Both are the same in every run. The growth of the process (resident set) is not: freed memory is
    used again, and from the second trial of a worker on it was seen at 0 bytes. Not counted: data
    sets, other networks in the process, scratch memory inside of oneDNN and cuDNN libraries, CUDA's own
    context. 0 if the profiler is already taken. A profiled step of 8 ms takes 5 ms longer.
    """
    grown = (_cuda if device.type == "cuda" else _cpu)(work, device)
    return 0 if grown is None else size_bytes(held) + grown


def size_bytes(tensors: Iterable[Tensor]) -> int:
    """Memory of these tensors; what several of them share counts once."""
    storages = (tensor.untyped_storage() for tensor in tensors)
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _cuda(work: Callable[[], object], device: torch.device) -> int | None:
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    work()
    return torch.cuda.max_memory_allocated(device) - before


def _cpu(work: Callable[[], object], _: torch.device) -> int | None:
    if torch._C._autograd._profiler_enabled():
        work()
        return None
    # Kineto greets on stderr at every start below this level, which it reads at its first one.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    with torch.autograd.profiler.profile(profile_memory=True) as profile:
        work()
    results: Any = profile.kineto_results
    changes = [event for event in results.events() if event.name() == "[memory]"]
    now = most = 0
    for change in sorted(changes, key=lambda event: event.start_ns()):
        now += change.nbytes()
        most = max(most, now)
    return most
