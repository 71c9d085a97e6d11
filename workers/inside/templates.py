"""Templates of a network that is linear in its image: what each class looks for.

The score of a class is the sum of pixel times template, and a constant; the template is the Jacobian of the
scores by the pixels, whatever layers it is made of.
"""

import torch
from torch import Tensor

from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.colours import weights
from workers.inside.numbers import listed
from workers.inside.sheet import Row, sheet, signed_bar, tile
from workers.inside.subject import Subject

MOST = 20
"""Classes that are shown."""
COLUMNS = 10
SIDE = 84
TOLERANCE = 1e-4


@view("templates", "Templates", "of a network that is linear: what each class looks for", order=2)
def templates(subject: Subject) -> Picture:
    """The template of each class, all on one scale."""
    if not is_linear(subject):
        raise DoesNotApplyError(
            "its layers bend what they are given, so no class has one template; see its filters"
        )
    found = jacobian(subject) / torch.tensor(subject.sd)[:, None, None]
    shown = found[:MOST]
    most = float(shown.abs().max())
    tiles = [
        tile(weights(one.permute(1, 2, 0).numpy(), most), SIDE, (f"class {label}",))
        for label, one in enumerate(shown)
    ]
    which = f"the first {MOST} of {len(found)} classes" if len(found) > MOST else f"all {len(found)} classes"
    bar = None if found.shape[1] == 3 else signed_bar(most, "score for a pixel from black to white")
    middle = "middle grey" if found.shape[1] == 3 else "white"
    return Picture(
        sheet([Row(tiles, columns=COLUMNS)], bar),
        f"The templates of {which}: a class's score is the sum of pixel times template. Orange (brighter) "
        f"speaks for the class, blue (darker) against it, {middle} says nothing; all share one scale.",
        f"{len(tiles)} images of weights, one for each class.",
        {"classes": len(found), "largest": most, "templates": listed(shown)},
    )


@torch.no_grad()
def is_linear(subject: Subject) -> bool:
    """Whether the scores of the sum of two images are the sum of their scores, but for the constant."""
    a, b = subject.x[:8], subject.x[:8].flip(0)
    zero = torch.zeros_like(a)
    whole, bent = subject.model(a + b), subject.model(a) + subject.model(b) - subject.model(zero)
    return bool((whole - bent).abs().max() <= TOLERANCE * (1 + whole.abs().max()))


def jacobian(subject: Subject) -> Tensor:
    """(K, C, S, S) the derivative of each class's score by each normalised pixel."""
    entry = torch.zeros_like(subject.x[:1]).requires_grad_()
    scores = subject.model(entry)[0]
    rows = [torch.autograd.grad(score, entry, retain_graph=True)[0][0] for score in scores]
    return torch.stack(rows).cpu()
