"""The form of a list with named values: a small graph whose shared results stay shared.

Two convolutions of the same value are two functions with weights of their own; one convolution
used twice is one. So operations are instances, and the canonical text numbers those that are used
more than once. Instances are told apart by colour refinement: by what they compute and by who
uses them.
"""

from collections.abc import Callable

from nas.arch.forms import Form, Step, after, concat_form, digest, step_of, sum_form
from nas.arch.graph import Concat, From, Gate, Mark, Node, Sequence, Sum
from nas.arch.normal import Op, normal, reachable
from nas.arch.primitive import Primitive
from nas.arch.shape import Shape

FormOf = Callable[[Node], Form]


def shared_form(node: Sequence, form_of: FormOf) -> Form:
    """The form of a closed list in which values are named; `form_of` gives that of a closed node."""
    entry = Op("x")
    end = _run(node, entry, {}, form_of)
    if end.kind == "zeros":
        return Form((), end.shape)
    end = normal(end)
    order = reachable(end)
    users = _users(order)
    if not _shares(order, users):
        return _tree(end)
    _colour(order, users)
    keeps = all(op.keeps_zero and op.kind != "zeros" for op in order)
    return Form((Step(f"graph:{digest(_text(end, users))}", keeps),))


def _run(node: Node, value: Op, names: dict[str, Op], form_of: FormOf) -> Op:
    if isinstance(node, From):
        return names[node.name]
    if not node.free and (isinstance(node, Primitive) or not isinstance(node, Sequence)):
        return _apply(form_of(node), value)
    if isinstance(node, Sequence):
        names = dict(names)
        for child in node.children:
            if type(child) is Mark:
                names[child.name] = value
            else:
                value = _run(child, value, names, form_of)
        return value
    ends = [_run(child, value, names, form_of) for child in node.children]  # type: ignore[attr-defined]
    if isinstance(node, Sum):
        return _sum(ends, node.output)
    if isinstance(node, Concat):
        return _concat(ends, node.output)
    assert isinstance(node, Gate), type(node)
    return _zeros(node.output) if "zeros" in (value.kind, ends[0].kind) else Op("gate", None, [value, *ends])


def _zeros(shape: Shape | None) -> Op:
    return Op("zeros", shape=shape)


def _apply(form: Form, value: Op) -> Op:
    if form.cut is not None:
        value = _zeros(form.cut)
    for step in form.steps:
        if value.kind == "zeros" and step.keeps_zero:
            continue  # still zeros; shapes matter only where something else meets them
        value = Op("step", step, [value])
    return value


def _sum(ends: list[Op], output: Shape) -> Op:
    alive = [end for end in ends if end.kind != "zeros"]
    if not alive:
        return _zeros(output)
    return alive[0] if len(alive) == 1 else Op("sum", None, alive)


def _concat(ends: list[Op], output: Shape) -> Op:
    if all(end.kind == "zeros" for end in ends):
        return _zeros(output)
    return ends[0] if len(ends) == 1 else Op("concat", None, ends)


def _users(order: list[Op]) -> dict[Op, list[tuple[Op, int]]]:
    users: dict[Op, list[tuple[Op, int]]] = {op: [] for op in order}
    for op in order:
        for position, given in enumerate(op.inputs):
            users[given].append((op, 0 if op.kind == "sum" else position))
    return users


def _shares(order: list[Op], users: dict[Op, list[tuple[Op, int]]]) -> bool:
    """Whether some operation with weights or chance is reached on two ways from the result."""
    ways: dict[Op, int] = {}
    for op in reversed(order):
        ways[op] = min(2, (op is order[-1]) + sum(ways[user] for user, _ in users[op]))
    return any(ways[op] > 1 and op.kind == "step" and not op.pure for op in order)


def _tree(op: Op) -> Form:
    """The form of a result in which nothing with weights is used more than once."""
    if op.kind == "x":
        return Form()
    if op.kind == "zeros":
        return Form((), op.shape)
    if op.kind == "step" and op.step is not None:
        return after(_tree(op.inputs[0]), Form((op.step,)))
    branches = [_tree(i) for i in op.inputs]
    if op.kind == "sum":
        return sum_form(branches, Shape(0))
    if op.kind == "concat":
        return concat_form(branches, Shape(0))
    return Form((step_of(op.kind, branches, True),))


def _own(op: Op) -> str:
    return f"{op.kind} {op.step.text if op.step else ''} {op.shape if op.kind == 'zeros' else ''}"


def _colour(order: list[Op], users: dict[Op, list[tuple[Op, int]]]) -> None:
    """Colour refinement from below and from above until no more instances are told apart."""
    for op in order:
        op.colour = digest(_own(op))
    distinct = 0
    for _ in order:
        fresh = [_refined(op, users) for op in order]
        for op, colour in zip(order, fresh, strict=True):
            op.colour = colour
        if len(set(fresh)) == distinct:
            return
        distinct = len(set(fresh))


def _refined(op: Op, users: dict[Op, list[tuple[Op, int]]]) -> str:
    given = [i.colour for i in op.inputs]
    if op.kind == "sum":
        given.sort()
    above = sorted(f"{user.colour}.{position}" for user, position in users[op])
    return digest(f"{op.colour}|{','.join(given)}|{','.join(above)}")


def _text(end: Op, users: dict[Op, list[tuple[Op, int]]]) -> str:
    """The graph as a canonical string; an instance used more than once is written once and numbered."""
    numbers: dict[Op, int] = {}

    def write(op: Op) -> str:
        if op in numbers:
            return f"#{numbers[op]}"
        if len(users[op]) > 1:
            numbers[op] = len(numbers)
        given = sorted(op.inputs, key=lambda i: i.colour) if op.kind == "sum" else op.inputs
        return f"{_own(op)}({','.join(write(i) for i in given)})"

    return write(end)
