from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.errors import RecipeError
from tests.workers.data.pictures import write_folder
from workers.data import Splits, Streams, dataset, load_data
from workers.data.images import centre, decode
from workers.data.split import split
from workers.recipe import Recipe
from workers.train.feeds import feed
from workers.train.feeds.resident import Resident, stored_side

CPU = torch.device("cpu")
ALL = {"crop": 0.2, "flip": True, "cutout": 0.3, "shift": 0.05, "rotate": 5, "zoom": 0.1, "resized_crop": 0.5}


def _resident(data: Splits | Streams, size: int = 8, **recipe: object) -> Resident:
    made = feed(data, size=size, recipe=Recipe.resolve(recipe), seed=3, device=CPU)
    assert isinstance(made, Resident)
    return made


def _squares(count: int = 60, side: int = 10) -> Splits:
    x = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return split(x, np.arange(count) % 3, valid=0.2, test=0.2)


@pytest.mark.parametrize("size", [5, 8, 16])
def test_batches_have_the_networks_size_and_are_normalised(size: int) -> None:
    made = _resident(load_data("digits"), size, batch=64, shift=0.125, rotate=5, zoom=0.1, flip=True)
    batches = list(made.epoch(1))
    assert len(batches) == made.steps == 1079 // 64
    assert {tuple(x.shape) for x, _ in batches} == {(64, 1, size, size)}
    x = torch.cat([x for x, _ in made.validation(100)])
    assert len(x) == made.sizes.valid == 359
    if size == 8:
        assert abs(x.mean()) < 0.05
        assert abs(x.std() - 1) < 0.05


@pytest.mark.parametrize("recipe", [{}, {"crop": 0.2, "flip": True}, ALL])
def test_an_epoch_begun_in_the_middle_is_the_rest_of_it(recipe: dict[str, object]) -> None:
    data = _squares()
    whole = list(_resident(data, batch=5, **recipe).epoch(2))
    for first in (0, 1, 4, len(whole)):
        rest = list(_resident(data, batch=5, **recipe).epoch(2, first))
        assert len(rest) == len(whole) - first
        for (x, y), (there_x, there_y) in zip(rest, whole[first:], strict=True):
            assert torch.equal(x, there_x)
            assert torch.equal(y, there_y)


def test_epochs_and_seeds_differ_and_each_image_comes_once() -> None:
    data = _squares()
    made = _resident(data, 10, batch=12)
    orders = [torch.cat([x for x, _ in made.epoch(epoch)]) for epoch in (1, 2)]
    assert not torch.equal(orders[0], orders[1])
    for order in orders:
        assert len({x.numpy().tobytes() for x in order}) == len(order) == 36
    other = feed(data, size=10, recipe=Recipe(batch=12), seed=4, device=CPU)
    assert not torch.equal(torch.cat([x for x, _ in other.epoch(1)]), orders[0])


def test_labels_go_with_their_images() -> None:
    x = np.repeat(np.arange(0, 90, 3, dtype=np.uint8), 4 * 4).reshape(30, 4, 4, 1)
    data = split(x, x[:, 0, 0, 0].astype(np.int64) // 3 % 3, valid=0.1, test=0.1)
    made = _resident(data, 4, batch=4)
    parts = [made.epoch(1), made.validation(2), made.test(2)]
    for images, labels in (batch for part in parts for batch in part):
        levels = (images[:, 0, 0, 0] * data.sd[0] + data.mean[0]) * 255
        assert torch.equal(levels.round().long() // 3 % 3, labels)


def test_every_image_of_validation_and_test_comes_in_order() -> None:
    data = _squares(side=8)
    made = _resident(data, batch=9)
    for batches, x, y in (
        (made.validation(5), data.x_valid, data.y_valid),
        (made.test(100), data.x_test, data.y_test),
    ):
        images, labels = zip(*batches, strict=True)
        wanted = (torch.from_numpy(x).permute(0, 3, 1, 2) / 255 - torch.tensor(data.mean).view(-1, 1, 1)) / (
            torch.tensor(data.sd).view(-1, 1, 1)
        )
        assert torch.allclose(torch.cat(images), wanted, atol=1e-5)
        assert torch.equal(torch.cat(labels), torch.from_numpy(y))


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(RecipeError, match="batch = 5000: must not exceed the 1079"):
        _resident(load_data("digits"), batch=5000)


@pytest.mark.parametrize(
    ("own", "size", "zoom", "side"),
    [(32, 32, None, 32), (32, 24, None, 24), (8, 16, None, 8), (64, 24, 0.3, 48), (None, 24, 0.3, 48)],
)
def test_images_are_kept_no_larger_than_is_of_use(
    own: int | None, size: int, zoom: float | None, side: int
) -> None:
    assert stored_side(own, size, Recipe(resized_crop=zoom)) == side


def test_a_small_folder_becomes_resident(tmp_path: Path) -> None:
    """With the pixels that decoding to the network's size gives, whoever decodes."""
    name = f"imagefolder:{write_folder(tmp_path, train=10, val=3, test=2)}"
    data = load_data(name)
    assert isinstance(data, Streams)
    by: Callable[[int], Resident] = lambda loaders: _resident(data, 12, batch=4, loaders=loaders)  # noqa: E731
    here, there = by(0), by(1)
    assert torch.equal(here.valid.x, there.valid.x)
    pixels = decode(data.valid.read(4), name="", channels=3, side=12, region=centre())
    assert torch.equal(here.valid.x[4], torch.from_numpy(pixels))
    assert torch.equal(here.valid.y, torch.tensor([0, 0, 0, 1, 1, 1]))
    assert sum(len(x) for x, _ in here.test(3)) == 4
    assert dataset(name).info.size == 16


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("size", [6, 10, 14])
@pytest.mark.parametrize("recipe", [{}, {"crop": 0.2, "flip": True, "cutout": 0.3}, ALL])
def test_a_gpu_delivers_what_the_cpu_does(size: int, recipe: dict[str, object]) -> None:
    data, chosen = _squares(), Recipe.resolve({"batch": 9, **recipe})
    here, there = (
        list(feed(data, size=size, recipe=chosen, seed=3, device=torch.device(kind)).epoch(1))
        for kind in ("cpu", "cuda")
    )
    for (x, y), (x_there, y_there) in zip(here, there, strict=True):
        assert x_there.is_cuda
        assert x_there.is_contiguous(memory_format=torch.channels_last)
        # A rounded byte may differ where images were made smaller beforehand.
        assert torch.allclose(x, x_there.cpu(), atol=0.05)
        assert torch.equal(y, y_there.cpu())
