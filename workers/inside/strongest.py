"""What excites a feature map most: the nine images, and what in them did, as in figure 2 of ZFNet's paper.

Zeiler & Fergus 2013, arXiv:1311.2901.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.colours import photograph, weights
from workers.inside.deconv import alone, deconvolved, is_guided
from workers.inside.maps import shown_stages
from workers.inside.numbers import listed
from workers.inside.places import Stage
from workers.inside.sheet import Row, Tile, beside, enlarged, mosaic, sheet, signed_bar
from workers.inside.subject import Subject, batches
from workers.inside.watching import seen

STAGES, MAPS, IMAGES = 5, 4, 9
SIDE = 38
PAPER = 0.955
"""Brightness of what lies beyond an image."""


@dataclass(frozen=True, eq=False)
class Excited:
    """One map with the images that excite it most."""

    channel: int
    rows: list[int]
    """Of the subject's images, the strongest first."""
    activations: list[float]
    places: NDArray[np.int64]
    """(n, 2) row and column of the activation in the map."""
    origin: Tensor
    """(n, C, S, S) what in each image the activation comes from."""


@view("deconvolution", "Strongest activations", "what excites the maps of each stage most (ZFNet)", order=4)
def strongest(subject: Subject) -> Picture:
    """For some maps of each stage the nine images that excite them most, and what in these does."""
    stages = shown_stages(subject, STAGES)
    tops = peaks(subject, stages)
    rows, data = [], []
    for stage, values in zip(stages, tops, strict=True):
        found = [excited(subject, stage, channel, values) for channel in chosen(values)]
        if found:
            rows.append(Row([_tile(subject, stage, one) for one in found], _words(stage), gap=18))
        data.append(
            {"stage": stage.name, "field": stage.field.size, "maps": [_data(subject, m) for m in found]}
        )
    if not rows:
        raise DoesNotApplyError("none of its maps is excited by any validation image")
    colour = subject.x.shape[1] == 3
    zero = "middle grey" if colour else "white"
    guided = is_guided(subject.model)
    method = "guided backpropagation" if guided else "a deconvolutional network"
    return Picture(
        sheet(rows, None if colour else signed_bar(1, "part of the map's largest")),
        f"What excites feature maps most: for {MAPS} maps of each stage, at the left what the strongest "
        f"activation in each of {IMAGES} validation images comes from, projected back to the pixels by "
        f"{method} ({zero} is 0, one scale for each map), at the right the same places of the images, as "
        "much of them as the map can see.",
        f"For each of {len(rows)} stages up to {MAPS} pairs of {IMAGES} small images: a reconstruction, and "
        "the part of the image it is from.",
        {"images": len(subject.x), "method": "guided" if guided else "deconvolution", "stages": data},
    )


@torch.inference_mode()
def peaks(subject: Subject, stages: list[Stage]) -> list[Tensor]:
    """For each stage (N, C): the greatest activation of each image in each map."""
    found: list[list[Tensor]] = [[] for _ in stages]
    with seen([stage.module for stage in stages]) as given:
        for part in batches(subject.x):
            subject.model(part)
            for stage, kept in zip(stages, found, strict=True):
                kept.append(given[stage.module].flatten(2).amax(2).float().cpu())
    return [torch.cat(kept) for kept in found]


def chosen(tops: Tensor) -> list[int]:
    """The maps of (N, C) that some images excite far more than most: by how far the mean of the strongest
    nine is above the median, in median distances of the map."""
    best = tops.topk(min(IMAGES, len(tops)), 0).values.mean(0)
    usual = tops.median(0).values
    spread = (tops - usual).abs().mean(0)
    contrast = torch.where(best > 0, (best - usual) / spread.clamp(min=1e-9), -1.0)
    contrast[spread <= 1e-6 * tops.abs().max()] = -1.0
    order = [int(channel) for channel in contrast.argsort(descending=True) if contrast[channel] >= 0]
    return sorted(order[:MAPS])


def excited(subject: Subject, stage: Stage, channel: int, tops: Tensor) -> Excited:
    """A map's strongest images, projected back."""
    values, rows = tops[:, channel].topk(min(IMAGES, len(tops)))
    values, rows = values[values > 0], rows[values > 0]
    x = subject.x[rows.to(subject.x.device)]
    with torch.no_grad(), seen([stage.module]) as given:
        subject.model(x)
    signal, places = alone(given[stage.module], channel)
    guided = is_guided(subject.model)
    origin = deconvolved(subject.model, stage.module, x, signal, guided=guided).float().cpu()
    return Excited(channel, rows.tolist(), values.tolist(), places.cpu().numpy(), origin)


def _tile(subject: Subject, stage: Stage, one: Excited) -> Tile:
    most = float(one.origin.abs().max())
    pixels = subject.pixels(subject.x[torch.tensor(one.rows)])
    origins = one.origin.permute(0, 2, 3, 1).numpy()
    left, right = [], []
    for image, origin, place in zip(pixels, origins, one.places, strict=True):
        left.append(enlarged(weights(crop(origin, stage, place, 0.0), most), SIDE))
        right.append(enlarged(photograph(crop(image, stage, place, PAPER)), SIDE))
    return Tile(beside([mosaic(left, 3), mosaic(right, 3)], 5), (f"map {one.channel}",))


def crop(
    image: NDArray[np.float32], stage: Stage, place: NDArray[np.int64], beyond: float
) -> NDArray[np.float32]:
    """The part of an image (S, S, C) that the unit at that place sees; all of it where that is as much."""
    size = image.shape[0]
    if stage.field.size >= size:
        return image
    (top, bottom), (left, right) = (stage.field.box(int(unit)) for unit in place)
    pad = stage.field.size
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), constant_values=beyond)
    return padded[top + pad : bottom + pad + 1, left + pad : right + pad + 1]


def _words(stage: Stage) -> tuple[str, ...]:
    channels, size = stage.shape
    field = stage.field.size
    return (stage.name, f"{channels} x {size} x {size}", f"sees {field} x {field}")


def _data(subject: Subject, one: Excited) -> dict[str, object]:
    return {
        "channel": one.channel,
        "images": subject.numbers[one.rows].tolist(),
        "activations": listed(one.activations),
        "places": one.places.tolist(),
    }
