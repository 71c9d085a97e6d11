"""How much of the gradient flows through paths of each length: residual networks as ensembles.

Veit, Wilber & Belongie 2016, arXiv:1605.06431: n residual blocks are 2^n paths, of which C(n, k) pass k
blocks by their own branch. The gradient of single paths falls with their length; multiplied by their number,
most of it flows through short ones. A path is followed on the way back alone, in the network as it is: at
each block the gradient goes through the block's branch or through its shortcut, and not through both.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from numpy.typing import NDArray
from torch import Tensor, nn

from nas.arch.graph import Concat, Container, Mark, Node, Sequence as Row, Sum
from nas.cost.fold import effect_of
from nas.model.build import Network
from workers.inside.base import DoesNotApplyError, Picture, view
from workers.inside.chart import Panel, panels
from workers.inside.colours import BLUE, ORANGE
from workers.inside.numbers import figure, listed, percent, spread
from workers.inside.subject import Subject
from workers.proxies.modules import hooked

IMAGES = 64
LENGTHS = 41
"""Most path lengths that are sampled; between them the gradient is interpolated."""
ROUNDS = 4
"""Paths of a length that each image samples."""
TINY = 1e-300
"""Stands for a gradient of 0, which has no logarithm."""
SEED = 20160520


@dataclass(frozen=True, eq=False)
class Block:
    """A residual block: its shortcut has the fewest layers of all branches."""

    shortcut: nn.Module
    branches: tuple[nn.Module, ...]
    """All others: they are taken or left together."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Per path length 0 … n."""

    share_of_paths: NDArray[np.float64]
    """C(n, k) / 2^n."""
    norm: NDArray[np.float64]
    """Mean norm of the gradient at the image through one path of that length."""
    share: NDArray[np.float64]
    """Of all paths' gradients, their norms added up; sums to 1."""

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self.share) - 1

    @property
    def mean(self) -> float:
        """The mean length of paths, weighted by gradient."""
        return float(self.share @ np.arange(len(self.share)))

    def middle(self, part: float = 0.95) -> tuple[int, int]:
        """The lengths between which this part of the gradient flows, equal parts beyond either."""
        below = np.cumsum(self.share)
        low, high = (int(np.searchsorted(below, at - 1e-12)) for at in ((1 - part) / 2, (1 + part) / 2))
        return low, min(high, self.blocks)


@view("paths", "Short paths", "the share of the gradient that flows through paths of each length", order=7)
def paths(subject: Subject) -> Picture:
    """How many paths, how much gradient on one, and how much on all of each length."""
    blocks = residual_blocks(subject)
    flow = flowing(subject.model, blocks, subject.x[:IMAGES], subject.y[:IMAGES])
    steep = bool(flow.norm.min() * 10 < flow.norm.max())
    charts = (
        Panel("paths", "share of all paths", flow.share_of_paths, BLUE),
        Panel("one path", "norm of its gradient at the image", flow.norm, BLUE, log=steep),
        Panel("all paths", "share of the gradient", flow.share, ORANGE),
    )
    return Picture(
        panels(charts, "residual branches on the path"),
        _caption(flow),
        "Three bar charts over the number of residual branches on a path: share of paths, gradient of one "
        f"path, share of the gradient; most of it, {percent(float(flow.share.max()))}, at "
        f"{int(flow.share.argmax())}.",
        {
            "blocks": flow.blocks,
            "share_of_paths": listed(flow.share_of_paths),
            "gradient_norm": listed(flow.norm),
            "share_of_gradient": listed(flow.share),
            "mean_length": flow.mean,
            "middle_95": list(flow.middle()),
        },
    )


def residual_blocks(subject: Subject) -> list[Block]:
    """The residual blocks in a row; raises `DoesNotApplyError` where there are none."""
    root = subject.architecture.root
    if found := list(_blocks(root, subject.model.body)):
        return found
    kinds = {type(node) for node in _nodes(root)}
    if Sum in kinds:
        raise DoesNotApplyError("its sums are inside of branches, and no row of blocks")
    if Concat in kinds:
        raise DoesNotApplyError("its graph has no sums: where branches meet they are concatenated")
    raise DoesNotApplyError("its graph has no sums, so that all of the gradient flows through one path")


def flowing(model: Network, blocks: Sequence[Block], x: Tensor, y: Tensor) -> Flow:
    """The gradient of the loss of images (N, C, S, S) with labels (N,), by the length of its paths."""
    n = len(blocks)
    lengths = spread(n + 1, LENGTHS)
    norms = np.array(list(_norms(model, blocks, x, y, lengths)))
    # norms fall like a geometric series: between sampled lengths their logarithms are interpolated
    norm = np.exp(np.interp(np.arange(n + 1), lengths, np.log(np.maximum(norms, TINY))))
    paths = _binomial(n)
    weight = paths * norm
    total = weight.sum()
    return Flow(paths, norm, weight / total if total > 0 else paths)


@contextmanager
def routed(blocks: Sequence[Block]) -> Iterator["Routes"]:
    """While entered, the way back through each block is what `routes.taken` says."""
    routes = Routes()
    with ExitStack() as stack:
        for index, block in enumerate(blocks):
            stack.enter_context(hooked([block.shortcut], _gate(routes, index, False)))
            stack.enter_context(hooked(block.branches, _gate(routes, index, True)))
        yield routes


class Routes:
    """For each image and block, whether the gradient takes the block's branch: (N, n) of bool."""

    taken: Tensor


def gradient(loss: Tensor, entry: Tensor) -> Tensor:
    """Of the loss by the images, with the graph kept for other routes."""
    (found,) = torch.autograd.grad(loss, entry, retain_graph=True)
    return found


def _norms(
    model: nn.Module, blocks: Sequence[Block], x: Tensor, y: Tensor, lengths: Sequence[int]
) -> Iterator[float]:
    """The mean norm for each length."""
    rng, entry = np.random.default_rng(SEED), x.detach().clone().requires_grad_()
    with routed(blocks) as routes:
        loss = F.cross_entropy(model(entry), y, reduction="sum")
        for length in lengths:
            rounds = ROUNDS if 0 < length < len(blocks) else 1
            total = 0.0
            for _ in range(rounds):
                taken = rng.permuted(np.tile(np.arange(len(blocks)) < length, (len(x), 1)), axis=1)
                routes.taken = torch.from_numpy(taken).to(x.device)
                total += float(gradient(loss, entry).double().flatten(1).norm(dim=1).mean())
            yield total / rounds


def _gate(routes: Routes, index: int, is_branch: bool) -> Any:
    def hook(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        made: Tensor = _Gate.apply(output, routes, index, is_branch)  # type: ignore[no-untyped-call]
        return made

    return hook


class _Gate(torch.autograd.Function):
    """Lets the value pass; the gradient only of images whose route leads here."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, routes: Routes, index: int, is_branch: bool) -> Tensor:
        """`x` as it is."""
        ctx.routes, ctx.index, ctx.is_branch = routes, index, is_branch
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        """Of some images all, of others nothing."""
        open_ = ctx.routes.taken[:, ctx.index] == ctx.is_branch
        return gradient * open_.reshape(-1, *[1] * (gradient.dim() - 1)), None, None, None


def _blocks(node: Node, module: Any) -> Iterator[Block]:
    """The sums in a row, each with one shortcut; those inside of branches are part of these.

    Raises `DoesNotApplyError` for a sum without one, or which reads other values than the one before it.
    """
    if isinstance(node, Row):
        inside = (child for child in node.children if not isinstance(child, Mark))
        for child, part in zip(inside, module.parts, strict=True):
            yield from _blocks(child, part)
    elif isinstance(node, Sum) and len(node.children) > 1:
        depths = [] if node.free else [effect_of(branch).layers for branch in node.children]
        if node.free or depths.count(min(depths)) > 1:
            raise DoesNotApplyError("its sums are no row of blocks with a shortcut each")
        shortcut = module.parts[depths.index(min(depths))]
        yield Block(shortcut, tuple(part for part in module.parts if part is not shortcut))


def _caption(flow: Flow) -> str:
    n, (low, high) = flow.blocks, flow.middle()
    told = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"This network has {n} residual block{'s' if n > 1 else ''} and so {_power(n)} paths, which pass "
        f"{n / 2:g} residual branches on average; weighted by gradient it is {figure(flow.mean)}, and 95 % "
        f"of the gradient flows through paths that pass {told}. Left: how many paths there are of each "
        "length; middle: the norm of the gradient on one of them, mean over sampled paths and validation "
        "images; right: their product, as shares."
    )


def _power(n: int) -> str:
    """2^n, in full while that can be read."""
    return f"{2**n:,}" if n <= 20 else f"2^{n}"


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children if isinstance(node, Container) else ():
        yield from _nodes(child)


def _binomial(n: int) -> NDArray[np.float64]:
    """C(n, k) / 2^n for k = 0 … n."""
    steps = np.log(np.arange(n, 0, -1)) - np.log(np.arange(1, n + 1))
    made: NDArray[np.float64] = np.exp(np.concatenate([[0.0], np.cumsum(steps)]) - n * np.log(2))
    return made
