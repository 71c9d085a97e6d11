"""From graph to terms: what every node is in source, where pieces of one definition become one class."""

from collections import Counter
from collections.abc import Iterator, Mapping

from nas.arch.graph import Aux, Concat, Container, From, Gate, Mark, Node, Sequence, Sum
from nas.arch.primitive import Call, Primitive
from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.model.export.classes import ClassDef, Instance, definition, stage
from nas.model.export.merging import repeated
from nas.model.export.roles import Uses
from nas.model.export.terms import Back, Join, Layer, Named, Repeat, Seq, Term, is_module, row, seq

NAMES = {
    "nn.Conv2d": ("in_channels", "out_channels", "kernel_size"),
    "DeformConv2d": ("in_channels", "out_channels", "kernel_size"),
    "nn.Linear": ("in_features", "out_features"),
    "nn.BatchNorm1d": ("num_features",),
    "nn.BatchNorm2d": ("num_features",),
    "nn.MaxPool2d": ("kernel_size",),
    "nn.AvgPool2d": ("kernel_size",),
    "nn.LocalResponseNorm": ("size",),
    "nn.Dropout": ("p",),
    "DropPath": ("p",),
    "Subsample": ("stride",),
    "Zero": ("stride",),
}
"""What positional arguments are called."""

DETAIL = 2
"""Layers of a definition that is no class of its own where only one other uses it."""

MEANS = (Layer("nn.AdaptiveAvgPool2d", (("output_size", 1),)), Layer("nn.Flatten"))
"""A global pool, in torch's own words."""

Key = tuple[str, str, int]
"""Kind of piece, its name, and how often it is nested in its like."""


class UnsaidError(NasError, ValueError):
    """A layer that a target cannot express."""


class Lowering:
    """One network on its way to source; `classes` grows while definitions and loops are worked through."""

    def __init__(self, root: Sequence, uses: Mapping[str, Uses] | None = None) -> None:
        self.root, self.uses = root, uses or {}
        self.classes: dict[str, ClassDef] = {}
        self._placed: dict[int, Term] = {}
        self._nests: dict[tuple[int, str, str], int] = {}
        groups: dict[Key, dict[int, Sequence]] = {}
        self._heights: dict[int, int] = {}
        seen: set[int] = set()
        for child in top(root):
            self._collect(child, groups, seen)
        self._users: dict[str, Counter[int]] = {}
        self._user_names: dict[int, str] = {}
        self._note_users(root, None)
        for key in sorted(groups, key=lambda k: max(self._heights[i] for i in groups[k])):
            self._work(key, list(groups[key].values()))

    def term(self, node: Node) -> Term:
        """What a node is in source."""
        placed = self._placed.get(id(node))
        if placed is not None:
            return placed
        if isinstance(node, Primitive):
            return layer_term(node)
        if isinstance(node, Mark):
            return Back(node.name) if isinstance(node, From) else Named(node.name)
        assert isinstance(node, Container), type(node)
        if isinstance(node, Aux):
            return Seq()
        if isinstance(node, Sequence):
            return seq([self.term(child) for child in node.children])
        return self._join(node)

    def _join(self, node: Container) -> Term:
        branches = [Seq(row(self.term(child))) for child in node.children]
        if isinstance(node, Gate):
            spread = node.children[0].output.size == 0 and node.output.size > 0
            return Join("gate_map" if spread else "gate", tuple(branches))
        if isinstance(node, Sum):
            branches = [b for b in branches if not _is_nothing(b)] or branches[:1]
        if len(branches) == 1:
            return seq(list(branches))
        assert isinstance(node, Sum | Concat), type(node)
        return Join("sum" if isinstance(node, Sum) else "concat", tuple(branches))

    def _collect(self, node: Node, groups: dict[Key, dict[int, Sequence]], seen: set[int]) -> None:
        """Note every piece that may become a class, and how high it stands above the layers."""
        if id(node) in seen:
            return
        seen.add(id(node))
        if not isinstance(node, Container) or isinstance(node, Aux):
            self._heights[id(node)] = 0
            return
        for child in node.children:
            self._collect(child, groups, seen)
        height = max((self._heights[id(child)] for child in node.children), default=0)
        kind = _kind(node)
        self._heights[id(node)] = height + bool(kind)
        if kind and isinstance(node, Sequence):
            name = node.scope.partition("[")[0]
            groups.setdefault((kind, name, self._nested(node, kind, name)), {})[id(node)] = node

    def _nested(self, node: Container, kind: str, name: str) -> int:
        """How often a piece is nested in its like, below this node."""
        key = (id(node), kind, name)
        if key not in self._nests:
            self._nests[key] = max(
                (
                    self._nested(child, kind, name)
                    + (_kind(child) == kind and child.scope.partition("[")[0] == name)
                    for child in node.children
                    if isinstance(child, Container)
                ),
                default=0,
            )
        return self._nests[key]

    def _work(self, key: Key, nodes: list[Sequence]) -> None:
        kind, name, _ = key
        if kind == "loop":
            self._place_loops(nodes)
            return
        bodies = [seq([self.term(child) for child in node.children]) for node in nodes]
        instances = [_instance(node, body) for node, body in zip(nodes, bodies, strict=True)]
        if kind == "round":
            worth = len(instances) > 1 and all(len(row(body)) > 1 for body in bodies)
            made = stage(instances, self.classes) if worth else None
            if made is None and not all(map(is_module, bodies)):
                made = definition("block", instances, self.classes)
            terms = made or bodies
        elif self._is_detail(name) and all(is_module(body) and len(row(body)) <= DETAIL for body in bodies):
            terms = bodies
        else:
            terms = definition(name, instances, self.classes, self.uses.get(name, ()))
        for node, term in zip(nodes, terms, strict=True):
            self._placed[id(node)] = term

    def _note_users(self, node: Container, user: Sequence | None) -> None:
        """Note in which definitions each definition is used, and how often."""
        for child in node.children:
            if not isinstance(child, Container) or isinstance(child, Aux):
                continue
            inner = user
            if _kind(child) == "definition" and isinstance(child, Sequence):
                self._users.setdefault(child.scope, Counter())[id(user)] += 1
                inner = child
                if id(child) in self._user_names:
                    continue
                self._user_names[id(child)] = child.scope
            self._note_users(child, inner)

    def _is_detail(self, name: str) -> bool:
        """Whether a definition is a part of one other, in one place: its numbers are told from that one's."""
        users = self._users.get(name, Counter())
        names = {self._user_names.get(user) for user in users}
        return len(names) == 1 and None not in names and set(users.values()) == {1}

    def _place_loops(self, nodes: list[Sequence]) -> None:
        rounds = [[self._round(child) for child in node.children] for node in nodes]
        bodies = repeated(rounds)
        instances = [_instance(node, body) for node, body in zip(nodes, bodies, strict=True)]
        worth = len(nodes) > 1 and _are_stages(bodies)
        terms = (stage(instances, self.classes) if worth else None) or bodies
        for node, term in zip(nodes, terms, strict=True):
            self._placed[id(node)] = term

    def _round(self, node: Node) -> Term:
        """A round of a loop, which is one module: where branches meet in it, a class."""
        term = self.term(node)
        if is_module(term):
            return term
        (made,) = definition("block", [_instance(node, term)], self.classes)
        return made


def _are_stages(bodies: list[Term]) -> bool:
    """Whether loops are more than the rounds that somebody would write down or repeat in their place."""
    if all(isinstance(b, Repeat) for b in bodies):
        return all(b.count != 1 for b in bodies if isinstance(b, Repeat))
    return any(len(row(b)) > 1 or isinstance(b, Repeat) for b in bodies)


def top(root: Sequence) -> Iterator[Node]:
    """The outermost pieces of a network; a definition that has loops of its own is opened."""
    for child in root.children:
        if isinstance(child, Sequence) and not child.loop and not child.marked and _has_loop(child):
            yield from top(child)
        else:
            yield child


def _has_loop(node: Node) -> bool:
    if not isinstance(node, Container):
        return False
    return any((isinstance(c, Container) and c.loop) or _has_loop(c) for c in node.children)


def _kind(node: Node) -> str:
    """What kind of piece a node is, if it may become a class."""
    if not isinstance(node, Sequence) or not node.scope:
        return ""
    return "loop" if node.loop else "round" if node.scope.endswith("]") else "definition"


def _instance(node: Node, body: Term) -> Instance:
    return Instance(node.input.channels, node.output.channels, body, flat=not node.input.size)


def _is_nothing(branch: Seq) -> bool:
    """A branch that only adds zeros."""
    return len(branch.children) == 1 and getattr(branch.children[0], "name", "") == "Zero"


def layer_term(node: Primitive) -> Term:
    """A layer as torch's module; nothing for one that does nothing."""
    if node.does_nothing:
        return Seq()
    call = node.torch()
    if call.name == "GlobalAvgPool":
        return Seq(MEANS)
    return Layer(call.name, tuple(_arguments(call).items()))


def _arguments(call: Call) -> Mapping[str, object]:
    names = NAMES.get(call.name, ())
    given: dict[str, object] = {
        (names[i] if i < len(names) else f"#{i}"): value for i, value in enumerate(call.args)
    }
    given |= dict(call.kwargs)
    if call.name in ("nn.MaxPool2d", "nn.AvgPool2d"):
        given.setdefault("stride", given["kernel_size"])
    return given


def refuse_foreign(architecture: Architecture) -> None:
    """Raise `UnsaidError` for a layer whose module is of a third party's package."""
    for node in _primitives(architecture.root):
        if ":" in (call := node.torch()).name:
            path = next(row.path for row in architecture.layers() if row.kind == node.kind)
            raise UnsaidError(
                f"--to pytorch cannot express layer {path}: it is {call}, which is not of torch; "
                "type --to onnx or --to torch-export"
            )


def _primitives(node: Node) -> Iterator[Primitive]:
    if isinstance(node, Primitive):
        yield node
    elif isinstance(node, Container) and not isinstance(node, Aux):
        for child in node.children:
            yield from _primitives(child)
