"""Operations that compute the same are one, and sums are written out.

Instances with weights of their own stay apart. An operation without weights or chance is one with
every other of its kind on the same value; a linear one (an average pool) on a sum is the sum of
itself on each part; a sum of sums is one sum. What remains equal after this is equal by structure.
"""

from dataclasses import dataclass, field

from nas.arch.forms import Step
from nas.arch.shape import Shape

MAX_PARTS = 64
"""Most parts of a sum that are written out."""


@dataclass(eq=False)
class Op:
    """One instance of an operation. `inputs` of a sum are unordered, of a concat ordered."""

    kind: str
    step: Step | None = None
    inputs: "list[Op]" = field(default_factory=list)
    shape: Shape | None = None
    colour: str = ""

    @property
    def keeps_zero(self) -> bool:
        """Zeros in give zeros out."""
        return self.step is None or self.step.keeps_zero

    @property
    def pure(self) -> bool:
        """Computes the same whenever it is given the same: no weights, no chance."""
        return self.kind in ("sum", "concat", "gate", "zeros") or (self.step is not None and self.step.pure)

    @property
    def constant(self) -> bool:
        """The same at all places of a channel, whatever the image is."""
        if self.kind == "sum" or (self.step is not None and self.step.pointwise):
            return all(i.constant for i in self.inputs)
        return self.kind == "zeros"


def normal(end: Op) -> Op:
    """The same result, with each value computed once and sums written out."""
    made: dict[Op, Op] = {}
    known: dict[tuple[object, ...], Op] = {}
    for op in reachable(end):
        made[op] = _normal(op, [made[i] for i in op.inputs], known)
    return made[end]


def _normal(op: Op, inputs: list[Op], known: dict[tuple[object, ...], Op]) -> Op:
    if op.step is not None and op.step.levels and inputs[0].constant:
        return inputs[0]
    if op.step is not None and op.step.linear and inputs[0].kind == "sum":
        parts = [_one(Op("step", op.step, [part]), known) for part in inputs[0].inputs]
        return _one(Op("sum", None, parts), known)
    if op.kind == "sum":
        parts = [part for i in inputs for part in (i.inputs if i.kind == "sum" else [i])]
        return _one(Op("sum", None, parts if len(parts) <= MAX_PARTS else inputs), known)
    return _one(Op(op.kind, op.step, inputs, op.shape), known)


def _one(op: Op, known: dict[tuple[object, ...], Op]) -> Op:
    """`op`, or the one that computes the same already."""
    if not op.pure:
        return op
    given = [id(i) for i in op.inputs]
    text = op.step.text if op.step is not None else ""
    key = (op.kind, text, op.shape, *(sorted(given) if op.kind == "sum" else given))
    return known.setdefault(key, op)


def reachable(end: Op) -> list[Op]:
    """What the result depends on, inputs before users; all else is dead."""
    order: list[Op] = []
    seen: set[int] = set()
    stack = [(end, False)]
    while stack:
        op, done = stack.pop()
        if done:
            order.append(op)
        elif id(op) not in seen:
            seen.add(id(op))
            stack.append((op, True))
            stack += [(i, False) for i in op.inputs]
    return order
