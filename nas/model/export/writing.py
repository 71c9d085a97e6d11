"""Terms as Python: what `__init__` makes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nas.model.export.classes import ClassDef
from nas.model.export.expressions import Op, Ref, text
from nas.model.export.merging import USUAL
from nas.model.export.parameters import NONE
from nas.model.export.printing import Choice, Doc, Group, flat
from nas.model.export.roles import WIDTH
from nas.model.export.terms import Layer, Maybe, New, Progress, Repeat, Seq, Term, row

POSITIONAL = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "num_features",
    "in_features",
    "out_features",
    "output_size",
    "size",
    "p",
)
"""Arguments of layers that need no name."""
POOLS = ("nn.MaxPool2d", "nn.AvgPool2d")
STRIDES = ("Subsample", "Zero")
"""Helpers whose first argument is the stride."""
INSIDE = 8
"""Spaces before what stands in a method."""
PAD = " " * INSIDE
SHORT = 60
"""Characters of a module that is written twice rather than in a loop."""


class Writer:
    """Writes terms; `names` are the classes' names in the source, `classes` their definitions."""

    def __init__(self, names: Mapping[str, str], classes: Mapping[str, ClassDef]) -> None:
        self.names, self.classes = names, classes

    def module(self, term: Term) -> Doc:
        """One module for a term."""
        if isinstance(term, Layer):
            return self._layer(term)
        if isinstance(term, New):
            return self._new(term)
        if isinstance(term, Maybe):
            return Choice(self.module(term.body), text(term.condition), "nn.Identity()")
        parts = tuple(self.items(row(term)))
        if len(parts) == 1 and not flat(parts[0]).startswith("*"):
            return parts[0]
        return Group("nn.Sequential(", parts, ")") if parts else "nn.Identity()"

    def items(self, terms: Sequence[Term]) -> Iterator[Doc]:
        """The modules of a row, as they stand in an `nn.Sequential`."""
        for term in terms:
            if isinstance(term, Repeat):
                yield from self._repeat(term)
            elif isinstance(term, Seq):
                yield from self.items(term.children)
            else:
                yield self.module(term)

    def _repeat(self, term: Repeat) -> Iterator[Doc]:
        one = self.module(term.body)
        rounds = term.count - term.less if isinstance(term.count, int) else None
        risen = any(isinstance(value, Progress) for value in _arguments(term.body))
        if rounds is not None and not risen and (rounds < 2 or (rounds == 2 and len(flat(one)) <= SHORT)):
            yield from [one] * rounds
            return
        count = text(term.count - term.less if rounds is not None else _less(term.count, term.less))
        yield Group("*[", (one, f"for {'i' if risen else '_'} in range({count})"), "]", "")

    def _layer(self, term: Layer) -> Doc:
        given = dict(term.args)
        pool = term.name in POOLS
        if pool and given["stride"] == given["kernel_size"]:
            del given["stride"]
        parts = []
        for key, value in given.items():
            first = key == "stride" and term.name in STRIDES
            if key.startswith("#") or key in POSITIONAL or first:
                parts.append(value_text(value))
            elif USUAL.get(key, NONE) != value or (pool and key == "stride"):
                parts.append(f"{key}={value_text(value)}")
        return _call(term.name, parts)

    def _new(self, term: New) -> Doc:
        given = dict(term.args)
        parts = []
        for param in self.classes[term.name].params:
            value = given[param.name]
            if param.default is NONE:
                parts.append(
                    value_text(value)
                    if self._is_positional(term.name, param.name)
                    else f"{param.name}={value_text(value)}"
                )
            elif value != param.default or type(value) is not type(param.default):
                parts.append(f"{param.name}={value_text(value)}")
        return _call(self.names[term.name], parts)

    def _is_positional(self, name: str, param: str) -> bool:
        """Channels need no name in a call, nor does a kernel where it comes next, as in torch's own."""
        needed = {p.name: p.kind for p in self.classes[name].params if p.default is NONE}
        others = [each for each, kind in needed.items() if kind != WIDTH or each in USUAL]
        return param not in others or others == ["kernel_size"]


def _call(name: str, parts: Sequence[str]) -> Doc:
    return Group(f"{name}(", tuple(parts), ")", dense=True) if parts else f"{name}()"


def _arguments(term: Term) -> list[Any]:
    return [value for _, value in term.args] if isinstance(term, New | Layer) else []


def _less(count: Any, less: int) -> Any:
    return Op("-", count, less) if less else count


def value_text(value: Any) -> str:
    """A value or expression; one that rises from round to round by the round `i`."""
    if not isinstance(value, Progress):
        return text(value)
    step = Ref("i") if value.step == 1 else Op("*", value.step, Ref("i"))
    return text(step if value.start == 0 else Op("+", value.start, step))
