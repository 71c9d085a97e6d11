"""Which parts of an image the answer hangs on: a square of mean colour covers it place by place.

Zeiler & Fergus 2013, arXiv:1311.2901, section 4.2.
"""

import torch
from torch import Tensor, nn

from workers.inside.base import Picture, view
from workers.inside.colours import photograph, viridis
from workers.inside.numbers import listed, percent
from workers.inside.sheet import Bar, Row, Tile, enlarged, sheet
from workers.inside.subject import Subject, batches

IMAGES = 8
PLACES = 28
"""Most places of the square along a side."""
LARGE, FEWER = 64, 14
"""Of images larger than so many pixels, most places."""
SIDE = 104


@view("occlusion", "Occlusion", "how sure the network stays while a square covers the image", order=5)
def occlusion(subject: Subject) -> Picture:
    """Images, and for each how sure of its class the network is with the square at each place."""
    size = subject.architecture.input.size
    square, step = max(1, round(size / 4)), max(1, -(-size // (FEWER if size > LARGE else PLACES)))
    rows = subject.examples(IMAGES)
    images, maps, data = [], [], []
    for row in rows:
        x, label = subject.x[row : row + 1], int(subject.y[row])
        sure = float(subject.probabilities[row, label])
        found = occluded(subject.model, x[0], label, square, step)
        images.append(Tile(enlarged(photograph(subject.pixels(x)[0]), SIDE), (f"class {label}",)))
        lowest = f"{percent(sure)}, least {percent(float(found.min()))}"
        maps.append(Tile(enlarged(viridis(found.numpy(), 0, 1), SIDE), (lowest,)))
        data.append(
            {"image": int(subject.numbers[row]), "class": label, "uncovered": sure, "map": listed(found)}
        )
    bar = Bar("0 %", "100 %", "probability of the image's own class")
    shown = sheet(
        [Row(images, ("image",)), Row(maps, ("own class,", "covered by", f"{square} x {square}"))], bar
    )
    return Picture(
        shown,
        f"How sure the network is of an image's own class while a square of {square} × {square} pixels of "
        "mean colour covers it: each place of a map is the centre of the square. Dark is where the answer "
        "hangs on what was covered. Below: the probability uncovered, and at the worst place.",
        f"{len(rows)} images, and below each a map of how sure of its class the network stays.",
        {"square": square, "step": step, "examples": data},
    )


@torch.inference_mode()
def occluded(model: nn.Module, image: Tensor, label: int, square: int, step: int) -> Tensor:
    """(P, P) the probability of `label` with the square over the image (C, S, S) at each place.

    Its centres are every `step` pixels from the first; what sticks out is cut off. The square is 0: the
    mean of the training part.
    """
    size = image.shape[-1]
    starts = [centre - (square - 1) // 2 for centre in range(0, size, step)]
    pixel = torch.arange(size, device=image.device)
    start = torch.tensor(starts, device=image.device)[:, None]
    covers = (pixel >= start) & (pixel < start + square)  # (P, S)
    free = ~(covers[:, None, :, None] & covers[None, :, None, :]).flatten(0, 1)[:, None]  # (P², 1, S, S)
    sure = [model(image * part).float().softmax(1)[:, label].cpu() for part in batches(free)]
    return torch.cat(sure).reshape(len(starts), len(starts))
