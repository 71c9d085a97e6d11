"""Pieces of a network that differ in numbers as one class with parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from nas.model.export.merging import Clash, Columns, merged
from nas.model.export.parameters import Param, Parameters
from nas.model.export.roles import Uses, words
from nas.model.export.terms import Join, Maybe, New, Repeat, Seq, Term, inside, is_module, mapped, row

MOST_CHOICES = 3
"""Parts that one class may leave out; more would hide what it is."""


@dataclass(frozen=True)
class Instance:
    """One use of a definition: channels in and out, what it is made of, and whether it takes vectors."""

    channels: int
    out: int
    body: Term
    flat: bool = False


@dataclass(frozen=True)
class ClassDef:
    """A class: what it is called in the space, its parameters, and its body over them."""

    scope: str
    params: tuple[Param, ...]
    body: Term

    @property
    def is_row(self) -> bool:
        """Whether it is an `nn.Sequential`."""
        return is_module(self.body)


def definition(
    scope: str, instances: Sequence[Instance], classes: dict[str, ClassDef], uses: Uses = ()
) -> list[Term]:
    """What stands for each instance of a definition: uses of one class, or of a few. `uses`: see `Uses`."""
    if all(isinstance(i.body, Seq) and not i.body.children for i in instances):
        return [Seq() for _ in instances]
    shortcut = _with_shortcuts(instances)
    if shortcut is not None:
        try:
            return _made(scope, shortcut, classes, uses, strict=False)
        except Clash:
            pass
    terms: list[Term | None] = [_plain(i.body) for i in instances]
    open_ones = [index for index, term in enumerate(terms) if term is None]
    for cluster in _clusters([instances[i] for i in open_ones]):
        members = [open_ones[i] for i in cluster]
        made = _made(scope, [instances[i] for i in members], classes, uses, strict=False)
        for index, term in zip(members, made, strict=True):
            terms[index] = term
    return [term for term in terms if term is not None]


def stage(instances: Sequence[Instance], classes: dict[str, ClassDef]) -> list[Term] | None:
    """Uses of one class for all instances; None if they have several shapes."""
    if not all(is_module(i.body) for i in instances):
        return None
    before = dict(classes)
    try:
        return _made("stage", instances, classes, (), strict=True)
    except Clash:
        assert classes == before
        return None


def _plain(body: Term) -> Term | None:
    """A body that is a single module already, or nothing."""
    if isinstance(body, Join):
        return None
    return body if not isinstance(body, Seq) or not body.children else None


def _with_shortcuts(instances: Sequence[Instance]) -> list[Instance] | None:
    """Blocks some of which have a shortcut and some not: as one kind, where the shortcut is a choice."""
    found, some, others = [], False, False
    for i in instances:
        body = i.body
        if (
            isinstance(body, Join)
            and body.kind == "sum"
            and len(body.branches) == 2
            and not body.branches[1].children
        ):
            some = True
            found.append(replace(i, body=Join("sum", body.branches[:1], True)))
        elif is_module(body) and row(body):
            others = True
            found.append(replace(i, body=Join("sum", (Seq(row(body)),), False)))
        else:
            return None
    return found if some and others else None


def _clusters(instances: Sequence[Instance]) -> list[list[int]]:
    """Instances that can be of one class, by index; first those of one shape, then shapes that fit."""
    shapes: dict[Any, list[int]] = {}
    for index, instance in enumerate(instances):
        shapes.setdefault(_shape(instance.body), []).append(index)
    clusters: list[list[int]] = []
    for members in sorted(shapes.values(), key=lambda m: -sum(1 for _ in inside(instances[m[0]].body))):
        for cluster in clusters:
            if _fits([instances[i] for i in [*cluster, *members]]):
                cluster += members
                break
        else:
            clusters.append(list(members))
    return [sorted(cluster) for cluster in clusters]


def _shape(body: Term) -> Term:
    """A body without its numbers."""
    return mapped(body, lambda value: None)


def _fits(instances: Sequence[Instance]) -> bool:
    try:
        body = merged([i.body for i in instances], Columns(), strict=False)
    except Clash:
        return False
    return sum(isinstance(part, Maybe) for part in inside(body)) <= MOST_CHOICES


def _made(
    scope: str, instances: Sequence[Instance], classes: dict[str, ClassDef], uses: Uses, *, strict: bool
) -> list[Term]:
    columns = Columns()
    bodies = [i.body if isinstance(i.body, Seq | Join) else Seq((i.body,)) for i in instances]
    template = merged(bodies, columns, strict)
    kinds = {(key, param.name): param.kind for key, made in classes.items() for param in made.params}
    called = words(template, columns, _ends(instances), uses)
    known = Parameters(columns, [i.channels for i in instances], [i.out for i in instances], called, kinds)
    body = known.settled(template)
    name = next(name for n in range(len(classes) + 1) if (name := f"{scope}:{n}") not in classes)
    classes[name] = ClassDef(scope, known.params(), body)
    return [New(name, args) for args in known.arguments()]


def _ends(instances: Sequence[Instance]) -> tuple[str, str]:
    """What goes in and what comes out are called."""
    what = "features" if all(i.flat for i in instances) else "channels"
    same = all(i.channels == i.out for i in instances)
    return (what if same else f"in_{what}", f"out_{what}")


def times_used(term: Term, name: str) -> int:
    """How often a class is written down in a term; in a loop it counts as many."""
    total = 0
    for part in inside(term):
        if isinstance(part, New) and part.name == name:
            total += 1
        if isinstance(part, Repeat):
            total += any(isinstance(p, New) and p.name == name for p in inside(part.body))
    return total
