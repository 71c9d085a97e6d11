"""Augmentation of whole batches on the device: uint8 in, normalised floats of the network's size out.

Legend: B images of a batch, C channels, H = W = side as stored, S = the network's size. Whole-pixel moves
and mirrors are one gather of bytes; only what needs interpolation goes through `grid_sample`. Measured on
one thread of a shared core at batch 128 of 3x32x32: crop and mirror 1.0 ms, with cutout 1.7, turned, zoomed
and shifted 2.4 (all through `grid_sample`: 3.3).
"""

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from numpy.typing import NDArray
from torch import Tensor

from workers.recipe import Recipe

RATIO = 4 / 3
"""Random resized crops are at most so much wider than high, or higher than wide (as all of ImageNet does)."""

Uniforms = NDArray[np.float32]
Statistics = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and standard deviation of each channel, of pixels scaled to [0, 1]."""


class Draws(NamedTuple):
    """What chance decides about each image of a batch: (B,) numbers in [0, 1) each.

    All are drawn whether needed or not, so that switching one augmentation on leaves the others alone.
    """

    angle: Uniforms
    zoom: Uniforms
    mirror: Uniforms
    dx: Uniforms
    dy: Uniforms
    crop_x: Uniforms
    crop_y: Uniforms
    cutout_x: Uniforms
    cutout_y: Uniforms
    area: Uniforms
    ratio: Uniforms
    left: Uniforms
    top: Uniforms


def drawn(rng: np.random.Generator, count: int) -> Draws:
    """The numbers of a batch of `count` images."""
    return Draws(*rng.random((len(Draws._fields), count), dtype=np.float32))


class Boxes(NamedTuple):
    """Parts of images as shares of their width and height: left, top, width, height, (B,) each."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]


def random_boxes(draws: Draws, smallest: float, aspect: NDArray[np.float64] | float = 1.0) -> Boxes:
    """Random resized crops (Szegedy et al. 2014, arXiv:1409.4842) of at least a share `smallest` of the area.

    `aspect` is width / height of the images. Crops that stick out are cut off at the border.
    """
    area = smallest + (1 - smallest) * draws.area.astype(np.float64)
    ratio = RATIO ** (2 * draws.ratio.astype(np.float64) - 1)
    width = np.minimum(np.sqrt(area * ratio / aspect), 1.0)
    height = np.minimum(np.sqrt(area / ratio * aspect), 1.0)
    return Boxes(draws.left * (1 - width), draws.top * (1 - height), width, height)


class Augment:
    """From stored bytes to what a network takes, with and without chance.

    `boxed`: random resized crops are still to be made here; they are not where images were cropped
    when they were decoded.
    """

    def __init__(
        self,
        statistics: Statistics,
        *,
        size: int,
        recipe: Recipe,
        device: torch.device,
        boxed: bool = True,
    ) -> None:
        mean, sd = (torch.tensor(values) for values in statistics)
        self.size, self.recipe, self.device = size, recipe, device
        self.scale, self.offset = (1 / (255 * sd)).to(device), (mean / sd).to(device)
        self.smallest = recipe.resized_crop if boxed else None
        self.resamples = bool(recipe.shift or recipe.rotate or recipe.zoom or self.smallest)

    def plain(self, x: Tensor) -> Tensor:
        """Images (B, H, W, C) of uint8, resized if need be and normalised: (B, C, S, S)."""
        return self._normal(self._resized(x))

    def augmented(self, x: Tensor, rng: np.random.Generator) -> Tensor:
        """The same, moved by chance."""
        draws = drawn(rng, len(x))
        x = self._windows(x, draws)
        y = self._normal(self._resampled(x, draws) if self.resamples else self._resized(x))
        return self._cut_out(y, draws) if self.recipe.cutout else y

    def _windows(self, x: Tensor, draws: Draws) -> Tensor:
        """Mirror half of the images, move each by whole pixels; black moves in. Bytes in, bytes out."""
        count, side, width, channels = x.shape
        pad = round(self.recipe.crop * side)
        if not (pad or self.recipe.flip):
            return x
        padded = x.new_zeros(count, side + 2 * pad, width + 2 * pad, channels)
        padded[:, pad : pad + side, pad : pad + width] = x
        moves = [_whole(u, 2 * pad + 1) for u in (draws.crop_y, draws.crop_x)]
        top, left, mirror = (torch.from_numpy(v).to(self.device) for v in (*moves, draws.mirror < 0.5))
        rows = torch.arange(side, device=self.device) + top[:, None]
        columns = torch.arange(width, device=self.device).expand(count, width)
        if self.recipe.flip:
            columns = torch.where(mirror[:, None], width - 1 - columns, columns)
        rows = rows + torch.arange(count, device=self.device)[:, None] * padded.shape[1]
        at = rows[:, :, None] * padded.shape[2] + (columns + left[:, None])[:, None, :]
        return padded.view(-1, channels).index_select(0, at.view(-1)).view(x.shape)

    def _resized(self, x: Tensor) -> Tensor:
        """(B, H, W, C) bytes or, where the size differs, (B, S, S, C) floats."""
        return resized(x, self.size) if x.shape[1:3] != (self.size, self.size) else x

    def _resampled(self, x: Tensor, draws: Draws) -> Tensor:
        """(B, S, S, C) floats: rotated, zoomed, shifted and cropped in one interpolation; black moves in."""
        images = x.permute(0, 3, 1, 2).float()
        maps = torch.from_numpy(self._maps(draws)).to(self.device)
        grid = F.affine_grid(maps, [*images.shape[:2], self.size, self.size], False)
        return F.grid_sample(images, grid, "bilinear", "zeros", False).permute(0, 2, 3, 1)

    def _maps(self, draws: Draws) -> Uniforms:
        """(B, 2, 3) one affine map per image, from output to input, both in [-1, 1]."""
        recipe = self.recipe
        angle = (2 * draws.angle - 1) * math.radians(recipe.rotate)
        scale = 1 + (2 * draws.zoom - 1) * recipe.zoom
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        dx, dy = ((2 * u - 1) * 2 * recipe.shift for u in (draws.dx, draws.dy))
        rows = np.stack((cos, -sin, dx, sin, cos, dy), axis=1).reshape(-1, 2, 3)
        if self.smallest:
            box = random_boxes(draws, self.smallest)
            across, down = box.width[:, None], box.height[:, None]
            rows = np.stack((rows[:, 0] * across, rows[:, 1] * down), axis=1)
            rows[:, 0, 2] += 2 * box.left + box.width - 1
            rows[:, 1, 2] += 2 * box.top + box.height - 1
        return rows.astype(np.float32)

    def _normal(self, x: Tensor) -> Tensor:
        """(B, C, S, S), channels last in memory. Whole rows at a time: four times faster than by channel."""
        count, height, width, channels = x.shape
        rows = x.float().reshape(count * height, width * channels)
        scale, offset = self.scale.repeat(width), self.offset.repeat(width)
        rows = torch.mul(rows, scale).sub_(offset)
        return rows.view(count, height, width, channels).permute(0, 3, 1, 2)

    def _cut_out(self, x: Tensor, draws: Draws) -> Tensor:
        """Set a square of each image to the mean; it may stick out (DeVries & Taylor, arXiv:1708.04552)."""
        side = round(self.recipe.cutout * self.size)
        pixels = torch.arange(self.size, device=self.device)
        inside = []
        for u in (draws.cutout_y, draws.cutout_x):
            first = torch.from_numpy(_whole(u, self.size)).to(self.device)[:, None] - side // 2
            inside.append((pixels >= first) & (pixels < first + side))
        erased = inside[0][:, :, None] & inside[1][:, None, :]
        return x.masked_fill_(erased[:, None], 0.0)


def resized(x: Tensor, size: int) -> Tensor:
    """(B, H, W, C) images as floats (B, size, size, C), smoothed where they shrink."""
    images = x.permute(0, 3, 1, 2).float()
    smaller = size < max(x.shape[1:3])
    side = (size, size)
    made = F.interpolate(images, side, mode="bilinear", align_corners=False, antialias=smaller)
    return made.permute(0, 2, 3, 1)


def _whole(u: Uniforms, count: int) -> NDArray[np.int64]:
    """Whole numbers from 0 to count - 1."""
    return np.minimum((u * count).astype(np.int64), count - 1)
