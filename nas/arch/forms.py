"""Forms: what a piece of a network does, as a canonical row of irreducible steps."""

import hashlib
from typing import NamedTuple

from nas.arch.shape import Shape


class Form(NamedTuple):
    """Steps in a row, on the value that comes in, or on zeros of shape `cut` (then nothing comes in)."""

    steps: "tuple[Step, ...]" = ()
    cut: Shape | None = None

    @property
    def is_zero(self) -> bool:
        """Nothing but zeros comes out."""
        return self.cut is not None and not self.steps

    def text(self) -> str:
        """The form as a canonical string."""
        start = "x" if self.cut is None else f"zeros({self.cut})"
        return "/".join([start, *(step.text for step in self.steps)])


class Step(NamedTuple):
    """One irreducible step. A sum keeps its branches, so that a sum of sums can be one sum."""

    text: str
    keeps_zero: bool
    branches: tuple[Form, ...] = ()
    pure: bool = False
    """No weights and no chance: on the same value it gives the same."""
    linear: bool = False
    """Pure, and on a sum it is the sum of itself on the parts."""
    pointwise: bool = False
    """Treats all places of a channel alike: what is constant over the map stays so."""
    levels: bool = False
    """Gives back a map that is constant in each channel."""


def digest(text: str) -> str:
    """A short hash of a canonical string."""
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def after(first: Form, then: Form) -> Form:
    """The form of `then` applied to what `first` yields."""
    if then.cut is not None:
        return then
    steps, cut = first.steps, first.cut
    for step in then.steps:
        if cut is not None and not steps and step.keeps_zero:
            continue
        if cut is not None and step.levels and all(done.pointwise for done in steps):
            continue
        if step.linear and steps and steps[-1].branches:
            parts = [after(branch, Form((step,))) for branch in steps[-1].branches]
            steps = steps[:-1] + sum_form(parts, Shape(0)).steps
        else:
            steps = (*steps, step)
    return Form(steps, cut)


def step_of(kind: str, branches: list[Form], keeps_zero: bool) -> Step:
    """A step made of branches, by the hash of their texts."""
    return Step(f"{kind}:{digest(';'.join(branch.text() for branch in branches))}", keeps_zero)


def sum_form(branches: list[Form], output: Shape) -> Form:
    """The sum of `branches`: zeros dropped, sums of sums joined, in canonical order."""
    parts: list[Form] = []
    for branch in branches:
        last = branch.steps[-1].branches if len(branch.steps) == 1 and branch.cut is None else ()
        parts += last or ([] if branch.is_zero else [branch])
    if not parts:
        return Form((), output)
    if len(parts) == 1:
        return parts[0]
    parts.sort(key=Form.text)
    keeps = all(step.keeps_zero for part in parts for step in part.steps) and all(
        part.cut is None for part in parts
    )
    return Form((step_of("sum", parts, keeps)._replace(branches=tuple(parts)),))


def concat_form(branches: list[Form], output: Shape) -> Form:
    """The concatenation of `branches`; their order is the order of the channels."""
    if len(branches) == 1:
        return branches[0]
    if all(branch.is_zero for branch in branches):
        return Form((), output)
    keeps = all(b.is_zero or (b.cut is None and all(s.keeps_zero for s in b.steps)) for b in branches)
    return Form((step_of("concat", branches, keeps),))
