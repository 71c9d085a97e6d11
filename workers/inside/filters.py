"""The filters of the first convolution, as AlexNet's were shown (Krizhevsky et al. 2012)."""

from torch import Tensor, nn

from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.colours import weights
from workers.inside.numbers import listed
from workers.inside.places import places
from workers.inside.sheet import Row, Tile, enlarged, mosaic, sheet, signed_bar
from workers.inside.subject import Subject

MOST = 128
"""Filters that are shown."""
COLUMNS = 16
SIDE = 44


@view("filters", "First filters", "the filters of the first convolution as images", order=1)
def filters(subject: Subject) -> Picture:
    """Every filter as an image of its weights, all on one scale."""
    conv = first_convolution(subject)
    shown: Tensor = conv.weight.detach().cpu()[:MOST]
    count, channels, kernel = len(conv.weight), shown.shape[1], shown.shape[2]
    most = float(shown.abs().max())
    images = [enlarged(weights(one.permute(1, 2, 0).numpy(), most), SIDE) for one in shown]
    columns = min(COLUMNS, len(images)) if channels in (1, 3) else 4
    colour = channels == 3
    bar = None if colour else signed_bar(most, "weight, the same scale for all filters")
    which = f"all {count}" if count <= MOST else f"the first {MOST} of {count}"
    how = "middle grey is 0" if colour else "white is 0"
    return Picture(
        sheet([Row([Tile(mosaic(images, columns, 4))])], bar),
        f"The filters of the first convolution, {which}, {kernel} × {kernel} weights of {channels} "
        f"channel{'s' if channels > 1 else ''} each; {how}, and all share one scale up to ±{most:.3g}.",
        f"{len(images)} small squares, each the {kernel} × {kernel} weights of one filter of the first "
        "convolution.",
        {"filters": count, "kernel": kernel, "channels": channels, "largest": most, "weights": listed(shown)},
    )


def first_convolution(subject: Subject) -> nn.Conv2d:
    """The first convolution in data order, which reads the image."""
    for place in places(subject.architecture, subject.model):
        if isinstance(place.module, nn.Conv2d):
            if place.node.input.channels != subject.architecture.input.channels:
                break
            if place.module.kernel_size == (1, 1):
                raise DoesNotApplyError("its first convolution is 1 × 1, and has no shape to see")
            return place.module
    raise DoesNotApplyError("no convolution reads its image")
