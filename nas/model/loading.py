"""A trained network from its graph and its weights, which have to fit."""

from collections.abc import Mapping

import torch
from torch import Tensor

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.model.build import Network, build_model

Shapes = Mapping[str, torch.Size]
SHOWN = 3


class MisfitError(NasError, ValueError):
    """Weights of another network."""


def load_model(architecture: Architecture, weights: Mapping[str, Tensor], origin: str = "weights") -> Network:
    """The network of an architecture with the weights that training it left, in eval mode on the CPU.

    `weights` have the names of `build_model(architecture, training=True).state_dict()`, and are used, not
    copied; those of auxiliary heads are left out. Draws nothing from torch's random state. Raises
    `MisfitError`, which calls the weights by their `origin`.
    """
    with torch.device("meta"):
        model = build_model(architecture)
        trained = build_model(architecture, training=True)
    _refuse_others(_shapes(trained.state_dict()), _shapes(weights), origin)
    wanted = model.state_dict().keys()
    model.load_state_dict({name: weights[name] for name in wanted}, assign=True)
    return model.eval()


def _shapes(tensors: Mapping[str, Tensor]) -> Shapes:
    return {name: tensor.shape for name, tensor in tensors.items()}


def _refuse_others(wanted: Shapes, given: Shapes, origin: str) -> None:
    told = [f"{name} is missing" for name in wanted if name not in given]
    told += [f"{name} is not of this network" for name in given if name not in wanted]
    told += [
        f"{name} is {list(given[name])}, not {list(shape)}"
        for name, shape in wanted.items()
        if name in given and given[name] != shape
    ]
    if told:
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        raise MisfitError(f"{origin} do not fit the network: {'; '.join(told[:SHOWN])}{more}")
