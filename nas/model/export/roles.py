"""What the parameters of exported classes are called: by torch's words, the space's own, or their place.

What torch has a word for has that. A width that is neither what goes in nor what comes out has the name of
the argument that the definition in the space passes there; without one it is called after where it stands.
"""

import builtins
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from nas.model.export.merging import Columns
from nas.model.export.terms import (
    Join,
    Layer,
    New,
    Progress,
    Repeat,
    Seq,
    Slot,
    Term,
    inside,
    is_empty,
    parts,
    values,
)

WIDTH = "width"
OUT = ("out_channels", "out_features", "out")
INTO = ("in_channels", "num_features", "in_features", "channels", "features")
WIDTHS = (*INTO, *OUT)
KINDS = {"nn.Conv2d": "conv", "DeformConv2d": "deform_conv", "nn.Linear": "linear"}
"""Torch's modules by what spaces call them, where they have a width."""
TORCHS = ("kernel_size", "stride", "padding", "dilation", "groups", "bias")
"""What everybody calls so."""
RESERVED = ("out", "self", "torch", "nn", "i", "x", "y")
"""What comes out, and what the source itself calls so."""
WORDS = {"count": "blocks"}

Uses = Sequence[tuple[str, Mapping[str, str]]]
"""Whom a definition of a space uses, in its order, with the arguments that it hands on unchanged: their
field there, and their name here."""


def kind_of(argument: str) -> str:
    """Which numbers an argument of a layer may be equal to: other widths, or those of its own name."""
    return WIDTH if argument in (*WIDTHS, "groups") else WORDS.get(argument, argument)


@dataclass(frozen=True)
class Words:
    """What is called how in one class."""

    ends: tuple[str, str]
    """What goes in and what comes out."""
    places: Mapping[int, str] = field(default_factory=dict)
    """Slot -> width by its place."""
    own: Mapping[int, str] = field(default_factory=dict)
    """Slot -> argument of the definition."""
    later: Set[int] = frozenset()
    """Slots of what is repeated, maybe behind another like it."""

    def word(self, slot: int, argument: str, taken: Container[str]) -> str:
        """A new parameter for a slot that is this argument: `next_…` for one of later blocks if the first has
        another, else with a number, none of the `taken`."""
        word = self._word(slot, argument)
        later = [f"next_{word}"] if slot in self.later else []
        numbered = (f"{word}{number}" for number in range(2, 1_000))
        return next(name for name in (word, *later, *numbered) if name not in taken)

    def _word(self, slot: int, argument: str) -> str:
        if slot in self.later and argument in INTO and slot not in self.own:
            return f"next_{self.ends[1].removeprefix('out_')}"
        place = self.places.get(slot, "value") if argument in WIDTHS else WORDS.get(argument, argument)
        return self.own.get(slot) or (place if place.isidentifier() else "value")


def words(template: Term, columns: Columns, ends: tuple[str, str], uses: Uses) -> Words:
    """The words of a class: `template` with its slots, and whom its definition uses."""
    what = ends[1].removeprefix("out_")
    later = (v for part in inside(template) if isinstance(part, Repeat) for v in values(part.body))
    return Words(
        ends,
        dict(_places(template, f"hidden_{what}")),
        _own(columns, uses, ends),
        {value.index for value in later if isinstance(value, Slot)},
    )


def _places(term: Term, word: str) -> Iterator[tuple[int, str]]:
    """Slots of widths by where they stand: in a branch, a gate, or else `word`."""
    if isinstance(term, Layer | New):
        for _, value in term.args:
            for slot in (value.start, value.step) if isinstance(value, Progress) else (value,):
                if isinstance(slot, Slot):
                    yield slot.index, word
        return
    if isinstance(term, Join):
        real = [branch for branch in term.branches if not is_empty(branch)]
        for number, branch in enumerate(real, 1):
            yield from _branch(term.kind, branch, f"branch{number}" if len(real) > 1 else "", word)
        return
    for part in parts(term):
        yield from _places(part, word)


def _branch(kind: str, branch: Seq, label: str, word: str) -> Iterator[tuple[int, str]]:
    if kind.startswith("gate"):
        yield from _places(branch, "squeeze_channels")
    elif kind != "concat":
        yield from _places(branch, word)
    else:
        ends = [value.index for value in _outs(branch) if isinstance(value, Slot)]
        inner, last = (f"{label}_inner", f"{label}_out") if label else (word, "new_channels")
        for slot, name in _places(branch, inner):
            yield slot, last if ends[-1:] == [slot] else name


def _outs(term: Term) -> Iterator[Any]:
    """What layers and uses of classes make, in order."""
    if isinstance(term, Layer | New):
        yield from (value for name, value in term.args if name in OUT)
    for part in parts(term):
        yield from _outs(part)


def _own(columns: Columns, uses: Uses, ends: tuple[str, str]) -> dict[int, str]:
    """Names that the definition has for slots: of each kind of part as many must be there as it uses."""
    found: dict[int, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    totals = Counter((_callee(owner), argument) for owner, argument in columns.roles)
    for slot, (owner, argument) in enumerate(columns.roles):
        callee = _callee(owner)
        place = seen[callee, argument]
        seen[callee, argument] += 1
        theirs = [given for name, given in uses if name == callee]
        if len(theirs) == totals[callee, argument]:
            name = theirs[place].get("out" if argument in OUT else argument, "")
            if argument not in TORCHS and name not in (*RESERVED, *ends) and _is_plain(name):
                found[slot] = name
    return found


def _is_plain(name: str) -> bool:
    """Whether a class may call a parameter so."""
    return name.isidentifier() and name.islower() and not iskeyword(name) and name not in dir(builtins)


def _callee(owner: str) -> str:
    return KINDS.get(owner, owner.partition(":")[0])
