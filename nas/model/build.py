"""A graph as a torch module: one recursion, a module per node.

Tensors are (N, C, H, W), or (N, C) for flat vectors. Containers pass a mapping of named values
along; layers see only their tensor.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nas.arch.graph import Aux, Concat, Container, From, Gate, Mark, Node, Sequence, Sum
from nas.arch.primitive import Call, Primitive
from nas.cost.architecture import Architecture
from nas.cost.table import label
from nas.model import layers
from nas.model.init import initialise

Names = dict[str, Any]
AUX = "auxiliary outputs"
"""Under which auxiliary heads leave what they say, among the named values."""


class Part(nn.Module):
    """A container: its children are submodules with readable names; `forward` also takes named values."""

    def __init__(self, node: Container, training: bool) -> None:
        super().__init__()
        self.parts: list[nn.Module] = []
        for index, child in enumerate(c for c in node.children if not isinstance(c, Mark)):
            module = module_of(child, training)
            self.add_module(label(child, index), module)
            self.parts.append(module)

    def each(self, x: Tensor, names: Names) -> list[Tensor]:
        """What every branch makes of `x`."""
        return [part(x, names) for part in self.parts]


class Chain(Part):
    """Children one after the other; marks name the value between them."""

    def __init__(self, node: Sequence, training: bool) -> None:
        super().__init__(node, training)
        parts = iter(self.parts)
        self.steps: list[tuple[Node, nn.Module | None]] = [
            (child, None if isinstance(child, Mark) else next(parts)) for child in node.children
        ]

    def forward(self, x: Tensor, names: Names) -> Tensor:
        """The value after the last child."""
        names = {**names} if any(module is None for _, module in self.steps) else names
        for node, module in self.steps:
            if isinstance(node, From):
                x = names[node.name]
            elif isinstance(node, Mark):
                names[node.name] = x
            elif isinstance(module, Part):
                x = module(x, names)
            elif module is not None:
                x = module(x)
        return x


class Total(Part):
    """The sum of the branches."""

    def forward(self, x: Tensor, names: Names) -> Tensor:
        """All branches added up."""
        first, *rest = self.each(x, names)
        for other in rest:
            first = first + other
        return first


class Joined(Part):
    """The branches side by side along the channels."""

    def forward(self, x: Tensor, names: Names) -> Tensor:
        """All branches concatenated."""
        return torch.cat(self.each(x, names), 1)


class Gated(Part):
    """The value times its branch."""

    def forward(self, x: Tensor, names: Names) -> Tensor:
        """Scaled per channel, or per element."""
        (gate,) = self.each(x, names)
        return x * (gate[:, :, None, None] if gate.dim() < x.dim() else gate)


class Head(Part):
    """An auxiliary classifier: says what it thinks while training, and lets the value pass."""

    def forward(self, x: Tensor, names: Names) -> Tensor:
        """`x` as it came."""
        if self.training:
            names[AUX] += self.each(x, names)
        return x


class Network(nn.Module):
    """A whole network: images (N, C, H, W) to logits (N, classes)."""

    def __init__(self, architecture: Architecture, training: bool) -> None:
        super().__init__()
        self.body = Chain(architecture.root, training)
        self.has_aux = any(isinstance(module, Head) for module in self.modules())

    def forward(self, x: Tensor) -> Any:
        """Logits; while training a network with auxiliary heads, (logits, [their logits])."""
        names: Names = {AUX: []}
        logits = self.body(x, names)
        return (logits, names[AUX]) if self.has_aux and self.training else logits


BUILDERS: dict[type[Node], Callable[[Any, bool], nn.Module]] = {
    Sequence: Chain,
    Sum: Total,
    Concat: Joined,
    Gate: Gated,
    Aux: Head,
}


def module_of(node: Node, training: bool) -> nn.Module:
    """The torch module of one node."""
    if isinstance(node, Primitive):
        return layer_of(node.torch())
    if isinstance(node, Aux) and not training:
        return nn.Identity()
    return BUILDERS[type(node)](node, training)


def layer_of(call: Call) -> nn.Module:
    """The module that a call stands for: of `torch.nn`, of `nas.model.layers`, or `package:Class`."""
    if call.name.startswith("nn."):
        kind = getattr(nn, call.name[3:])
    elif ":" in call.name:
        from importlib import import_module

        package, _, name = call.name.partition(":")
        kind = getattr(import_module(package), name)
    else:
        kind = getattr(layers, call.name)
    return kind(*call.args, **dict(call.kwargs))  # type: ignore[no-any-return]


def build_model(architecture: Architecture, training: bool = False) -> Network:
    """The torch module of an architecture, freshly initialised from torch's random state.

    With `training` it has the auxiliary heads, if the architecture declares any. It computes
    float32 on the CPU until moved; the mode is train or eval as `training` says.
    """
    model = Network(architecture, training)
    initialise(model)
    return model.train(training)
