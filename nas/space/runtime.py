"""What compiled templates call while they make a graph."""

from collections.abc import Callable
from typing import Any

from nas.arch.graph import From, Mark, Node, aux_of, concat_of, gate_of, sequence, sum_of
from nas.arch.primitive import Primitive, place
from nas.arch.shape import Shape
from nas.errors import InfeasibleError
from nas.space.yaml_reader import key_word

FILENAME = "<architecture>"
MAX_REMEMBERED = 50_000
MAX_ROUNDS = 20_000

DEFAULT = object()
"""Stands for an argument that was not given."""


def remember(memo: dict[Any, Any], key: Any, node: Node) -> Node:
    """Keep `node` for the next point; a full memory starts afresh."""
    if len(memo) >= MAX_REMEMBERED:
        memo.clear()
    memo[key] = node
    return node


def placer(kind: Any, names: tuple[str, ...]) -> Callable[..., Primitive]:
    """The function that places a primitive after a shape, given the arguments called `names`."""
    memo: dict[Any, Primitive] = {}

    def put(*key: Any) -> Primitive:
        node = memo.get(key)
        if node is None:
            node = place(kind, key[0], dict(zip(names, key[1:], strict=True)))
            remember(memo, key, node)
        return node

    return put


def loop(names: Any, count: Any) -> range:
    """0 … count - 1, counted against what one network may repeat in all."""
    if isinstance(count, float) and count.is_integer():
        count = int(count)
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f"repeat needs a whole number, not {count!r}: round it first")
    if count < 0:
        raise InfeasibleError("a negative repeat", str(count))
    names._rounds += count
    if names._rounds > MAX_ROUNDS:
        raise InfeasibleError("too many repeats", f"more than {MAX_ROUNDS:,} in one network")
    return range(count)


def stage(start: Shape, children: list[Node], scope: str) -> Node:
    """The sequence of a loop's rounds, or of one round (`s[2]`): the same for the same, priced once."""
    key = (scope, start, *children)
    loop = not scope.endswith("]")
    return _STAGES.get(key) or remember(_STAGES, key, sequence(start, children, scope, loop=loop))


_STAGES: dict[Any, Node] = {}


def end_round(rounds: list[Node], start: Shape, nodes: list[Node], label: str, index: int) -> None:
    """Put what one round of a loop made with the other rounds."""
    if len(nodes) == 1 and not isinstance(nodes[0], Mark):
        rounds.append(nodes[0])
    elif nodes:
        rounds.append(stage(start, nodes, f"{label}[{index}]"))


def sum_branches(start: Shape, branches: list[Node]) -> Node:
    """Their sum; a single branch is itself."""
    return branches[0] if len(branches) == 1 else sum_of(start, branches)


def concat_branches(start: Shape, branches: list[Node]) -> Node:
    """Their concatenation; a single branch is itself."""
    return branches[0] if len(branches) == 1 else concat_of(start, branches)


def aux_head(start: Shape, head: Node, classes: int) -> Node:
    """An auxiliary head, which must end in one number per class."""
    if head.output != Shape(classes):
        raise TypeError(f"an auxiliary head ends in {head.output}, not in {classes} classes")
    return aux_of(start, head)


def no_choice(value: str, known: list[str]) -> None:
    """The chosen value has no entries of its own."""
    raise TypeError(f"choose came to {value}; among has {', '.join(known)}")


TOOLS: dict[str, Any] = {
    "_default": DEFAULT,
    "_remember": remember,
    "_loop": loop,
    "_round": end_round,
    "_sequence": sequence,
    "_stage": stage,
    "_sum": sum_branches,
    "_concat": concat_branches,
    "_gate": gate_of,
    "_aux": aux_head,
    "_mark": lambda start, output, name: Mark(start, output, name),
    "_from": lambda start, output, name: From(start, output, name),
    "_key_word": key_word,
    "_no_choice": no_choice,
}
"""The names under which templates find these."""
