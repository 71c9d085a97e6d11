"""What a unit can see, and what it does see: the receptive field by arithmetic and by gradient.

Luo, Li, Urtasun & Zemel 2017, arXiv:1701.04128: within the theoretical field the gradient falls off from the
centre like a Gaussian, so that the effective field is much smaller.
"""

import math
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor, nn

from nas.model.layers import DeformConv2d
from workers.inside.base import Picture, view
from workers.inside.colours import ORANGE, photograph, viridis
from workers.inside.maps import shown_stages
from workers.inside.numbers import figure, listed
from workers.inside.places import Stage
from workers.inside.sheet import Bar, Row, Tile, enlarged, framed, sheet
from workers.inside.subject import Subject
from workers.inside.watching import constant_gates, seen

STAGES = 6
IMAGES = 128
"""Over which the gradient is averaged."""
SIDE = 132
TWO_SIGMA = 1 - 0.9545
"""A pixel is in the effective field if its gradient is more than this part of the greatest."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the central unit of a stage's last map sees."""

    stage: Stage
    gradient: Tensor
    """(S, S) mean magnitude, 1 at its greatest."""
    low: int
    high: int
    """First and last pixel along a side that it can see, padding included."""

    def box(self, size: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, as shares of an image of that size."""
        low, high = self.low / size, (self.high + 1) / size
        return low, low, high, high

    @property
    def effective(self) -> float:
        """Side of a square as large as all pixels that matter."""
        return math.sqrt(int((self.gradient > TWO_SIGMA).sum()))


@view(
    "field", "Receptive field", "what the central unit of each stage can see, and what it does see", order=6
)
def field(subject: Subject) -> Picture:
    """For each stage the field on an example, and the gradient within it."""
    found = [looked(subject, stage) for stage in shown_stages(subject, STAGES)]
    (row,) = subject.examples(1)
    size = subject.architecture.input.size
    image = enlarged(photograph(subject.pixels(subject.x[row : row + 1])[0]), SIDE)
    examples = [Tile(framed(image, one.box(size), ORANGE), _words(one, size)) for one in found]
    gradients = [
        Tile(framed(_map(one), one.box(size), ORANGE), (f"effective {figure(one.effective)}",))
        for one in found
    ]
    rows = [Row(examples, ("can see",)), Row(gradients, ("does see",))]
    return Picture(
        sheet(rows, Bar("0", "1", "mean |gradient|")),
        _caption(subject),
        f"For each of {len(found)} stages an image with a frame, and below it a map of gradients with the "
        "same frame.",
        {
            "receptive_field": subject.architecture.cost.receptive_field,
            "stages": [_data(one) for one in found],
        },
    )


def looked(subject: Subject, stage: Stage) -> Seen:
    """The central unit of a stage."""
    centre = stage.shape.size // 2
    low, high = stage.field.box(centre)
    gradient = effective(subject.model, stage.module, subject.x[:IMAGES], centre)
    most = float(gradient.max())
    return Seen(stage, gradient / most if most else gradient, low, high)


def effective(model: nn.Module, module: nn.Module, x: Tensor, unit: int) -> Tensor:
    """(S, S) the mean over images of how much a pixel changes the unit at (unit, unit), all maps of it
    together, in magnitude and over channels; gates are the numbers they were."""
    entry = x.detach().clone().requires_grad_()
    with seen([module]) as found, constant_gates(model):
        model(entry)
    (gradient,) = torch.autograd.grad(found[module][:, :, unit, unit].sum(), entry)
    return gradient.abs().sum(1).mean(0).float().cpu()


def _caption(subject: Subject) -> str:
    deformable = any(isinstance(module, DeformConv2d) for module in subject.model.modules())
    beyond = " Deformable convolutions move their taps, and may look beyond it." if deformable else ""
    return (
        "The receptive field of the central unit of each stage. The frame is what it can see by arithmetic, "
        "cut off at the image; the colours are the magnitude of its gradient over "
        f"{min(IMAGES, len(subject.x))} validation images, 1 at its greatest. Effective is the side of a "
        "square as large as all pixels of more than 4.55 % of that (two standard deviations of a Gaussian)."
        f"{beyond}"
    )


def _map(one: Seen) -> Image.Image:
    return enlarged(viridis(one.gradient.numpy(), 0, 1), SIDE)


def _words(one: Seen, size: int) -> tuple[str, ...]:
    side = one.stage.field.size
    return (one.stage.name, f"{side} x {side}" + (", all" if one.low <= 0 and one.high >= size - 1 else ""))


def _data(one: Seen) -> dict[str, object]:
    return {
        "stage": one.stage.name,
        "theoretical": one.stage.field.size,
        "effective": one.effective,
        "from": one.low,
        "to": one.high,
        "gradient": listed(one.gradient),
    }
