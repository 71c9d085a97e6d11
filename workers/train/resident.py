"""Small data: all of it on the device as uint8, resized, moved and normalised there in whole batches.

Legend: B images of a batch, C channels, H = W = size.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from nas.errors import RecipeError
from workers.data import Splits
from workers.recipe import Recipe
from workers.train.randomness import Purpose, generator

Batch = tuple[Tensor, Tensor]
"""Images (B, C, H, W) of float32 and labels (B,)."""


class Part:
    """Images and labels of one part, on the device, as uint8 (N, C, H, W)."""

    def __init__(self, images: Any, labels: Any, device: torch.device) -> None:
        self.x = torch.from_numpy(images).permute(0, 3, 1, 2).to(device)
        self.y = torch.from_numpy(labels).to(device)

    def __len__(self) -> int:
        return len(self.y)


class Resident:
    """Batches of resident data as the network wants them: float, normalised, of its size."""

    def __init__(self, splits: Splits, *, size: int, recipe: Recipe, seed: int, device: torch.device) -> None:
        self.size, self.recipe, self.seed, self.device = size, recipe, seed, device
        self.train = Part(splits.x_train, splits.y_train, device)
        self.valid = Part(splits.x_valid, splits.y_valid, device)
        if recipe.batch > len(self.train):
            raise RecipeError(
                f"recipe value batch = {recipe.batch}: must not exceed the {len(self.train)} training images"
            )
        self.scale = (1 / (255 * torch.tensor(splits.sd))).view(1, -1, 1, 1).to(device)
        self.offset = (torch.tensor(splits.mean) / torch.tensor(splits.sd)).view(1, -1, 1, 1).to(device)
        self._augment = generator(seed, Purpose.AUGMENT, 0)

    @property
    def steps(self) -> int:
        """Steps of an epoch: whole batches only, so that every step has one shape."""
        return len(self.train) // self.recipe.batch

    def epoch(
        self, epoch: int, first: int = 0, augment: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Training batches of an epoch from step `first` on; `augment` is `state()` of that moment."""
        order = torch.randperm(len(self.train), generator=generator(self.seed, Purpose.ORDER, epoch))
        order = order.to(self.device)
        self._augment = generator(self.seed, Purpose.AUGMENT, epoch)
        if augment is not None:
            self._augment.set_state(augment)
        for step in range(first, self.steps):
            chosen = order[step * self.recipe.batch : (step + 1) * self.recipe.batch]
            yield self._deliver(self.train.x[chosen], self._moves(len(chosen))), self.train.y[chosen]

    def state(self) -> Tensor:
        """Where the random numbers of the running epoch's augmentation stand."""
        return self._augment.get_state()

    def validation(self, batch: int) -> Iterator[Batch]:
        """All validation images in order, not augmented."""
        for start in range(0, len(self.valid), batch):
            x = self.valid.x[start : start + batch]
            yield self._deliver(x, None), self.valid.y[start : start + batch]

    def _deliver(self, x: Tensor, moves: Tensor | None) -> Tensor:
        images = x.float()
        if x.shape[-1] > self.size or moves is None:
            images = self._resize(images)
        if moves is not None:
            shape = [len(x), x.shape[1], self.size, self.size]
            # Padding is black; the images that are not moved come out as `_resize` gives them.
            images = F.grid_sample(images, F.affine_grid(moves, shape, False), "bilinear", "zeros", False)
        images = images.mul(self.scale).sub_(self.offset)
        return images.contiguous(memory_format=torch.channels_last)

    def _resize(self, images: Tensor) -> Tensor:
        if images.shape[-1] == self.size == images.shape[-2]:
            return images
        smaller = images.shape[-1] > self.size
        side = (self.size, self.size)
        return F.interpolate(images, side, mode="bilinear", align_corners=False, antialias=smaller)

    def _moves(self, count: int) -> Tensor | None:
        """One affine map (2, 3) per image, from output to input, both in [-1, 1]."""
        recipe = self.recipe
        if not (recipe.shift or recipe.rotate or recipe.zoom or recipe.flip):
            return None
        u = torch.rand(5, count, generator=self._augment).mul_(2).sub_(1)
        angle, scale = u[0] * math.radians(recipe.rotate), 1 + u[1] * recipe.zoom
        mirror = torch.where(u[2] < 0, -1.0, 1.0) if recipe.flip else torch.ones(count)
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        dx, dy = u[3] * 2 * recipe.shift, u[4] * 2 * recipe.shift
        rows = torch.stack((cos * mirror, -sin, dx, sin * mirror, cos, dy), dim=1)
        return rows.view(count, 2, 3).to(self.device)
