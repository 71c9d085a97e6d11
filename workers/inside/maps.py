"""What an image becomes at the end of each stage: the feature maps of Zeiler & Fergus, arXiv:1311.2901."""

import torch
from torch import Tensor

from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.colours import photograph, viridis
from workers.inside.numbers import figure, listed, spread
from workers.inside.places import Stage
from workers.inside.sheet import Row, Tile, enlarged, mosaic, sheet
from workers.inside.subject import Subject
from workers.inside.watching import seen

MAPS, STAGES = 16, 6
"""Maps of a stage and stages that are shown."""
SIDE = 62


@view("maps", "Feature maps", "what an image becomes at the end of each stage", order=3)
def maps(subject: Subject) -> Picture:
    """The strongest maps of each stage for one image."""
    stages = shown_stages(subject, STAGES)
    (row,) = subject.examples(1)
    with torch.inference_mode(), seen([stage.module for stage in stages]) as found:
        subject.model(subject.x[row : row + 1])
    label = int(subject.y[row])
    image = photograph(subject.pixels(subject.x[row : row + 1])[0])
    rows = [Row([Tile(enlarged(image, SIDE * 1.5))], ("image", f"class {label}"))]
    data = []
    for stage in stages:
        values = found[stage.module][0].float().cpu()
        channels = strongest(values)
        rows.append(_row(stage, values[channels]))
        data.append(
            {"stage": stage.name, "shape": list(stage.shape), "channels": channels,
             "maps": listed(values[channels])}
        )  # fmt: skip
    return Picture(
        sheet(rows),
        f"What validation image {subject.numbers[row]} (class {label}) becomes at the end of each stage: the "
        f"{MAPS} strongest maps of it, or all, from the least value of the stage (dark) to its greatest "
        "(bright), which stand beside it.",
        f"An image, and below it a row of its feature maps for each of {len(stages)} stages.",
        {"image": int(subject.numbers[row]), "class": label, "stages": data},
    )


def shown_stages(subject: Subject, most: int) -> list[Stage]:
    """At most so many stages, evenly; raises `DoesNotApplyError` where there are none."""
    if not subject.stages:
        raise DoesNotApplyError("no convolution makes maps of its image")
    return [subject.stages[at] for at in spread(len(subject.stages), most)]


def strongest(values: Tensor) -> list[int]:
    """The channels of (C, h, w) with the greatest mean magnitude, in their own order."""
    order = values.abs().mean((1, 2)).argsort(descending=True)
    return sorted(int(channel) for channel in order[:MAPS])


def _row(stage: Stage, shown: Tensor) -> Row:
    low, high = float(shown.min()), float(shown.max())
    images = [enlarged(viridis(one.numpy(), low, high), SIDE) for one in shown]
    channels, size = stage.shape
    words = (stage.name, f"{channels} x {size} x {size}", f"{figure(low)} to {figure(high)}")
    return Row([Tile(mosaic(images, min(MAPS, len(images))))], words)
