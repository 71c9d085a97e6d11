import json
import os
from pathlib import Path

import fsspec
import pytest
import torch
from safetensors.torch import load_file

from nas.errors import NasError
from workers.checkpoints import Checkpoints, read
from workers.states import forget


def _facts(epoch: int, step: int = 0) -> dict[str, int]:
    return {"epoch": epoch, "step": step}


def _tensors(value: float) -> dict[str, torch.Tensor]:
    return {"model.w": torch.full((3, 2), value).t(), "rng": torch.arange(5, dtype=torch.uint8)}


@pytest.fixture
def first(tmp_path: Path) -> Checkpoints:
    return Checkpoints(str(tmp_path), 7, 1, "me")


def _next(tmp_path: Path, identity: str = "me") -> Checkpoints:
    return Checkpoints(str(tmp_path), 7, 2, identity)


def test_what_is_written_is_read_back(first: Checkpoints, tmp_path: Path) -> None:
    first.save_state(_tensors(1.5), _facts(3))
    found = _next(tmp_path).newest()
    assert found is not None
    assert found.facts["epoch"] == 3
    assert torch.equal(found.tensors["model.w"], torch.full((2, 3), 1.5))


def test_the_newest_two_states_are_kept(first: Checkpoints, tmp_path: Path) -> None:
    for epoch in (1, 2, 9, 10):
        first.save_state(_tensors(epoch), _facts(epoch))
    names = sorted(path.name for path in (tmp_path / "7" / "1").iterdir())
    assert names == ["state-00009-00000000.safetensors", "state-00010-00000000.safetensors"]


def test_the_latest_attempt_comes_first_and_own_files_are_not_read(tmp_path: Path) -> None:
    for attempt, epoch in ((1, 5), (2, 7), (3, 9)):
        Checkpoints(str(tmp_path), 7, attempt, "me").save_state(_tensors(1), _facts(epoch))
    found = Checkpoints(str(tmp_path), 7, 3, "me").newest()
    assert found is not None
    assert found.facts["epoch"] == 7


def test_a_state_of_another_training_is_not_continued(first: Checkpoints, tmp_path: Path) -> None:
    first.save_state(_tensors(1), _facts(1))
    assert _next(tmp_path, identity="other").newest() is None


def test_the_end_replaces_the_states(first: Checkpoints, tmp_path: Path) -> None:
    first.save_state(_tensors(1), _facts(1))
    first.save_best(_tensors(2), _facts(1))
    first.save_last(_tensors(3), _facts(2))
    assert sorted(path.name for path in (tmp_path / "7" / "1").iterdir()) == [
        "best.safetensors",
        "last.safetensors",
    ]
    newest, best = _next(tmp_path).newest(), _next(tmp_path).best()
    assert newest is not None
    assert best is not None
    assert (newest.facts["epoch"], best.tensors["model.w"][0, 0]) == (2, 2)


def _crowd(tmp_path: Path) -> None:
    """A trial with three attempts, of which one was killed while it wrote, and a neighbour."""
    for attempt in (1, 2, 3):
        files = Checkpoints(str(tmp_path), 7, attempt, "me")
        files.save_best(_tensors(attempt), _facts(attempt))
        files.save_state(_tensors(attempt), _facts(attempt))
    (tmp_path / "7" / "1" / "state-00009-00000000.safetensors.4711.part").write_bytes(b"half")
    (tmp_path / "7" / "1" / "best.safetensors.4711.part").write_bytes(b"half")
    Checkpoints(str(tmp_path), 77, 1, "me").save_state(_tensors(1), _facts(1))


def _left(tmp_path: Path) -> set[str]:
    return {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}


NEIGHBOUR = {"77/1/state-00001-00000000.safetensors"}


def test_an_end_replaces_what_this_and_former_attempts_wrote(tmp_path: Path) -> None:
    _crowd(tmp_path)
    files = Checkpoints(str(tmp_path), 7, 3, "me")
    files.save_last(_tensors(3), _facts(9))
    assert _left(tmp_path) == {"7/3/best.safetensors", "7/3/last.safetensors"} | NEIGHBOUR
    assert not (tmp_path / "7" / "1").exists()


def test_an_attempt_that_lost_its_lease_takes_nothing_from_its_successor(tmp_path: Path) -> None:
    for end in ("complete", "fail"):
        _crowd(tmp_path)
        if end == "complete":
            Checkpoints(str(tmp_path), 7, 2, "me").save_last(_tensors(3), _facts(9))
        else:
            forget(str(tmp_path), 7, 2)
        assert _left(tmp_path) >= {"7/3/best.safetensors", "7/3/state-00003-00000000.safetensors"}
        assert not any(path.startswith("7/1/") for path in _left(tmp_path))


def test_a_trial_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    _crowd(tmp_path)
    (tmp_path / "7" / "notes.txt").write_text("a user's own")
    forget(f"file://{tmp_path}", 7)
    assert _left(tmp_path) == {"7/notes.txt"} | NEIGHBOUR
    forget(f"file://{tmp_path}/nowhere", 7)  # nothing was ever written


def test_a_trial_keeps_two_states_over_all_its_attempts(tmp_path: Path) -> None:
    for attempt in (1, 2, 3):
        Checkpoints(str(tmp_path), 7, attempt, "me").save_state(_tensors(1), _facts(attempt))
    left = {"7/2/state-00002-00000000.safetensors", "7/3/state-00003-00000000.safetensors"}
    assert _left(tmp_path) == left


def test_any_fsspec_url_will_do() -> None:
    url = "memory://bucket/study"
    first = Checkpoints(url, 1, 1, "me")
    first.save_state(_tensors(4), _facts(2))
    found = Checkpoints(url, 1, 2, "me").newest()
    assert found is not None
    assert found.facts["epoch"] == 2


def test_states_are_due_by_the_clock_and_cost_half_a_percent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    files = Checkpoints(str(tmp_path), 1, 1, "me", clock=lambda: now[0])
    assert not files.due()
    now[0] = 0.6
    assert files.due()

    def slow_disk(_: int) -> None:
        now[0] += 0.05

    monkeypatch.setattr(os, "fsync", slow_disk)
    files.save_state(_tensors(1), _facts(1))
    now[0] += 9.8
    assert not files.due()
    now[0] += 0.3
    assert files.due()


def test_the_interval_can_be_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAS_CHECKPOINT_S", "0")
    assert Checkpoints(str(tmp_path), 1, 1, "me").due()
    for text in ("soon", "-1", "nan"):
        monkeypatch.setenv("NAS_CHECKPOINT_S", text)
        with pytest.raises(NasError, match=rf"NAS_CHECKPOINT_S='{text}': it is the seconds .*type e\.g\."):
            Checkpoints(str(tmp_path), 1, 1, "me")


def test_tensors_may_share_memory_have_any_type_and_be_empty(first: Checkpoints, tmp_path: Path) -> None:
    flat = torch.arange(12.0)
    tensors = {
        "a": flat[:6].view(2, 3), "b": flat[6:], "whole": flat, "again": flat, "none": torch.empty(0, 3),
        "one": torch.tensor(7), "half": torch.ones(3, dtype=torch.bfloat16), "yes": torch.tensor([True]),
        "laid": torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last),
    }  # fmt: skip
    first.save_state(tensors, _facts(1))
    found = _next(tmp_path).newest()
    assert found is not None
    assert found.tensors.keys() == tensors.keys()
    assert all(torch.equal(found.tensors[name], tensors[name]) for name in tensors)


def test_a_file_is_plain_safetensors_with_json(first: Checkpoints, tmp_path: Path) -> None:
    first.save_last(_tensors(1), _facts(1))
    path = tmp_path / "7" / "1" / "last.safetensors"
    payload = path.read_bytes()
    header = json.loads(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
    assert json.loads(header["__metadata__"]["nas"]) == {"epoch": 1, "step": 0, "identity": "me"}
    assert load_file(path)["model.w"].shape == (2, 3)
    assert read(fsspec.filesystem("file"), str(path)) is not None
