"""Streamed data: the same batches whoever reads them, mistakes told, processes that end."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.errors import DataError, RecipeError
from nas.records import EpochReport
from tests.workers.data.pictures import write_folder
from tests.workers.standins import request
from workers.data import Streams, load_data
from workers.data.images import centre, decode
from workers.recipe import Recipe
from workers.train.feeds import Batch, choose, feed
from workers.train.feeds.loader import process_count
from workers.train.feeds.stream import Stream

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[4]
ALL = {"resized_crop": 0.3, "crop": 0.1, "flip": True, "cutout": 0.3, "shift": 0.05}


@pytest.fixture(autouse=True)
def _nothing_becomes_resident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "RESIDENT_BYTES", 0)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # the slot's cores


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("photographs")
    return f"imagefolder:{write_folder(folder, ending='jpg', train=20, val=5, test=3)}"


@pytest.fixture
def data(name: str) -> Streams:
    made = load_data(name)
    assert isinstance(made, Streams)
    return made


def _stream(data: Streams, size: int = 12, seed: int = 3, **recipe: object) -> Stream:
    made = feed(data, size=size, recipe=Recipe.resolve({"batch": 6, **recipe}), seed=seed, device=CPU)
    assert isinstance(made, Stream)
    return made


def _same(left: Iterator[Batch], right: list[Batch]) -> bool:
    pairs = zip(left, right, strict=True)
    return all(torch.equal(x, a) and torch.equal(y, b) for (x, y), (a, b) in pairs)


@pytest.mark.parametrize("loaders", [0, 1, 2])
@pytest.mark.parametrize("recipe", [{}, ALL], ids=["plain", "all"])
def test_an_epoch_begun_in_the_middle_is_the_rest_of_it(
    data: Streams, loaders: int, recipe: dict[str, object]
) -> None:
    """Against one that nothing disturbed, read by this process."""
    calm = _stream(data, loaders=0, **recipe)
    whole, other = list(calm.epoch(2)), list(calm.epoch(3))
    assert len(whole) == calm.steps == 6
    made = _stream(data, loaders=loaders, **recipe)
    assert _same(made.epoch(2), whole)
    assert _same(made.epoch(3, 4), other[4:])
    for first in (1, 5, 6):
        assert _same(made.epoch(2, first), whole[first:])
    made.close()


@pytest.mark.parametrize("loaders", [0, 2])
def test_what_is_not_read_to_its_end_disturbs_nothing(data: Streams, loaders: int) -> None:
    calm, made = _stream(data, loaders=0), _stream(data, loaders=loaders)
    begun = made.epoch(1)
    next(begun)
    assert _same(made.validation(4), list(calm.validation(4)))
    assert _same(made.test(4), list(calm.test(4)))
    with pytest.raises(AssertionError, match="another run"):
        next(begun)
    assert _same(made.epoch(1), list(calm.epoch(1)))
    made.close()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("loaders", [0, 2])
def test_a_gpu_gets_the_same_batches(data: Streams, loaders: int) -> None:
    recipe = Recipe.resolve({"batch": 6, "loaders": loaders, **ALL})
    there = feed(data, size=12, recipe=recipe, seed=3, device=torch.device("cuda"))
    here = list(_stream(data, loaders=0, **ALL).epoch(2))
    for (x, y), (x_there, y_there) in zip(here, there.epoch(2), strict=True):
        assert x_there.is_cuda
        assert torch.allclose(x, x_there.cpu(), atol=1e-3)
        assert torch.equal(y, y_there.cpu())
    there.close()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_only_this_thread_speaks_to_a_gpu(data: Streams) -> None:
    """Another one would break the recording of a CUDA graph."""
    recipe = Recipe.resolve({"batch": 6, "loaders": 1})
    made = feed(data, size=12, recipe=recipe, seed=3, device=torch.device("cuda"))
    threads = {thread.name for thread in threading.enumerate()}
    next(made.epoch(1))
    new = {thread.name for thread in threading.enumerate()} - threads
    assert not any("pin_memory" in name for name in new)
    made.close()


def test_torchs_own_random_numbers_are_left_to_the_network(data: Streams) -> None:
    states = []
    for loaders in (0, 1):
        torch.manual_seed(5)
        made = _stream(data, loaders=loaders)
        list(made.epoch(1))
        made.close()
        states.append(torch.get_rng_state())
    assert torch.equal(*states)


def test_parts_come_in_order_with_their_labels(data: Streams) -> None:
    made = _stream(data, loaders=0)
    assert made.sizes == (40, 10, 6)
    images, labels = zip(*made.validation(4), strict=True)
    assert torch.cat(labels).tolist() == [0] * 5 + [1] * 5
    pixels = decode(data.valid.read(7), name="", channels=3, side=12, region=centre())
    shown = torch.cat(images)[7].permute(1, 2, 0) * torch.tensor(data.sd) + torch.tensor(data.mean)
    assert np.allclose(shown.numpy() * 255, pixels, atol=0.01)
    assert sum(len(y) for _, y in made.epoch(1)) == 36


def test_validation_looks_at_the_middle_where_training_zooms_in(data: Streams) -> None:
    made = _stream(data, 14, loaders=0, resized_crop=0.5)
    first = next(made.validation(1))[0][0].permute(1, 2, 0)
    pixels = decode(data.valid.read(0), name="", channels=3, side=14, region=centre(0.875))
    shown = (first * torch.tensor(data.sd) + torch.tensor(data.mean)) * 255
    assert np.allclose(shown.numpy(), pixels, atol=0.01)


@pytest.mark.parametrize("loaders", [0, 2])
def test_an_image_that_is_cut_off_is_named(tmp_path: Path, loaders: int) -> None:
    """Its header is sound, so that it is found when it is decoded."""
    write_folder(tmp_path, ending="jpg", train=20, val=5, test=3)
    bad = tmp_path / "val/dog/002.jpg"
    data = load_data(f"imagefolder:{tmp_path}")
    assert isinstance(data, Streams)
    bad.write_bytes(bad.read_bytes()[:-150])
    made = _stream(data, loaders=loaders)
    assert len(list(made.epoch(1))) == 6
    with pytest.raises(DataError, match=f"image cannot be read: {bad}: .*mend or remove it") as caught:
        list(made.validation(4))
    assert "\n" not in str(caught.value)
    bad.unlink()
    with pytest.raises(DataError, match=f"{bad} cannot be read: No such file"):
        list(made.validation(4))
    made.close()


def test_a_batch_larger_than_the_data_is_refused(data: Streams) -> None:
    with pytest.raises(RecipeError, match="batch = 41: must not exceed the 40 training images"):
        _stream(data, batch=41)


@pytest.mark.parametrize(("asked", "count"), [(None, 2), (0, 0), (1, 1), (2, 2), (64, 2)])
def test_there_are_never_more_processes_than_the_slot_has_cores(asked: int | None, count: int) -> None:
    assert process_count(asked) == count


def _children(pid: int) -> set[int]:
    """Processes below a process, whichever of its threads began them, and theirs too."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    mine = {int(child) for threads in listed for child in threads.read_text().split()}
    return mine.union(*map(_children, mine))


def _gone(pids: set[int], within_s: float) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        states = [Path(f"/proc/{pid}/stat") for pid in pids]
        if all(not s.exists() or s.read_text().rpartition(")")[2].split()[0] == "Z" for s in states):
            return True
        time.sleep(0.1)
    return False


def test_processes_end_with_the_feed(data: Streams) -> None:
    before = _children(os.getpid())
    made = _stream(data, loaders=2)
    begun = made.epoch(1)
    next(begun)
    helpers = _children(os.getpid()) - before
    # The server that forks them stays for the next feed.
    assert len(helpers) in (2, 3, 4)
    made.close()
    del begun
    left = _children(os.getpid()) - before
    assert len(left) <= len(helpers) - 2


SCRIPT = """
    import torch
    from workers.data import load_data
    from workers.recipe import Recipe
    from workers.train.feeds import choose, feed
    choose.RESIDENT_BYTES = 0
    recipe = Recipe(batch=6, loaders=2)
    made = feed(load_data({name!r}), size=12, recipe=recipe, seed=0, device=torch.device("cpu"))
    begun = made.epoch(1)
    next(begun)
    print("up", flush=True)
    {then}
"""


def _script(name: str, then: str, folder: Path) -> "subprocess.Popen[str]":
    """A user's script, without a guard around what it does."""
    file = folder / "script.py"
    file.write_text(textwrap.dedent(SCRIPT).format(name=name, then=then))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(file)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_users_script_is_not_run_again_by_the_processes(name: str, tmp_path: Path) -> None:
    out, err = _script(name, "print(sum(1 for _ in begun))", tmp_path).communicate(timeout=60)
    assert (out, err) == ("up\n5\n", "")


@pytest.mark.slow
def test_processes_end_with_a_killed_worker(name: str, tmp_path: Path) -> None:
    worker = _script(name, "import time; time.sleep(100)", tmp_path)
    assert worker.stdout is not None
    worker.stdout.readline()
    helpers = _children(worker.pid)
    assert len(helpers) >= 3
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert _gone(helpers, within_s=20)
    worker.communicate()


@pytest.mark.ray
@pytest.mark.slow
def test_a_ray_worker_streams_too_and_takes_its_processes_along(name: str) -> None:
    """The same pixels as here, from a process of the actor's, which ends with the actor."""
    from tests.workers.slots.test_contract import until_end, until_free
    from tests.workers.train.feeds import standins
    from workers.slots.ray import RaySlots

    slots = RaySlots(1, cpus_per_trial=1)
    try:
        until_free(slots)
        evaluator = f"python:{standins.__name__}."
        asked = replace(request("x"), data=name, recipe={"batch": 6}, evaluator=evaluator + "streamed")
        slots.submit(asked)
        report, end = until_end(slots)
        assert end.cause is None, end.message
        until_free(slots)
        slots.submit(replace(asked, number=2, evaluator=evaluator + "waits_streaming"))
        while not any(isinstance(event, EpochReport) for event in slots.events(1)):
            pass
        worker = int(end.worker.split(":")[1])
        helpers = _children(worker)
        assert len(helpers) >= 2
        os.kill(worker, signal.SIGKILL)
        assert _gone(helpers, within_s=20)
    finally:
        slots.close()
    data = load_data(name)
    assert isinstance(data, Streams)
    here = sum(x.double().sum().item() for x, _ in _stream(data, seed=0, loaders=0).epoch(1))
    assert report.metrics["total"] == here


@pytest.mark.slow
def test_a_killed_helper_ends_the_epoch_with_an_error(data: Streams) -> None:
    """It is missed after 5 s at most."""
    before = _children(os.getpid())
    made = _stream(data, loaders=1)
    list(made.epoch(1))
    for helper in _children(os.getpid()) - before:
        forked = "forkserver" in Path(f"/proc/{helper}/cmdline").read_text()
        if forked and not _children(helper):  # not the server itself
            os.kill(helper, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(made.epoch(2))
    made.close()
