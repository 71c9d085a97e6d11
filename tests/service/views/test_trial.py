"""The page of one trial, its log, and the files that are kept for it."""

import json
import math
from pathlib import Path

import pytest

from nas.errors import NasError
from nas.service.notes import add_note
from nas.service.plain import plain
from nas.service.views.trial import FileNotKeptError, trial_file, trial_log, trial_page
from nas.store import Store
from tests.search.spaces import conditional
from tests.service.views.full import TRACE, fill


@pytest.fixture
def full(store: Store, tmp_path: Path) -> Store:
    fill(store, tmp_path / "artifacts")
    return store


def test_a_trial_is_shown_with_its_network(full: Store) -> None:
    page = trial_page(full, "s", 2)
    architecture = conditional().architecture(page.trial.point)
    assert sum(layer["macs"] for layer in page.layers) == architecture.cost.macs == page.trial.macs
    assert page.input == {"channels": 1, "size": 8, "classes": 10}
    assert page.derived == plain(dict(conditional().derived(page.trial.point)))
    assert [point.epoch for point in page.curve] == [1, 2]
    assert page.curve[1].metrics == {"error": 0.5, "loss": 1.0}
    assert [attempt.state.value for attempt in page.attempts] == ["complete"]
    assert (page.previous, page.next, page.broken) == (1, 3, "")
    assert page.commands["show"] == "nas trial s 2"
    assert json.loads(json.dumps(plain(page), allow_nan=False))["trial"]["number"] == 2


def test_its_place_is_among_the_complete_ones(full: Store) -> None:
    best = [row.number for row in full.best(full.study("s").id, 99)]
    assert len(best) == 7
    assert [trial_page(full, "s", number).rank for number in best] == [1, 2, 3, 4, 5, 6, 7]
    assert [trial_page(full, "s", number).rank for number in (4, 9, 10, 11, 13)] == [None] * 5


def test_the_first_and_the_last_have_one_neighbour(full: Store) -> None:
    ends = [trial_page(full, "s", number) for number in (1, 13)]
    assert [(page.previous, page.next) for page in ends] == [(None, 2), (12, None)]
    assert ends[1].attempts == []


@pytest.mark.parametrize("number", [0, -1, 14, 10**12])
def test_a_number_that_is_none(full: Store, number: int) -> None:
    for ask in (trial_page, trial_log):
        with pytest.raises(NasError, match="trial"):
            ask(full, "s", number)


def test_notes_stand_with_their_trial(full: Store) -> None:
    add_note(full, "s", "<script>alert(1)</script>", number=3, author="Ada")
    add_note(full, "s", "of the study")
    assert [note.text for note in trial_page(full, "s", 3).notes] == ["<script>alert(1)</script>"]
    assert trial_page(full, "s", 2).notes == []


def test_a_log_is_what_attempts_said_and_printed(full: Store, tmp_path: Path) -> None:
    assert trial_log(full, "s", 10).text == f"--- attempt 1 on node-1: failed, error ---\n{TRACE}\n"
    for attempt, text in ((1, "old"), (2, "printed äöü\n" * 3)):
        (folder := tmp_path / f"artifacts/10/{attempt}").mkdir(parents=True)
        (folder / "log.txt").write_text(text, encoding="utf-8")
    log = trial_log(full, "s", 10)
    assert log.text.endswith("such loss\n\n--- output ---\nprinted äöü\nprinted äöü\nprinted äöü\n")
    assert not log.truncated
    assert trial_log(full, "s", 13).text == ""


def test_a_long_log_has_its_end(full: Store, tmp_path: Path) -> None:
    (tmp_path / "artifacts/10/1").mkdir(parents=True)
    (tmp_path / "artifacts/10/1/log.txt").write_text("x" * 2**20 + "the end", encoding="utf-8")
    log = trial_log(full, "s", 10)
    assert log.truncated
    assert log.text.endswith("the end\n")
    assert len(log.text) <= 2**18


def test_files_are_the_latest_kept_by_name_and_nothing_else(full: Store, tmp_path: Path) -> None:
    root = tmp_path / "artifacts"
    for place in ("2/1/last.safetensors", "2/2/last.safetensors", "2/1/best.safetensors"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(place.encode())
    for other in ("2/1/secret.txt", "2/1/state-00001-00000002.safetensors", "2/x/last.safetensors", "secret"):
        (root / other).parent.mkdir(parents=True, exist_ok=True)
        (root / other).write_bytes(b"secret")
    assert trial_page(full, "s", 2).files == ["best.safetensors", "last.safetensors"]
    assert trial_page(full, "s", 1).files == []
    file = trial_file(full, "s", 2, "last.safetensors")
    assert b"".join(file.chunks) == b"2/2/last.safetensors"
    assert file.size == len(b"2/2/last.safetensors")
    for name in (
        "secret.txt",
        "../../secret",
        "/etc/passwd",
        "2/last.safetensors",
        "",
        "..",
        "last.safetensors\0",
    ):
        with pytest.raises(FileNotKeptError, match="is kept for trial 2 of s"):
            trial_file(full, "s", 2, name)


def test_artifacts_that_are_away_leave_the_page(full: Store, store: Store) -> None:
    assert trial_page(full, "s", 1).files == []
    fill(store, Path("/dev/null/nothing"), "t")
    assert trial_page(store, "t", 1).files == []
    assert not math.isnan(trial_page(store, "t", 1).trial.created_s)
