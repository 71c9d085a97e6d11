"""The published networks of all spaces: accuracy on ImageNet by multiply-adds, parameters as areas.

As Canziani, Paszke & Culurciello (2016), An Analysis of Deep Neural Network Models for Practical
Applications, arXiv:1605.07678, drew them. Costs are priced here; accuracies are as published, with the
recipes of their time.
"""

import math
from dataclasses import dataclass

from nas.service.plain import si
from nas.space.load import load_space
from tests.pictures.chart import COLOURS, Plot, document

CLASSES = 1000
LABELS: dict[str, tuple[str, float, float, str]] = {
    "alexnet": ("AlexNet", 18, 4, "said"),
    "zfnet": ("ZFNet", 20, 14, "said"),
    "vgg": ("VGG", 22, 30, "said"),
    "googlenet": ("GoogLeNet", 4, 22, "said"),
    "resnet": ("ResNet", 26, 10, "said"),
    "densenet": ("DenseNet", 8, 26, "said"),
    "resnext-cardinality": ("ResNeXt", -20, -20, "said"),
    "senet": ("SENet", 4, -26, "said end"),
    "mobilenet": ("MobileNet", -10, -10, "said end"),
    "regnet": ("RegNet", -358, 74, "said"),
    "efficientnet-scaling": ("EfficientNet", -322, 8, "said end"),
}
"""What each space is called, and where beside its most accurate network."""


@dataclass(frozen=True)
class Published:
    """A network with a published accuracy."""

    space: str
    name: str
    macs: int
    params: int
    top1: float
    """Percent of ImageNet's validation images, one crop."""


def zoo() -> list[Published]:
    """All published networks with 1,000 classes, each once, in the first space that has it."""
    found: dict[str, Published] = {}
    for space in map(load_space, LABELS):
        for name, reference in space.references.items():
            top1, made = reference.published.get("top1"), space.reference(name)
            if top1 is not None and made.input.classes == CLASSES:
                row = Published(space.name, name, made.cost.macs, made.cost.params, top1)
                found.setdefault(f"{made.arch_id} {top1:.1f}", row)
    return list(found.values())


def draw(found: list[Published]) -> str:
    """The chart."""
    plot = Plot(64, 96, 770, 430, (3e7, 6e10), (48, 87), log_x=True)
    x_ticks = [(v, si(v).replace(".00", "").replace(".0", "")) for v in (1e8, 3e8, 1e9, 3e9, 1e10, 3e10)]
    y_ticks = [(v, f"{v} %") for v in (50, 60, 70, 80)]
    plot.axes(x_ticks, y_ticks, "multiply-adds of one image", "top-1 accuracy on ImageNet, as published")
    for place, space in enumerate(LABELS):
        rows = sorted((row for row in found if row.space == space), key=lambda row: -row.params)
        with plot.inside(f"k{place % len(COLOURS)}{' hollow' if place >= len(COLOURS) else ''}"):
            _family(plot, space, rows)
    _sizes(plot)
    title = f"{len(found)} published networks of {len({row.space for row in found})} families"
    note = "areas are parameters; costs priced by nas, accuracies with the training recipes of their time"
    return document(880, 590, title, note, f"{title}: {'; '.join(map(_told, found))}", plot)


def _family(plot: Plot, space: str, rows: list[Published]) -> None:
    for row in rows:
        plot.dot(row.macs, row.top1, _radius(row.params), _told(row))
    best = max(rows, key=lambda row: row.top1)
    name, dx, dy, classes = LABELS[space]
    plot.say(best.macs, best.top1, name, dx, dy, classes)


def _told(row: Published) -> str:
    return f"{row.name}: {row.top1:g} %, {si(row.macs)} macs, {si(row.params)} params"


def _radius(params: float) -> float:
    return 1.9 * math.sqrt(params / 1e6)


def _sizes(plot: Plot) -> None:
    """What the areas mean."""
    x = 6.5e9
    with plot.inside("k6"):
        for params in (5e6, 25e6, 100e6):
            plot.dot(x, 53.5, _radius(params), f"{si(params)} parameters")
            plot.say(x, 53.5, f"{params / 1e6:.0f} M", 0, _radius(params) + 14, "nas-note nas-middle")
            x *= 1.95


def table(found: list[Published]) -> list[dict[str, object]]:
    """The data of the picture."""
    return [vars(row) for row in sorted(found, key=lambda row: row.macs)]
