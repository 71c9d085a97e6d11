"""The rules of a space in words, and how many points it has."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from nas.cost.cost import COSTS
from nas.errors import NasError
from nas.service.plain import plain, whole
from nas.service.spaces import SpaceView
from nas.space.counting import TooManyError
from nas.space.schema import ParameterModel, SolveModel
from nas.space.space import Space
from nas.space.typed import words

COMPARED: dict[type[ast.cmpop], str] = {
    ast.LtE: "at most",
    ast.GtE: "at least",
    ast.Lt: "below",
    ast.Gt: "above",
    ast.Eq: "equal to",
    ast.NotEq: "other than",
}
SPOKEN = {
    "params": "the number of parameters",
    "macs": "the number of multiply-adds",
    "activations": "the number of activations",
    "train_bytes": "the memory for training",
    "layers": "the number of layers",
    "receptive_field": "the receptive field",
    "paths": "the number of paths",
}


@dataclass(frozen=True)
class RuleInWords:
    """One rule of a space."""

    kind: str
    """parameter, input, derived, equation or constraint."""
    name: str
    """What it is about; empty for a constraint."""
    words: str
    formula: str
    """As it is written in the space."""


def rules_in_words(space: Space, view: SpaceView) -> list[RuleInWords]:
    """All rules of a space in the order in which they hold: parameters, input, what follows, constraints."""
    return [
        *_parameters(space, view),
        *_input(space),
        *_derived(space),
        *(RuleInWords("constraint", "", constraint_in_words(text), text) for text in view.constraints),
    ]


def _parameters(space: Space, view: SpaceView) -> Iterator[RuleInWords]:
    for row in view.parameters:
        model = space.resolved.parameters[row.name]
        when = f"; only where {constraint_in_words(row.when, must='')}" if row.when else ""
        yield RuleInWords("parameter", row.name, f"{row.domain}{when}", _written(model))


def _written(model: ParameterModel) -> str:
    """A parameter's line of YAML."""
    said = plain(model.model_dump(exclude_defaults=True))
    return "{" + ", ".join(f"{key}: {_yaml(value)}" for key, value in said.items()) + "}"


def _yaml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return f"{value:.12g}" if isinstance(value, float) else words(value)


def _input(space: Space) -> Iterator[RuleInWords]:
    for name, value in space.resolved.input.items():
        if isinstance(value, str):
            text = value.removeprefix("=").strip()
            yield RuleInWords("input", f"input.{name}", _follows(space, f"_input_{name}"), text)


def _derived(space: Space) -> Iterator[RuleInWords]:
    for name, rule in space.resolved.derived.items():
        if isinstance(rule, SolveModel):
            yield RuleInWords("equation", name, _equation(rule), rule.solve)
        else:
            yield RuleInWords("derived", name, _follows(space, name), str(rule))


def _follows(space: Space, name: str) -> str:
    reads = space.compiled.table.reads.get(name, frozenset())
    known = [each for each in space.compiled.scope.names if each in reads]
    return f"follows from {_listed(sorted(known))}" if known else "is the same for every network"


def _equation(rule: SolveModel) -> str:
    left, _, right = (part.strip() for part in rule.solve.partition("="))
    span = f"from {rule.domain[0]:g} to {rule.domain[1]:g}"
    unit = f" to a multiple of {rule.multiple}" if rule.multiple else ""
    rounded = f", rounded {rule.round}{unit}" if rule.round else ""
    if left in COSTS:
        return f"is found {span} for each network, so that {SPOKEN[left]} comes nearest to {right}"
    pick = f", the {'smallest' if rule.pick == 'min' else 'largest'} of several" if rule.pick else ""
    return f"is the number {span} that solves the equation{pick}{rounded}; without one the point is refused"


def constraint_in_words(text: str, must: str = "must be ") -> str:
    """`params <= 10e6` as `the number of parameters must be at most 10,000,000`."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return text
    if isinstance(tree, ast.BoolOp) and not any(isinstance(part, ast.BoolOp) for part in tree.values):
        between = " and " if isinstance(tree.op, ast.And) else " or "
        return between.join(constraint_in_words(ast.unparse(part), must) for part in tree.values)
    if not isinstance(tree, ast.Compare) or any(type(op) not in COMPARED for op in tree.ops):
        return text
    says = must or "is "
    ends = [
        f"{COMPARED[type(op)]} {_said(right)}" for op, right in zip(tree.ops, tree.comparators, strict=True)
    ]
    if len(ends) == 1:
        return f"{_said(tree.left)} {says}{ends[0]}"
    middle = tree.comparators[0]
    return f"{_said(middle)} {says}between {_said(tree.left)} and {_said(tree.comparators[-1])}"


def _said(node: ast.expr) -> str:
    """A side of a comparison: costs by their names, numbers with commas, all else as written."""
    if isinstance(node, ast.Name) and node.id in SPOKEN:
        return SPOKEN[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value is not True:
        return f"{node.value:,.0f}" if float(node.value).is_integer() else f"{node.value:g}"
    written = ast.unparse(node)
    if written.startswith("refs.") and written.count(".") == 2:
        _, reference, cost = written.split(".")
        return f"{SPOKEN.get(cost, cost)} of {reference}"
    return written


def _listed(names: list[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


def cardinality(space: Space) -> str:
    """How many points a space has, in words: at once, since no network is priced.

    Rules on parameters are counted where that is quick; whether costs refuse more is said, not counted.
    """
    counter = space.counter
    if not counter.discrete:
        free = [name for name, each in space.parameters.items() if each.domain.count is None]
        return f"a continuum: {_listed(free)} {'is a real number' if len(free) == 1 else 'are real numbers'}"
    try:
        total = counter.total
    except TooManyError:
        return "more points than can be counted one by one"
    assert total is not None, "a discrete space has a number of points"
    power = _product(space)
    said = f"{power} = {whole(total)} points" if power and power != f"{total}" else _points(total)
    return said + _kept(space, total)


def _points(total: int) -> str:
    return "1 point" if total == 1 else f"{whole(total)} points"


def _product(space: Space) -> str:
    """`5^6` or `21 × 9`; empty where parameters depend on each other."""
    factors = []
    for name, parameter in space.parameters.items():
        if parameter.when is not None or _depends(space, name):
            return ""
        width = space.compiled.width(name, {})
        factors.append((int(parameter.domain.count or 1), 1 if width is None else width))
    if prod(count**width for count, width in factors) != space.counter.total:
        return ""
    return " × ".join(f"{count}^{width}" if width > 1 else f"{count}" for count, width in factors)


def _depends(space: Space, name: str) -> bool:
    """Whether a vector's length is another parameter's business."""
    if space.parameters[name].length is None:
        return False
    try:
        space.compiled.width(name, {})
    except NasError:
        return True
    return False


def _kept(space: Space, total: int) -> str:
    """What the rules leave of them."""
    rules = space.compiled.rules
    share: Any = space.groups.share if rules.early else 1.0
    said = ""
    if share is None:
        said = "; some break a rule"
    elif share < 1:
        said = f", of which {whole(round(share * total))} keep the rules on parameters"
    costly = [*rules.plain, *rules.priced]
    return f"{said}; rules on costs refuse more" if costly else said
