"""Weights of a seeded trial: drawn from a seed, nothing is trained."""

from nas.service.trained import PREFIX, trained
from nas.store import Store
from tests.workers.inside.networks import network
from workers.checkpoints import Checkpoints


def keep_weights(store: Store, study: str, number: int) -> None:
    """Keep weights for a trial, as its training would have at its end."""
    found = trained(store, study, number)
    tensors = {f"{PREFIX}{name}": tensor for name, tensor in network(found.architecture).state_dict().items()}
    Checkpoints(found.study.artifacts, number, 1, found.trial.key).save_last(tensors, {"epoch": 6, "step": 1})
