"""Validation images that the network takes for another class, the surest mistakes first."""

import torch

from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.colours import photograph
from workers.inside.numbers import listed, percent
from workers.inside.sheet import Row, sheet, tile
from workers.inside.subject import Subject

MOST = 24
COLUMNS = 8
SIDE = 104


@view("mistakes", "Mistakes", "validation images that it takes for another class", order=8)
def mistakes(subject: Subject) -> Picture:
    """What it says of them, how sure it is, and what they are."""
    sure, said = subject.probabilities.max(1)
    truth = subject.y.cpu()
    wrong = torch.nonzero(said != truth).flatten()
    if not len(wrong):
        raise DoesNotApplyError(f"it is right on all {len(truth)} validation images that it was shown")
    rows = wrong[sure[wrong].argsort(descending=True, stable=True)].tolist()
    pixels = subject.pixels(subject.x[torch.tensor(rows[:MOST])])
    tiles = [
        tile(
            photograph(image),
            SIDE,
            (f"is {truth[row]}, says {said[row]}", f"{percent(float(sure[row]))} sure"),
        )
        for image, row in zip(pixels, rows[:MOST], strict=True)
    ]
    return Picture(
        sheet([Row(tiles, columns=COLUMNS, gap=14)]),
        _caption(subject, len(rows)),
        f"{len(tiles)} images that the network takes for another class.",
        {"images": len(truth), "mistakes": [_data(subject, row) for row in rows]},
    )


def _caption(subject: Subject, wrong: int) -> str:
    seen = len(subject.y)
    which = f"{seen} of {subject.whole}" if seen < subject.whole else f"{seen}"
    verb = "is" if wrong == 1 else "are"
    some = f", the surest {MOST} of them here" if wrong > MOST else ""
    return (
        f"{wrong} of {which} validation images ({percent(wrong / seen)}) {verb} taken for another "
        f"class{some}. Below each, the class it is, the class the network says, and how sure it is; the "
        "surest come first."
    )


def _data(subject: Subject, row: int) -> dict[str, object]:
    said, truth = subject.probabilities[row], int(subject.y[row])
    return {
        "image": int(subject.numbers[row]),
        "class": truth,
        "said": int(said.argmax()),
        "sure": listed(said.max()),
        "probability_of_class": listed(said[truth]),
    }
