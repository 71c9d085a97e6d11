"""Weights under the names of exported source."""

from collections.abc import Mapping
from types import ModuleType

import torch
from torch import Tensor, nn

from nas.cost.architecture import Architecture
from nas.model.build import build_model


def executed(text: str, name: str = "exported") -> ModuleType:
    """The module that exported source is; not left in `sys.modules`."""
    module = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def exported_names(architecture: Architecture, text: str) -> dict[str, str]:
    """From the names of our weights to those of exported source, which makes its modules in our order."""
    with torch.device("meta"):
        ours = build_model(architecture).state_dict()
        theirs = executed(text).build().state_dict()
    assert [t.shape for t in ours.values()] == [t.shape for t in theirs.values()], "modules in another order"
    return dict(zip(ours, theirs, strict=True))


def renamed(weights: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """The weights of a network under other names; those without one are left out."""
    return {names[name]: tensor.detach().contiguous() for name, tensor in weights.items() if name in names}


def exported_model(text: str, weights: Mapping[str, Tensor]) -> nn.Module:
    """The network of exported source with weights under its names, in eval mode."""
    with torch.device("meta"):
        model: nn.Module = executed(text).build()
    model.load_state_dict(dict(weights), assign=True)
    return model.eval()
