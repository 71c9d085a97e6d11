"""How good a network is on a part of the data.

Legend: B images of a batch, K classes.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from workers.train.device import Placement

TOP = 5


@torch.inference_mode()
def scores(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], place: Placement) -> dict[str, float]:
    """Error, accuracy and mean cross entropy, and the top-5 error where there are more than 5 classes.

    The model must be in evaluation mode. Errors are shares in [0, 1]; an image counts as right for
    top-5 if fewer than 5 classes have a higher logit than its own.
    """
    wrong = torch.zeros(2, device=place.device, dtype=torch.int64)
    loss = torch.zeros((), device=place.device, dtype=torch.float64)
    count, classes = 0, 0
    for x, y in batches:
        with place.autocast():
            logits = model(x).float()
        own = logits.gather(1, y[:, None])
        higher = (logits > own).sum(1)
        # The first of equal logits is what a network answers.
        wrong += torch.stack(((logits.argmax(1) != y).sum(), (higher >= TOP).sum()))
        loss += F.cross_entropy(logits, y, reduction="sum")
        count, classes = count + len(y), logits.shape[1]
    error, top5_error = (wrong / count).tolist()
    told = {"error": error, "accuracy": 1 - error, "loss": loss.item() / count}
    return {**told, "top5_error": top5_error} if classes > TOP else told
