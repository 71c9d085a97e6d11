"""Augmentations against slow and plain ways to do the same."""

import numpy as np
import pytest
import torch

from workers.recipe import Recipe
from workers.train.feeds.augment import Augment, drawn, random_boxes

MEAN, SD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
CPU = torch.device("cpu")


def _augment(size: int = 12, boxed: bool = True, **recipe: object) -> Augment:
    return Augment((MEAN, SD), size=size, recipe=Recipe.resolve(recipe), device=CPU, boxed=boxed)


def _images(count: int = 40, side: int = 12) -> torch.Tensor:
    """No black pixel."""
    x = np.random.default_rng(1).integers(1, 256, (count, side, side, 3), dtype=np.uint8)
    return torch.from_numpy(x)


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _normal(x: torch.Tensor) -> torch.Tensor:
    """(B, C, H, W) normalised, the plain way."""
    mean, sd = (torch.tensor(v).view(1, -1, 1, 1) for v in (MEAN, SD))
    return (x.permute(0, 3, 1, 2).float() / 255 - mean) / sd


def test_nothing_asked_is_nothing_done() -> None:
    x = _images()
    for y in (_augment().plain(x), _augment().augmented(x, _rng())):
        assert torch.allclose(y, _normal(x), atol=1e-5)
        assert y.is_contiguous(memory_format=torch.channels_last)
        assert y.dtype == torch.float32


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("crop", [0.0, 0.25, 0.5])
def test_whole_pixel_moves_are_those_of_slices(crop: float, flip: bool) -> None:
    x = _images()
    draws, pad, side = drawn(_rng(), len(x)), round(12 * crop), 12
    wanted = []
    for i, image in enumerate(x.numpy()):
        padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)))
        top, left = (int(u[i] * (2 * pad + 1)) for u in (draws.crop_y, draws.crop_x))
        window = padded[top : top + side, left : left + side]
        wanted.append(window[:, ::-1] if flip and draws.mirror[i] < 0.5 else window)
    made = _augment(crop=crop, flip=flip).augmented(x, _rng())
    assert torch.allclose(made, _normal(torch.from_numpy(np.stack(wanted))), atol=1e-5)


def test_moves_reach_the_whole_range_and_half_are_mirrored() -> None:
    x = torch.zeros(2000, 8, 8, 3, dtype=torch.uint8)
    x[:, 4, 1] = 255
    y = _augment(8, crop=0.25, flip=True).augmented(x, _rng())[:, 0]
    at = (y > 0).nonzero()
    assert set(at[:, 1].tolist()) == {2, 3, 4, 5, 6}
    assert set(at[:, 2].tolist()) == {0, 1, 2, 3, 4, 5, 6, 7}
    assert 0.45 < (at[:, 2] < 4).sum() / len(at) < 0.55


def test_a_cutout_is_a_square_of_the_mean() -> None:
    x = torch.full((500, 16, 16, 3), 255, dtype=torch.uint8)
    y = _augment(16, cutout=0.5).augmented(x, _rng())
    erased = (y == 0).all(dim=1)
    areas = erased.sum(dim=(1, 2))
    assert areas.max() == 64
    assert areas.min() >= 16  # a quarter is left where it sticks out at a corner
    assert torch.equal(erased, erased.any(2)[:, :, None] & erased.any(1)[:, None, :])
    assert torch.allclose(y[~(y == 0)].max(), _normal(x).max())


def test_maps_that_move_nothing_leave_the_images() -> None:
    x = _images()
    still = _augment(shift=1e-9).augmented(x, _rng())
    assert torch.allclose(still, _normal(x), atol=1e-3)


def test_a_shift_of_whole_pixels_is_a_crop() -> None:
    """The two ways agree where both can do it."""
    x, shifted = _images(), _augment(shift=0.5)
    maps = torch.from_numpy(shifted._maps(drawn(_rng(), len(x))))
    maps[:, :, :2] = torch.eye(2)
    maps[:, :, 2] = torch.tensor([2 * 3 / 12, -2 * 2 / 12])  # from 3 pixels to the right, 2 above
    shifted._maps = lambda draws: maps.numpy()  # type: ignore[method-assign]
    y = shifted.augmented(x, _rng())
    assert torch.allclose(y[:, :, 2:, :-3], _normal(x)[:, :, :-2, 3:], atol=1e-4)


def test_a_turn_and_a_zoom_keep_the_middle() -> None:
    x = _images(side=13)
    y = _augment(13, rotate=180, zoom=0.5).augmented(x, _rng())
    assert torch.allclose(y[:, :, 6, 6], _normal(x)[:, :, 6, 6], atol=1e-3)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.5])
def test_random_boxes_lie_inside_and_have_the_area(aspect: float) -> None:
    box = random_boxes(drawn(_rng(), 5000), 0.3, aspect)
    assert min(box.left.min(), box.top.min()) >= 0
    assert max((box.left + box.width).max(), (box.top + box.height).max()) <= 1 + 1e-9
    area, ratio = box.width * box.height, aspect * box.width / box.height
    whole = (box.width < 1) & (box.height < 1)
    assert 0.3 - 1e-6 <= area[whole].min() < 0.32
    assert ratio[whole].min() >= 3 / 4 - 1e-6
    assert ratio[whole].max() <= 4 / 3 + 1e-6


def test_a_resized_crop_is_what_its_box_says() -> None:
    """A ramp from 0 to 1 across the image: what comes out tells where it was taken from."""
    ramp = (torch.arange(64) * 4).byte().expand(64, 64)
    x = torch.stack((ramp, ramp.T, ramp), dim=2).expand(300, 64, 64, 3).contiguous()
    box = random_boxes(drawn(_rng(), 300), 0.2)
    y = _augment(32, resized_crop=0.2).augmented(x, _rng()) * torch.tensor(SD).view(-1, 1, 1)
    y = (y + torch.tensor(MEAN).view(-1, 1, 1)) * 255 / 256
    middle = y[:, :, 15:17, 15:17].mean(dim=(2, 3))
    assert np.allclose(middle[:, 0], box.left + box.width / 2 - 0.5 / 64, atol=0.01)
    assert np.allclose(middle[:, 1], box.top + box.height / 2 - 0.5 / 64, atol=0.01)


def test_crops_already_made_are_not_made_again() -> None:
    x = _images()
    assert torch.equal(
        _augment(resized_crop=0.1, boxed=False).augmented(x, _rng()), _augment().augmented(x, _rng())
    )


def test_one_augmentation_leaves_the_draws_of_the_others_alone() -> None:
    x = _images()
    one = _augment(crop=0.25, flip=True).augmented(x, _rng())
    two = _augment(crop=0.25, flip=True, cutout=0.25).augmented(x, _rng())
    kept = two != 0
    assert kept.float().mean() > 0.9
    assert torch.equal(one[kept], two[kept])


@pytest.mark.parametrize("size", [5, 12, 20])
@pytest.mark.parametrize("recipe", [{}, {"crop": 0.2, "flip": True}, {"shift": 0.1}, {"resized_crop": 0.5}])
def test_the_networks_size_comes_out(size: int, recipe: dict[str, object]) -> None:
    augment = _augment(size, **recipe)
    for y in (augment.plain(_images()), augment.augmented(_images(), _rng())):
        assert y.shape == (40, 3, size, size)
        assert y.is_contiguous(memory_format=torch.channels_last)
        assert torch.isfinite(y).all()
