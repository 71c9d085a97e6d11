"""Classes in which branches meet: the modules that `__init__` makes, and how `forward` goes through them."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from itertools import count
from keyword import iskeyword

from nas.model.export.expressions import text
from nas.model.export.printing import Choice, Doc, Group, Row, Sum, flat, lines
from nas.model.export.terms import Back, Join, Layer, Maybe, Named, Repeat, Seq, Term, inside, is_module, row
from nas.model.export.writing import INSIDE, PAD, Writer

FUNCTIONS = {"nn.ReLU": "torch.relu", "nn.Sigmoid": "torch.sigmoid", "nn.Tanh": "torch.tanh"}
"""Layers that are functions of torch, too: after branches have met."""


class Body:
    """The lines of `__init__` and of `forward` of a class in which branches meet.

    `totals` says how many modules each label gets, known from a first run: only several are numbered.
    `reserved`: names that the space gives to values.
    """

    def __init__(self, writer: Writer, totals: Mapping[str, int], reserved: Set[str]) -> None:
        self.writer, self.totals, self.reserved = writer, totals, reserved
        self.made: list[str] = []
        self.ran: list[str] = []
        self.attributes: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._taken = {"x", "self", "torch", "nn"}
        self._open = 0

    def run(self, terms: Sequence[Term], x: Doc, label: str) -> Doc:
        """What becomes of `x` on its way through terms, as an expression; modules are made by the way."""
        waiting: list[Term] = []
        for term in terms:
            if is_module(term):
                waiting.append(term)
                continue
            x = self._apply(waiting, x, label)
            waiting = []
            if isinstance(term, Named):
                x = self._named(x, term.name)
                self._names[term.name] = flat(x)
            elif isinstance(term, Back):
                x = self._names[term.name]
            elif isinstance(term, Seq):
                x = self.run(term.children, x, label)
            else:
                assert isinstance(term, Join), term
                x = self._join(term, self._named(x), label)
            label = "after" if label == "before" else label
        return self._apply(waiting, x, label)

    def _apply(self, terms: list[Term], x: Doc, label: str) -> Doc:
        if not terms:
            return x
        if len(terms) == 1 and isinstance(terms[0], Layer) and terms[0].name in FUNCTIONS:
            return Group(f"{FUNCTIONS[terms[0].name]}(", (x,), ")")
        name = self._attribute(label, terms)
        return Group(f"self.{name}(", (x,), ")")

    def _attribute(self, label: str, terms: list[Term]) -> str:
        self.attributes[label] += 1
        number = self.attributes[label]
        name = f"{label}{number}" if self.totals.get(label, number) > 1 else label
        only = terms[0] if len(terms) == 1 else None
        if isinstance(only, Maybe):
            self.made += [f"{PAD}self.{name}: nn.Module = nn.Identity()", f"{PAD}if {text(only.condition)}:"]
            self.made += lines(self.writer.module(only.body), INSIDE + 4, f"self.{name} = ")
        else:
            whole = Seq(tuple(terms)) if only is None or isinstance(only, Repeat) else only
            self.made += lines(self.writer.module(whole), INSIDE, f"self.{name} = ")
        return name

    def _named(self, x: Doc, name: str = "") -> Doc:
        """The value under a name of its own, so that it can be used more than once."""
        if isinstance(x, str) and x.isidentifier():
            return x
        if not name.isidentifier() or iskeyword(name) or name in self._taken:
            name = self._variable()
        self._taken.add(name)
        self.ran += lines(x, INSIDE, f"{name} = ")
        return name

    def _variable(self) -> str:
        """`x` anew where nothing is left that reads it, else a name that nothing has."""
        if not self._open and "x" not in self._names.values():
            return "x"
        names = (f"y{number if number > 1 else ''}" for number in count(1))
        return next(name for name in names if name not in self._taken | self.reserved)

    def _join(self, term: Join, x: Doc, label: str) -> Doc:
        labels = ["body"] if term.bare is not None else _labels(term, label)
        self._open += 1  # what a branch reads stays as it is until all of them have met
        ends = [self.run(b.children, x, label) for b, label in zip(term.branches, labels, strict=True)]
        if term.kind.startswith("gate") and isinstance(ends[0], Sum):
            ends = [self._named(ends[0])]
        self._open -= 1
        if term.bare is not None:
            return self._shortcut(term, x, ends[0])
        if term.kind == "sum":
            return Sum(tuple(ends), "+")
        if term.kind == "concat":
            return Group("torch.cat(", (Group("[", tuple(ends), "]"), "1"), ")")
        (gate,) = ends
        return Sum((x, Row((gate, "[:, :, None, None]")) if term.kind == "gate_map" else gate), "*")

    def _shortcut(self, term: Join, x: Doc, body: Doc) -> Doc:
        """A path beside which the value itself goes on, or not."""
        if term.bare is True:
            return Sum((x, body), "+")
        if term.bare is False:
            return body
        self.made.append(f"{PAD}self.residual = {text(term.bare)}")
        self.ran += lines(body, INSIDE, "y = ")
        return Choice(Sum((x, "y"), "+"), "self.residual", "y")


def run(writer: Writer, pieces: Sequence[tuple[str, Term]]) -> tuple[Body, Doc]:
    """Terms one after the other, each with the label of its modules; and what comes out."""
    totals: Mapping[str, int] = {}
    reserved = {part.name for _, term in pieces for part in inside(term) if isinstance(part, Named)}
    while True:
        body = Body(writer, totals, reserved)
        end: Doc = "x"
        for label, term in pieces:
            end = body.run([term] if is_module(term) else row(term), end, label)
        if totals:
            return body, end
        totals = body.attributes or {"": 0}


def is_cell(body: Term) -> bool:
    """Whether values are named in a body."""
    return any(isinstance(part, Named | Back) for part in inside(body))


def _labels(term: Join, label: str) -> list[str]:
    """What the modules of the branches are called."""
    if label == "edge":
        return ["edge"] * len(term.branches)
    if term.kind.startswith("gate"):
        return ["gate"]
    real = [bool(branch.children) for branch in term.branches]
    if term.kind == "sum" and len(real) == 2:
        return ["body", "shortcut"]
    if sum(real) == 1:
        return ["body"] * len(real)
    return ["branch"] * len(real)
