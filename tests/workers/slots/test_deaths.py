"""What a worker dies of: told apart where it can be, and never the end of the slot."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nas.records import AttemptEnd, Cause
from tests.workers.slots.test_contract import until_end, until_free
from tests.workers.standins import request
from workers.failures import is_device_lost
from workers.slots.deaths import kills_here
from workers.slots.ray import RaySlots

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def slots() -> Iterator[RaySlots]:
    os.environ["NAS_STUCK_S"] = "6"  # pings, by which a worker's group becomes known, come at a sixth of it
    made = RaySlots(1, cpus_per_trial=0.5)
    del os.environ["NAS_STUCK_S"]
    yield made
    made.close()


@pytest.fixture
def group() -> Iterator[Path]:
    """A group of processes that may hold 400 MiB."""
    made = next(iter(_made_group()), None)
    if made is None:
        pytest.skip(
            "no group with limited memory can be made here (it takes root, and cgroups that are writable)"
        )
    yield made
    with suppress(OSError):
        made.rmdir()


def _made_group() -> Iterator[Path]:
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        made = Path(root, f"nas-test-{os.getpid()}")
        with suppress(OSError):
            made.mkdir()
            if (made / limit).exists():
                (made / limit).write_text(str(400 * MEBIBYTE))
                with suppress(OSError):
                    (made / "memory.swap.max").write_text("0")
                yield made
                return
            made.rmdir()


@pytest.mark.ray
@pytest.mark.slow
def test_a_worker_that_the_kernel_kills_for_its_memory_is_out_of_memory(
    slots: RaySlots, group: Path, tmp_path: Path
) -> None:
    until_free(slots)
    slots.submit(request("grows", artifacts=str(tmp_path), point={"group": str(group)}))
    while not (tmp_path / "begun").exists() or group.name not in str(slots.pool.slots[0].kills):
        slots.events(0.2)
    (tmp_path / "go").touch()
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert (end.cause, end.message) == (
        Cause.OUT_OF_MEMORY,
        f"worker {end.worker} was killed by the kernel: its memory did not do",
    )
    until_free(slots)


@pytest.mark.ray
def test_a_worker_that_is_killed_by_hand_is_preempted(slots: RaySlots) -> None:
    until_free(slots)
    slots.submit(request("killed"))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.PREEMPTED


@pytest.mark.ray
def test_a_worker_that_has_lost_its_device_makes_room_for_a_new_one(slots: RaySlots) -> None:
    until_free(slots)
    before = slots.pool.slots[0].worker
    slots.submit(request("loses_its_device"))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert (end.cause, end.worker) == (Cause.ERROR, before)
    while before in [slot.worker for slot in slots.pool.slots]:
        slots.events(0.2)
    until_free(slots)
    slots.submit(request("instant", number=2))
    after = until_end(slots)[-1]
    assert isinstance(after, AttemptEnd)
    assert (after.cause, after.worker != before) == (None, True)


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        ("RuntimeError: CUDA error: device-side assert triggered", True),
        ("torch.AcceleratorError: CUDA error: an illegal memory access was encountered", True),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("RuntimeError: CUDA error: out of memory", False),
        ("cuBLAS: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate", False),
        ("ZeroDivisionError: division by zero", False),
    ],
)
def test_faults_that_last(message: str, lost: bool) -> None:
    assert is_device_lost(message) is lost


def test_the_kernels_kills_are_counted_where_it_counts_them() -> None:
    kills = kills_here()
    if kills is None:
        pytest.skip("this kernel counts none")
    assert "oom_kill" in Path(kills[0]).read_text()
