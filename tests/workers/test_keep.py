"""Which trials keep their weights: the best ones, whoever tidies up, and however many do it at once."""

import itertools
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest
import torch
from hypothesis import given, settings, strategies as st

from nas.errors import NasError
from nas.records import Limit, Objective
from workers import keep
from workers.checkpoints import Checkpoints
from workers.keep import Keep

ERROR = (Objective("error"),)
ROOTS = itertools.count()
TWO = (Objective("error"), Objective("latency_ms"))


def _end(
    root: str,
    number: int,
    metrics: Mapping[str, float],
    rule: Keep,
    size: int = 4,
    costs: Mapping[str, float] | None = None,
) -> None:
    """A trial that trains and ends."""
    facts = {"epoch": 1, "step": 0, "progress": {"metrics": dict(metrics)}, "costs": dict(costs or {})}
    tensors = {"model.w": torch.zeros(size)}
    files = Checkpoints(root, number, 1, "me", keep=rule)
    files.save_best(tensors, facts)
    files.save_state(tensors, facts)
    files.save_last(tensors, facts)


def _kept(root: str) -> set[int]:
    """Trials with final weights; with them the best ones must be there."""
    fs, path = fsspec.url_to_fs(root)
    names = [name.removeprefix(path).split("/") for name in fs.find(path)]
    kept = {int(number) for _, number, _, name in names if name == "last.safetensors"}
    assert kept == {int(number) for _, number, _, name in names if name == "best.safetensors"}
    return kept


@pytest.mark.parametrize("root", ["{}", "file://{}", "{}/deep/er/", "memory://bucket{}"])
def test_the_best_keep_their_weights_and_the_latest_until_the_next_ends(root: str, tmp_path: Path) -> None:
    root = root.format(tmp_path)
    errors = [0.5, 0.1, 0.4, 0.3, 0.2, 0.2, 0.9]
    for number, error in enumerate(errors, start=1):
        _end(root, number, {"error": error}, Keep(3))
    assert _kept(root) == {2, 5, 6, 7}
    _end(root, 8, {"error": 0.05}, Keep(3))
    assert _kept(root) == {2, 5, 8}
    if "memory" not in root:
        folder = Path(root.removeprefix("file://"))
        assert {path.name for path in folder.iterdir()} == {"2", "5", "8"}


def test_running_trials_and_other_files_are_left_alone(tmp_path: Path) -> None:
    running = Checkpoints(str(tmp_path), 1, 1, "me")
    running.save_best({"w": torch.zeros(1)}, {"epoch": 1, "step": 0})
    running.save_state({"w": torch.zeros(1)}, {"epoch": 1, "step": 0})
    answer = tmp_path / "answer" / "9" / "1" / "last.safetensors"
    answer.parent.mkdir(parents=True)
    answer.write_bytes(b"another study's")
    (tmp_path / "notes.txt").write_text("mine")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    for number in range(2, 6):
        _end(str(tmp_path), number, {"error": 1 / number}, Keep(1))
    assert before <= set(tmp_path.rglob("*"))
    assert {path.parent.parent.name for path in tmp_path.glob("*/1/last.safetensors")} == {"5"}


def test_more_is_better_where_an_objective_says_so(tmp_path: Path) -> None:
    rule = Keep(1, objectives=(Objective("accuracy", minimize=False),))
    for number, accuracy in enumerate([0.1, 0.9, 0.5], start=1):
        _end(str(tmp_path), number, {"accuracy": accuracy}, rule)
    assert _kept(str(tmp_path)) == {2, 3}


def test_the_whole_front_of_several_objectives_stays(tmp_path: Path) -> None:
    points = [(0.1, 9.0), (0.2, 5.0), (0.3, 1.0), (0.3, 6.0), (0.4, 7.0), (0.4, 0.5)]
    for number, (error, latency_ms) in enumerate(points, start=1):
        _end(str(tmp_path), number, {"error": error, "latency_ms": latency_ms}, Keep(1, objectives=TWO))
    assert _kept(str(tmp_path)) == {1, 2, 3, 6}


def test_what_is_beyond_a_limit_goes_before_what_is_not(tmp_path: Path) -> None:
    for objectives in (ERROR, TWO):
        root = str(tmp_path / str(len(objectives)))
        rule = Keep(2, objectives=objectives, limits=(Limit("latency_ms", 5.0),))
        rows = [(0.1, 9.0), (0.5, 5.0), (0.2, 6.0), (0.9, 1.0), (0.3, 5.5), (0.95, 0.5), (0.01, 99.0)]
        for number, (error, latency_ms) in enumerate(rows, start=1):
            _end(root, number, {"error": error, "latency_ms": latency_ms}, rule)
        _end(root, 8, {"error": 0.6}, rule)
        _end(root, 9, {"error": 0.6, "latency_ms": float("nan")}, rule)
        assert _kept(root) - {9} == ({2, 4} if objectives == ERROR else {2, 4, 6})


def test_costs_count_as_they_are_priced(tmp_path: Path) -> None:
    rule = Keep(1, objectives=(Objective("error"), Objective("macs")))
    for number, (error, macs) in enumerate([(0.1, 9.0), (0.2, 5.0), (0.3, 6.0), (0.4, 1.0)], start=1):
        _end(str(tmp_path), number, {"error": error}, rule, costs={"macs": macs})
    assert _kept(str(tmp_path)) == {1, 2, 4}


def test_trials_without_the_metric_or_with_none_are_the_worst(tmp_path: Path) -> None:
    for number, metrics in enumerate([{}, {"error": float("nan")}, {"error": 0.9}, {"error": 1.0}], start=1):
        _end(str(tmp_path), number, metrics, Keep(1))
    assert _kept(str(tmp_path)) == {3, 4}


def test_a_file_that_is_no_checkpoint_hinders_nobody(tmp_path: Path) -> None:
    _end(str(tmp_path), 1, {"error": 0.1}, Keep(2))
    (tmp_path / "1" / "1" / "last.safetensors").write_bytes(b"\xff" * 99)
    for number in (2, 3, 4):
        _end(str(tmp_path), number, {"error": 0.5}, Keep(2))
    assert _kept(str(tmp_path)) == {2, 3, 4}
    _end(str(tmp_path), 5, {"error": 0.7}, Keep(2))
    assert _kept(str(tmp_path)) == {2, 3, 5}


def test_the_folder_stays_below_its_limit(tmp_path: Path) -> None:
    rule = Keep(None, limit=100_000)
    for number in range(1, 21):
        _end(str(tmp_path), number, {"error": 1 / number}, rule, size=2_000)
    assert _kept(str(tmp_path)) == {15, 16, 17, 18, 19, 20}  # 16.4 kB each
    running = Checkpoints(str(tmp_path), 30, 1, "me", keep=rule)
    running.save_state({"w": torch.zeros(20_000)}, {"epoch": 1, "step": 0})
    _end(str(tmp_path), 21, {"error": 0.9}, rule, size=2_000)
    assert _kept(str(tmp_path)) == {20, 21}
    running.save_state({"w": torch.zeros(40_000)}, {"epoch": 2, "step": 0})
    _end(str(tmp_path), 22, {"error": 0.9}, rule, size=2_000)
    assert _kept(str(tmp_path)) == {20, 22}
    assert len(list((tmp_path / "30" / "1").iterdir())) == 2


@settings(max_examples=30)
@given(
    order=st.permutations(range(1, 25)),
    kept=st.integers(1, 6),
    values=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=24, max_size=24),
    several=st.booleans(),
)
def test_whatever_the_order_those_stay_that_few_dominate(
    order: Sequence[int], kept: int, values: Sequence[tuple[int, int]], several: bool
) -> None:
    """With a trial that ends last and is the worst of all, so that nothing is spared for its sake."""
    root = f"memory://orders-{next(ROOTS)}/study"
    rule = Keep(kept, objectives=TWO if several else ERROR)
    for number in order:
        error, latency_ms = values[number - 1]
        _end(root, number, {"error": error, "latency_ms": latency_ms}, rule)
    _end(root, 99, {"error": 9, "latency_ms": 9}, rule)

    def better(a: int, b: int) -> bool:
        (x, y), (u, v) = values[a - 1], values[b - 1]
        mine, its = ((x, y), (u, v)) if several else ((x, 0), (u, 0))
        return a < b if mine == its else mine[0] <= its[0] and mine[1] <= its[1]

    wanted = {n for n in order if sum(better(m, n) for m in order if m != n) < kept}
    assert _kept(root) == wanted | {99}


def test_many_workers_tidy_up_at_once(tmp_path: Path) -> None:
    rng = random.Random(0)
    errors = {number: rng.random() for number in range(1, 121)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: _end(str(tmp_path), n, {"error": errors[n]}, Keep(5)), errors))
    _end(str(tmp_path), 200, {"error": 2.0}, Keep(5))
    assert _kept(str(tmp_path)) == {*sorted(errors, key=errors.__getitem__)[:5], 200}


def test_what_cannot_be_tidied_up_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Away:
        """A file system that does not answer."""

        def invalidate_cache(self) -> None:
            raise OSError("no route to host")

    keep.keep_best(Away(), str(tmp_path), Keep(), but=1)
    assert "cannot tidy up" in caplog.text
    assert "no route to host" in caplog.text


def test_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Keep.from_environment() == Keep(10, None)
    monkeypatch.setenv("NAS_KEEP_WEIGHTS", "all")
    monkeypatch.setenv("NAS_ARTIFACTS_LIMIT", "1.5G")
    assert Keep.from_environment(TWO) == Keep(None, 1_500_000_000, TWO)
    monkeypatch.setenv("NAS_KEEP_WEIGHTS", "3")
    monkeypatch.setenv("NAS_ARTIFACTS_LIMIT", "4096")
    assert Keep.from_environment() == Keep(3, 4096)


@pytest.mark.parametrize(
    ("name", "text"),
    [("NAS_KEEP_WEIGHTS", text) for text in ("0", "-1", "ten", "1.5")]
    + [("NAS_ARTIFACTS_LIMIT", text) for text in ("lots", "-1", "G", "1e9", "20GB")],
)
def test_a_mistake_in_the_environment_is_one_message(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(NasError, match=rf"{name}='{text}': it is .*; type e\.g\. export {name}="):
        Keep.from_environment()


def test_what_a_trial_printed_goes_with_its_weights(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}/1").mkdir(parents=True)
        (tmp_path / f"{number}/1/log.txt").write_text("printed")
    for number, error in ((1, 0.9), (3, 0.1), (4, 0.5)):
        _end(str(tmp_path), number, {"error": error}, Keep(1))
    assert not (tmp_path / "1").exists()
    assert (tmp_path / "2/1/log.txt").exists(), "of a trial that failed it stays"
