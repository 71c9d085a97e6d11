"""When a part of a class is there: a rule over its parameters that holds for all its uses."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from nas.model.export.expressions import FOLDED, Op, Ref, refs
from nas.model.export.merging import ABSENT
from nas.model.export.roles import WIDTH
from nas.model.export.terms import Join, Layer, Maybe, New, Term, row, values

if TYPE_CHECKING:
    from nas.model.export.parameters import Parameters


def condition(known: "Parameters", there: tuple[Any, ...], part: Maybe | Join, body: Term) -> Any:
    """An expression that is true for the uses that have the part; else a parameter that says so."""
    if isinstance(part, Maybe) and (own := _own(known, there, part.body, body)):
        return own
    for rule in sorted(_rules(known, part), key=lambda rule: not set(refs(rule)) <= known.known.keys()):
        if _holds(known, there, rule):
            for name in dict.fromkeys(refs(rule)):
                known.use(name)
            return rule
    return known.add(_name(part), list(there), "choice")


def _own(known: "Parameters", there: tuple[Any, ...], part: Term, body: Term) -> Any:
    """A number that only the part uses: none of it, no part."""
    inside, everywhere = _names(part), _names(body)
    for name, times in inside.items():
        column = known.known[name]
        absent = [value is ABSENT for value in column]
        numbers = all(value is ABSENT or (type(value) is int and value > 0) for value in column)
        if times == everywhere[name] and numbers and absent == [here is not True for here in there]:
            known.known[name] = [0 if value is ABSENT else value for value in column]
            known.defaults[name] = 0
            return Op(">", Ref(name), 0)
    return None


def _names(term: Term) -> Counter[str]:
    return Counter(name for value in values(term) for name in refs(value))


def _rules(known: "Parameters", part: Maybe | Join) -> Iterator[Op]:
    """Rules that a person might have written, likely ones first."""
    near = list(dict.fromkeys([*_names(part), *known.candidates()]))
    near = [name for name in near if name in known.candidates()]
    widths = [name for name in near if known.kinds[name] == WIDTH]
    pairs = [(Ref(a), Ref(b)) for a, b in combinations(sorted(widths, key=near.index), 2)]
    strides = [Ref(name) for name in near if known.kinds[name] == "stride"]
    yield from (Op("!=", a, b) for a, b in pairs)
    yield from (Op("!=", Ref(name), 1) for name in near)
    yield from (Op("or", Op("!=", s, 1), Op("!=", a, b)) for s in strides for a, b in pairs)
    yield from (Op("==", a, b) for a, b in pairs)
    yield from (Op("==", Ref(name), 1) for name in near)
    yield from (Op("and", Op("==", s, 1), Op("==", a, b)) for s in strides for a, b in pairs)


def _holds(known: "Parameters", there: tuple[Any, ...], rule: Op) -> bool:
    columns = known.candidates()
    for index, wanted in enumerate(there):
        if wanted is ABSENT:
            continue
        said = _at(rule, columns, index)
        if said is ABSENT or bool(said) is not wanted:
            return False
    return True


def _at(rule: Any, columns: dict[str, list[Any]], index: int) -> Any:
    if isinstance(rule, Ref):
        return columns[rule.name][index]
    if not isinstance(rule, Op):
        return rule
    left, right = _at(rule.left, columns, index), _at(rule.right, columns, index)
    return ABSENT if left is ABSENT or right is ABSENT else FOLDED[rule.sign](left, right)


def _name(part: Maybe | Join) -> str:
    """What a choice is called that follows from nothing."""
    if isinstance(part, Join):
        return "shortcut"
    first = row(part.body)[0]
    kind = (
        first.name.partition(":")[0].removeprefix("nn.").lower() if isinstance(first, Layer | New) else "part"
    )
    return f"with_{kind.removesuffix('2d')}"
