"""The price of a whole network."""

from dataclasses import dataclass

from nas.arch.graph import Aux, Container, Node
from nas.cost.fold import effect_of


@dataclass(frozen=True)
class Cost:
    """Exact costs of the inference graph as written, for one image; auxiliary heads do not count.

    - `params`: numbers that training changes, as `sum(p.numel() for p in model.parameters())`.
    - `macs`: multiply-adds of convolutions and linear layers, bias not counted; half of what torch's
      `FlopCounterMode` reports.
    - `activations`: output elements of convolutions, windowed pools and linear layers
      (arXiv:2003.13678).
    - `train_bytes`: 4 x (3 x params + elements autograd keeps): weights, gradients, momentum and one
      image in float32.
    - `layers`: convolutions and linear layers on the longest way from input to output.
    - `receptive_field`: in input pixels, up to the first layer that sees the whole map.
    - `paths`: routes from input to output; a residual network of n blocks has 2**n (arXiv:1605.06431).
    """

    params: int
    macs: int
    activations: int
    train_bytes: int
    layers: int
    receptive_field: int
    paths: int

    def to_json(self) -> dict[str, int]:
        """By name."""
        return dict(vars(self))


COSTS = tuple(Cost.__dataclass_fields__)
"""Names of all costs, in order."""


def cost_of(root: Node) -> Cost:
    """The cost of a network, from its graph alone."""
    effect = effect_of(root)
    saved = effect.saved + (root.input.elements if effect.keeps_input else 0)
    return Cost(
        params=effect.params,
        macs=effect.macs,
        activations=effect.activations,
        train_bytes=4 * (3 * effect.params + saved),
        layers=effect.layers,
        receptive_field=effect.growth + 1,
        paths=effect.paths,
    )


def head_params(node: Node) -> int:
    """Parameters of all auxiliary heads inside."""
    if isinstance(node, Aux):
        return effect_of(node.head).params
    return sum(map(head_params, node.children)) if isinstance(node, Container) else 0
