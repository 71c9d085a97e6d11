"""Checkpoints that were cut off, overwritten or never fitted on the disk: the former one is used."""

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nas.errors import TrialFailure
from nas.records import EpochReport
from tests.store.mounts import mounted
from tests.workers.standins import full_disk, request
from workers.checkpoints import Checkpoint, Checkpoints
from workers.run import run_attempt
from workers.train.job import identity

NEWEST = "7/1/state-00001-00000005.safetensors"
OLD, NEW = 1.0, 2.0


def _tensors(value: float) -> dict[str, Tensor]:
    return {"model.w": torch.full((3, 2), value), "model.n": torch.tensor(3), "rng": torch.arange(5.0)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two states of a first attempt."""
    first = Checkpoints(str(tmp_path), 7, 1, "me")
    first.save_state(_tensors(OLD), {"epoch": 1, "step": 0})
    first.save_state(_tensors(NEW), {"epoch": 1, "step": 5})
    return tmp_path


def _value(folder: Path) -> float:
    found = Checkpoints(str(folder), 7, 2, "me").newest()
    assert found is not None
    return found.tensors["model.w"][0, 0].item()


def test_a_file_cut_off_anywhere_is_left_out(folder: Path) -> None:
    whole = (folder / NEWEST).read_bytes()
    assert _value(folder) == NEW
    for size in range(len(whole)):
        (folder / NEWEST).write_bytes(whole[:size])
        assert _value(folder) == OLD
    (folder / NEWEST).write_bytes(whole + b"\0")
    assert _value(folder) == OLD


def test_a_byte_changed_anywhere_is_noticed(folder: Path) -> None:
    """Unless it changes nothing: JSON may be padded with any white space."""
    whole = (folder / NEWEST).read_bytes()
    truth = Checkpoints(str(folder), 7, 2, "me").newest()
    for at in range(len(whole)):
        for change in (0x01, 0x29):
            damaged = bytearray(whole)
            damaged[at] ^= change
            (folder / NEWEST).write_bytes(damaged)
            found = Checkpoints(str(folder), 7, 2, "me").newest()
            assert found is not None
            assert found.tensors["model.w"][0, 0] == OLD or _equal(found, truth)


def _equal(left: Checkpoint, right: Checkpoint | None) -> bool:
    return right is not None and left.facts == right.facts and _same(left.tensors, right.tensors)


def _same(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def _header(header: object, data: bytes = b"", size: int | None = None) -> bytes:
    text = json.dumps(header).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + data


def _one(shape: list[int], to: int, metadata: Any = None) -> dict[str, Any]:
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, to]}
    return {"__metadata__": metadata or {"nas": "{}", "crc32": "0"}, "w": tensor}


GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(4096),
    "noise": random.Random(0).randbytes(4096),
    "text": b"a" * 4096,
    "pickle": b"\x80\x04\x95cos\nsystem\n",
    "header of 16 EiB": _header({}, size=2**64 - 1),
    "header of 1 TiB": _header({}, size=2**40),
    "tensor of 4 EiB": _header(_one([2**60], 2**62)),
    "more shape than data": _header(_one([2**20], 16), bytes(16)),
    "negative": _header(_one([-4], 16), bytes(16)),
    "overflowing shape": _header(_one([2**33, 2**33], 16), bytes(16)),
    "list": _header([1, 2]),
    "no metadata": _header({"w": _one([4], 16)["w"]}, bytes(16)),
    "metadata of another kind": _header({"__metadata__": {"nas": "[]", "crc32": "00"}}),
    "facts of another kind": _header(_one([4], 16, {"nas": "7", "crc32": "zz"}), bytes(16)),
    "deep": (10**5).to_bytes(8, "little") + b"[" * 10**5,
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_left_out_and_told(folder: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    (folder / NEWEST).write_bytes(GARBAGE[kind])
    assert _value(folder) == OLD
    assert caplog.text.count("cannot be read, and is left out") == 1


def test_where_all_is_garbage_training_begins_anew(folder: Path) -> None:
    for path in (folder / "7" / "1").iterdir():
        path.write_bytes(b"a" * 4096)
    assert Checkpoints(str(folder), 7, 2, "me").newest() is None


def test_a_disk_that_is_full_is_told_in_one_message_and_the_former_state_stays(folder: Path) -> None:
    before = {path.name for path in (folder / "7" / "1").iterdir()}
    files = Checkpoints(str(folder), 7, 1, "me")
    message = r"cannot write checkpoint .*File too large.*; free space or change NAS_ARTIFACTS"
    with full_disk(), pytest.raises(TrialFailure, match=message):
        files.save_state(_tensors(3), {"epoch": 2, "step": 0})
    assert {path.name for path in (folder / "7" / "1").iterdir()} == before
    assert _value(folder) == NEW


@pytest.mark.parametrize("room", [0, 1, 100, 5_000, 40_000])
def test_a_small_disk_that_fills_up_costs_a_warning(
    tmp_path: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real file system with `room` bytes left after the first epoch, and room again after the second."""
    monkeypatch.setenv("NAS_CHECKPOINT_S", "0")
    with mounted(tmp_path / "disk", size="1m") as disk:
        asked = request("tiny", recipe={"epochs": 4, "threads": 1}, artifacts=str(disk))
        steps = run_attempt(asked)
        events = [next(steps)]
        _fill(disk, room)
        events.append(next(steps))
        left = Checkpoints(str(disk), 1, 2, identity(asked)).newest()
        assert left is not None
        assert 1 <= left.facts["epoch"] <= 2
        names = {path.name for path in (disk / "1" / "1").iterdir()}
        assert not any(name.endswith(".part") for name in names)
        (disk / "filler").unlink()
        events += steps
        end = events[-1]
        assert end.message.count("cannot write checkpoint") == 1  # type: ignore[union-attr]
        assert "No space left on device" in end.message  # type: ignore[union-attr]
        assert [event.epoch for event in events if isinstance(event, EpochReport)] == [1, 2, 3, 4]
        last = Checkpoints(str(disk), 1, 2, identity(asked)).newest()
        assert last is not None
        assert last.facts["epoch"] == 4


def _fill(disk: Path, room: int) -> None:
    """All of the disk but `room` bytes (in whole pages, as it counts them)."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with (disk / "filler").open("wb") as file:
        file.write(bytes(max(0, free - room)))
