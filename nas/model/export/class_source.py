"""A class of exported source as lines."""

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from nas.model.export.classes import ClassDef
from nas.model.export.expressions import Op, Ref, text
from nas.model.export.forward import is_cell, run
from nas.model.export.parameters import NONE
from nas.model.export.printing import WIDTH, Group, lines
from nas.model.export.terms import Progress, Term, mapped, row, values
from nas.model.export.writing import INSIDE, PAD, Writer


def class_lines(name: str, made: ClassDef, doc: str, writer: Writer) -> list[str]:
    """A class as lines of source."""
    body, before = with_locals(made)
    signature = ["self"]
    for param in made.params:
        default = "" if param.default is NONE else f" = {param.default!r}"
        signature.append(f"{param.name}: {param.type}{default}")
    opening = lines(Group("def __init__(", tuple(signature), ")", dense=True), 4, after=" -> None:")
    found = [f"class {name}({'nn.Sequential' if made.is_row else 'nn.Module'}):", *docstring(doc, 4), ""]
    found += opening
    if made.is_row:
        parts = tuple(writer.items(row(body)))
        return found + indented(before, INSIDE) + lines(Group("super().__init__(", parts, ")"), INSIDE)
    return found + methods(writer, [("edge" if is_cell(body) else "before", body)], before)


def network_lines(name: str, segments: Sequence[tuple[str, Term]], doc: str, writer: Writer) -> list[str]:
    """The class of the whole network: its segments by their names."""
    found = [f"class {name}(nn.Module):", *docstring(doc, 4), "", "    def __init__(self) -> None:"]
    return found + methods(writer, segments, [])


def methods(writer: Writer, pieces: Sequence[tuple[str, Term]], before: list[str]) -> list[str]:
    """What is in `__init__`, and `forward`."""
    body, end = run(writer, pieces)
    made = [f"{PAD}super().__init__()", *indented(before, INSIDE), *body.made]
    return [
        *made,
        "",
        "    def forward(self, x: Tensor) -> Tensor:",
        *body.ran,
        *lines(end, INSIDE, "return "),
    ]


def with_locals(made: ClassDef) -> tuple[Term, list[str]]:
    """The body with what is computed more than once under a name; and the lines that compute it."""
    counted = Counter(
        v for v in values(made.body) if isinstance(v, Op) and v.sign in ("*", "//") and not _is_padding(v)
    )
    counted += Counter(
        part
        for v in values(made.body)
        if isinstance(v, Progress)
        for part in (v.start, v.step)
        if isinstance(part, Op)
    )
    taken = {param.name for param in made.params}
    known: dict[Any, Ref] = {}
    before = []
    for op, times in counted.items():
        if times > 1:
            name = next(n for i in range(1, 1000) if (n := f"hidden{i if i > 1 else ''}") not in taken)
            taken.add(name)
            known[op] = Ref(name)
            before.append(f"{name} = {text(op)}")
    return mapped(
        made.body, lambda value: known.get(value, value) if isinstance(value, Op) else value
    ), before


def _is_padding(op: Op) -> bool:
    return isinstance(op.left, Ref) and op.left.name.startswith("kernel")


def docstring(doc: str, indent: int) -> list[str]:
    """A docstring as lines, no longer than others; nothing in it ends it, or is an escape."""
    pad, plain = " " * indent, doc.strip().replace("\\", "/").replace('"""', "'''")
    width = WIDTH - indent - len('"""' * 2)
    wrapped = (wrap(line, width, break_long_words=False) or [""] for line in plain.splitlines() or [""])
    first, *others = (line for group in wrapped for line in group)
    if not others:
        return [f'{pad}"""{first}"""']
    return [f'{pad}"""{first}', *((pad + line).rstrip() for line in others), f'{pad}"""']


def indented(rows: list[str], indent: int) -> list[str]:
    """Lines moved to the right."""
    return [" " * indent + line if line else line for line in rows]
