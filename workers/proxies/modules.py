"""Looking into a network: hooks that go away again, and which of its layers are alive."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn


@contextmanager
def hooked(modules: "Iterable[nn.Module]", hook: Callable[..., Any]) -> Iterator[None]:
    """`hook(module, inputs, output)` after each module's forward pass while entered; what it returns, if
    anything, stands for the output."""
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def activations() -> "tuple[type[nn.Module], ...]":
    """Kinds of modules that bend: linear on either side of zero, or smoothly so."""
    from torch import nn

    smooth = (nn.SiLU, nn.GELU, nn.Mish, nn.ELU, nn.Hardswish, nn.Sigmoid, nn.Hardsigmoid, nn.Tanh)
    return (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, *smooth)


def alive(model: "nn.Module", images: "Tensor") -> "list[nn.Module]":
    """The modules, in their order, through which a way leads from `images` (N, C, H, W) to the logits.

    Empty for a network whose answer does not depend on the image. Spaces have dead layers (edges behind
    a cut one, cells that nobody reads), whose codes and statistics say nothing of what the network
    computes. The way is found in autograd's graph of a pass of two images: whatever the layers are, it
    ends at zeros and shares what is shared.
    """
    entry = images[:2].detach().requires_grad_().clone()
    made: list[tuple[nn.Module, Any]] = []  # autograd's nodes, held: their Python objects come and go
    with hooked(model.modules(), lambda module, _, output: made.append((module, output.grad_fn))):
        logits = model(entry)
    passing = _between(logits.grad_fn, entry.grad_fn)
    living = {module for module, node in made if node in passing}
    return [module for module in model.modules() if module in living]


def _between(end: Any, entry: Any) -> set[Any]:
    """The nodes of autograd's graph on a way from `entry` to `end`, both included."""
    order: list[Any] = []  # what a node is made of comes before it
    seen: set[Any] = set()
    stack = [(end, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node is not None and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(below, False) for below, _ in node.next_functions]
    passing: set[Any] = set()
    for node in order:
        if node is entry or any(below in passing for below, _ in node.next_functions):
            passing.add(node)
    return passing
