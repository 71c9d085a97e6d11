"""An architecture: a graph with its input, and what can be said of it without building it."""

from functools import cached_property

from nas.arch.graph import Sequence
from nas.arch.identity import arch_id
from nas.arch.shape import Input, Shape
from nas.cost.cost import Cost, cost_of, head_params
from nas.cost.table import LayerRow, layer_rows


class Architecture:
    """A network as a value; costs and identity are computed when first asked for."""

    def __init__(self, root: Sequence, given: Input) -> None:
        self.root = root
        self.input = given

    @property
    def output(self) -> Shape:
        """The shape of what comes out: one number per class."""
        return self.root.output

    @cached_property
    def cost(self) -> Cost:
        """All exact costs."""
        return cost_of(self.root)

    @cached_property
    def arch_id(self) -> str:
        """Equal for architectures that compute the same function of their weights."""
        return arch_id(self.root, self.input)

    @property
    def params_with_heads(self) -> int:
        """Parameters while training: with the auxiliary heads, which `cost.params` leaves out."""
        return self.cost.params + head_params(self.root)

    def layers(self) -> list[LayerRow]:
        """One row per layer, in data order."""
        return layer_rows(self.root)

    def __repr__(self) -> str:
        cost = self.cost
        shape = f"{self.input.channels}x{self.input.size}x{self.input.size}"
        return f"<Architecture {self.arch_id}: {shape}, {cost.params:,} params, {cost.macs:,} macs>"
