"""A network as one Python file that needs torch and nothing of this project.

Definitions and loops of the space become classes and loops; see `nas.model.export.lowering`. Modules are
made in the order of the graph, so that weights map onto the file's names in order.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nas.arch.graph import Node, Sequence
from nas.cost.architecture import Architecture
from nas.model.export.class_source import class_lines, docstring, network_lines
from nas.model.export.classes import ClassDef
from nas.model.export.inlining import inlined
from nas.model.export.lowering import Lowering, refuse_foreign, top
from nas.model.export.naming import class_name, class_names, said
from nas.model.export.printing import Group, lines
from nas.model.export.roles import Uses
from nas.model.export.terms import Layer, New, Seq, Term, inside, row
from nas.model.export.writing import Writer

HELPERS = Path(__file__).resolve().parent.parent / "layers"
RESERVED = ("Tensor", "Path", "MEAN", "SD")
"""What the file itself calls so: no class does."""


@dataclass(frozen=True)
class About:
    """What the file says of itself: its class, its docstring, and words for the space's definitions."""

    name: str
    text: str
    definitions: Mapping[str, str] = field(default_factory=dict)
    mean: tuple[float, ...] = ()
    sd: tuple[float, ...] = ()
    """Of the training images' pixels in [0, 1], per channel; empty where they are not known."""
    uses: Mapping[str, Uses] = field(default_factory=dict)
    """By definition of the space: see `Uses`."""


def source(architecture: Architecture, about: About, weights: bool = True) -> str:
    """The file. With `weights`, run as a program it loads those that lie beside it.

    Raises `nas.model.export.lowering.UnsaidError` for a layer that is not of torch.
    """
    refuse_foreign(architecture)
    low = Lowering(architecture.root, about.uses)
    labels, rows = zip(*_segments(architecture.root, low), strict=True)
    terms, classes = inlined(list(rows), low.classes)
    used = {name: classes[name] for name in _ordered(terms, classes)}
    layers = {p.name for t in [*terms, *_bodies(used)] for p in inside(t) if isinstance(p, Layer)}
    reserved = [*RESERVED, *_sources()]
    own = class_name(about.name)
    own = f"{own}Network" if own in reserved else own
    writer = Writer(class_names(used, [own, *reserved]), used)
    doc = _in_and_out(architecture)
    pieces = [*_helpers(layers)]
    for name, made in used.items():
        told = said(made, about.definitions, used)
        pieces.append("\n".join(class_lines(writer.names[name], made, told, writer)))
    pieces.append("\n".join(network_lines(own, list(zip(labels, terms, strict=True)), doc, writer)))
    code = "\n\n\n".join([*pieces, _build(own, layers), _main(architecture, weights)])
    return f"{_head(about)}\n\n\n{code}\n"


def _bodies(classes: Mapping[str, ClassDef]) -> list[Term]:
    return [made.body for made in classes.values()]


def _in_and_out(architecture: Architecture) -> str:
    given, out = architecture.input, architecture.output
    return f"Images (N, {given.channels}, {given.size}, {given.size}) to logits (N, {out.channels})."


def _segments(root: Sequence, low: Lowering) -> list[tuple[str, Term]]:
    """The network in three: what is before its loops over maps, these, and what is behind."""
    nodes = list(top(root))
    loops = [i for i, node in enumerate(nodes) if isinstance(node, Sequence) and node.loop and _has_map(node)]
    if not loops:
        return [("layers", _row(nodes, low))]
    first, last = loops[0], loops[-1] + 1
    cuts = [("stem", nodes[:first]), ("stages", nodes[first:last]), ("head", nodes[last:])]
    return [(name, _row(part, low)) for name, part in cuts if part]


def _row(nodes: list[Node], low: Lowering) -> Term:
    return Seq(tuple(part for node in nodes for part in row(low.term(node))))


def _has_map(node: Node) -> bool:
    return node.output.size > 0


def _ordered(terms: list[Term], classes: Mapping[str, ClassDef]) -> list[str]:
    """Classes in the order in which they have to be defined."""
    found: dict[str, None] = {}

    def visit(term: Term) -> None:
        for part in inside(term):
            if isinstance(part, New) and part.name not in found:
                visit(classes[part.name].body)
                found[part.name] = None

    for term in terms:
        visit(term)
    return list(found)


def _build(name: str, layers: set[str]) -> str:
    """`build()`, whose weights begin as ours: see `nas.model.init`."""
    convolutions, linear = layers & {"nn.Conv2d", "DeformConv2d"}, "nn.Linear" in layers
    rows = [f"def build() -> {name}:"]
    rows.append('    """The network, freshly initialised (He et al., arXiv:1502.01852)."""')
    rows += [f"    model = {name}()", "    for module in model.modules():"]
    fan_out = 'mode="fan_out", nonlinearity="relu"'
    if convolutions:
        rows.append("        if isinstance(module, nn.Conv2d):")
        rows.append(f"            nn.init.kaiming_normal_(module.weight, {fan_out})")
    if linear:
        rows.append(f"        {'el' if convolutions else ''}if isinstance(module, nn.Linear):")
        rows.append('            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")')
    rows.append("        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:")
    rows.append("            nn.init.zeros_(module.bias)")
    if "DeformConv2d" in layers:
        rows += ["    for module in model.modules():", "        if isinstance(module, DeformConv2d):"]
        rows.append("            module.start()")
    return "\n".join([*rows, "    return model"])


def _main(architecture: Architecture, weights: bool) -> str:
    given = architecture.input
    rows = ['if __name__ == "__main__":', "    network = build().eval()"]
    if weights:
        rows.append('    weights = torch.load(Path(__file__).with_suffix(".pt"), weights_only=True)')
        rows.append("    network.load_state_dict(weights)")
    rows += [
        f"    images = torch.zeros(1, {given.channels}, {given.size}, {given.size})",
        "    print(tuple(network(images).shape))",
    ]
    if weights:
        rows[1:1] = ["    from pathlib import Path", ""]
    return "\n".join(rows)


def _head(about: About) -> str:
    imports = ["import torch", "from torch import Tensor, nn"]
    rows = [*docstring(about.text, 0), "", *imports]
    if about.mean:
        rows += ["", *lines(_tuple(about.mean), before="MEAN = "), *lines(_tuple(about.sd), before="SD = ")]
        rows.append('"""Of the training images, per channel: the network takes (pixel / 255 - MEAN) / SD."""')
    return "\n".join(rows)


def _tuple(numbers: tuple[float, ...]) -> Group:
    told = [f"{number:.6g}" for number in numbers]
    return Group("(", tuple(told), ",)" if len(told) == 1 else ")")


@cache
def _sources() -> dict[str, str]:
    """The classes and functions of `nas.model.layers` by name, as they are written there."""
    found = {}
    for path in sorted(HELPERS.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found[node.name] = ast.get_source_segment(text, node) or ""
    return found


def _helpers(layers: set[str]) -> list[str]:
    """The sources of modules that torch does not have, and of what they call."""
    known = _sources()
    own = layers & known.keys()
    called = {name for name in known if any(re.search(rf"\b{name}\(", known[user]) for user in own)}
    return [known[name] for name in known if name in own | called]
