"""Classes that are used in one place are written there, if they are rows of modules."""

from collections.abc import Mapping
from typing import Any

from nas.model.export.classes import ClassDef, times_used
from nas.model.export.expressions import with_values
from nas.model.export.terms import Join, Maybe, New, Repeat, Seq, Term, inside, mapped, row, seq


def inlined(roots: list[Term], classes: dict[str, ClassDef]) -> tuple[list[Term], dict[str, ClassDef]]:
    """The network's terms and its classes, in the order in which they have to be defined."""
    classes = dict(classes)
    while True:
        bodies = [*roots, *(made.body for made in classes.values())]
        counts = {name: sum(times_used(body, name) for body in bodies) for name in classes}
        gone = next(
            (n for n, made in classes.items() if counts[n] == 0 or (counts[n] == 1 and made.is_row)), None
        )
        if gone is None:
            return roots, classes
        made = classes.pop(gone)
        if counts[gone]:
            roots = [_written(term, gone, made) for term in roots]
            classes = {
                name: ClassDef(other.scope, other.params, _kept(other.body, gone, made))
                for name, other in classes.items()
            }


def _kept(body: Term, name: str, made: ClassDef) -> Term:
    """A class's body, a row as before."""
    if not any(isinstance(part, New) and part.name == name for part in inside(body)):
        return body
    return _written(body, name, made)


def _written(term: Term, name: str, made: ClassDef) -> Term:
    """The term with the class's own body in the place of its use."""
    if isinstance(term, New) and term.name == name:
        return bound(made.body, dict(term.args))
    if isinstance(term, Seq):
        return seq([_written(child, name, made) for child in term.children])
    if isinstance(term, Join):
        return Join(term.kind, tuple(Seq(row(_written(b, name, made))) for b in term.branches), term.bare)
    if isinstance(term, Repeat):
        return Repeat(_written(term.body, name, made), term.count, term.less)
    if isinstance(term, Maybe):
        return Maybe(_written(term.body, name, made), term.condition)
    return term


def bound(body: Term, arguments: Mapping[str, Any]) -> Term:
    """A class's body with arguments in the place of parameters; choices that are decided are made."""
    return _decided(mapped(body, with_values(arguments)))


def _decided(term: Term) -> Term:
    if isinstance(term, Maybe):
        if isinstance(term.condition, bool | int):
            return _decided(term.body) if term.condition else Seq()
        return Maybe(_decided(term.body), term.condition)
    if isinstance(term, Seq):
        return seq([_decided(child) for child in term.children])
    if isinstance(term, Join):
        return Join(term.kind, tuple(Seq(row(_decided(b))) for b in term.branches), term.bare)
    if isinstance(term, Repeat):
        return Repeat(_decided(term.body), term.count, term.less)
    return term
