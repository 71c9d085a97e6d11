"""One variant of a space, ready to lower points: its name table, parameters, rules and template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.shape import Input, Shape
from nas.cost.architecture import Architecture
from nas.cost.cost import COSTS
from nas.errors import InfeasibleError, PointError
from nas.space.domains import Domain
from nas.space.expressions import INPUT_FIELDS, RefusedError, Scope, check_new_name, function
from nas.space.fixed import fixed_rules
from nas.space.functions import ExpressionError
from nas.space.names import InactiveError, Names, NameTable, checked
from nas.space.resolve import Resolved
from nas.space.rules import Rules, input_number
from nas.space.schema import ParameterModel, SolveModel, Where
from nas.space.solve import solve_cost, solve_polynomial, split_equation
from nas.space.template import Template
from nas.space.typed import words
from nas.space.yaml_reader import Path

Choose = Callable[[str, Domain], Any]


@dataclass(frozen=True)
class Parameter:
    """A parameter: its domain, and when it is there and how long it is at a point."""

    domain: Domain
    length: Callable[[Names], Any] | None = None
    when: Callable[[Names], Any] | None = None


class Compiled:
    """A resolved space, compiled.

    Raises (on making):
        SpaceError: a name, expression or rule is wrong; with file, key path and what is allowed.
    """

    def __init__(
        self,
        resolved: Resolved,
        template: Template,
        constraints: list[Any],
        references: Callable[[str], Architecture],
        reference_names: frozenset[str],
        where: Where,
    ) -> None:
        self.where = where
        self.template = template
        self.origin = resolved.origin
        names = frozenset([*resolved.constants, *resolved.parameters, *resolved.derived])
        self.scope = Scope(names, {}, None, reference_names)
        literal = {k: v for k, v in resolved.constants.items() if not _is_expression(v)}
        self.table = NameTable(literal, where)
        self.derived_names = list(resolved.derived)
        self._fill(resolved)
        self.parameters = {name: self._parameter(name, p) for name, p in resolved.parameters.items()}
        self.names_type: type[Names] = type(
            "PointNames",
            (Names,),
            {"_table": self.table, "_refs": staticmethod(_reference_cost(references, where))},
        )
        self.table.check_cycles()
        constraints = [*constraints, *fixed_rules(self, resolved)]
        self.rules = Rules(constraints, self.table, self.scope, self.parameters, self.cost_solved, where)

    # ---- compiling ---------------------------------------------------------------------------

    def _fill(self, resolved: Resolved) -> None:
        for name in self.scope.names:
            self._check_name(name, resolved.origin.get(name, (name,)))
        for name, value in resolved.constants.items():
            if _is_expression(value):
                self.table.add_expression(name, value[1:], self.scope, resolved.origin[name])
                continue
            try:
                checked(value)
            except ExpressionError as error:
                raise self.where.error(resolved.origin[name], str(error)) from None
        for field, value in zip(INPUT_FIELDS, (resolved.input[f] for f in INPUT_FIELDS), strict=True):
            if _is_expression(value):
                self.table.add_expression(f"_input_{field}", value[1:], self.scope, ("input", field))
            elif isinstance(value, int) and 1 <= value <= 100_000:
                self.table.constants[f"_input_{field}"] = value
            else:
                raise self.where.error(("input", field), f"{value!r} is not a whole number from 1 to 100000")
        self.cost_solved: list[str] = []
        for name, value in resolved.derived.items():
            if isinstance(value, SolveModel):
                self._solved(name, value, resolved.origin[name])
            else:
                self.table.add_expression(name, value, self.scope, resolved.origin[name])
        if len(self.cost_solved) > 1:
            listed = " and ".join(self.cost_solved)
            raise self.where.error(("derived",), f"{listed}: at most one value can be solved from costs")

    def _check_name(self, name: str, path: Path) -> None:
        try:
            check_new_name(name)
        except RefusedError as error:
            raise self.where.error(path, str(error)) from None
        if name in COSTS:
            raise self.where.error(path, f"{name!r} is a cost of the network and cannot name anything else")

    def _solved(self, name: str, model: SolveModel, path: Path) -> None:
        try:
            left, right = split_equation(model.solve)
        except ValueError as error:
            raise self.where.error((*path, "solve"), str(error)) from None
        if left.strip() in COSTS:
            self._solved_from_cost(name, model, left.strip(), right, path)
            return
        scope = Scope(self.scope.names - {name}, {name: "unknown"}, None, self.scope.refs)
        code = self.table.compile(f"({left}) - ({right})", scope, (*path, "solve"))
        equation = function(code.source, "N", "unknown")
        self.table.add(
            name,
            lambda names: solve_polynomial(name, model, lambda unknown: equation(names, unknown)),
            code.reads,
            path,
        )

    def _solved_from_cost(self, name: str, model: SolveModel, cost: str, right: str, path: Path) -> None:
        self.cost_solved.append(name)
        code = self.table.compile(right, self.scope, (*path, "solve"))
        target = function(code.source, "N")

        def produce(names: Names) -> Any:
            def priced(value: Any) -> int:
                trial = names.__class__({**self.given(names), name: value})
                return int(getattr(self.lower(trial).cost, cost))

            return solve_cost(name, model, priced, target(names))

        self.table.add(name, produce, code.reads, path)

    def _parameter(self, name: str, model: ParameterModel) -> Parameter:
        parts: dict[str, Any] = {}
        for part in ("length", "when"):
            text = getattr(model, part)
            if text is not None:
                code = self.table.compile(text, self.scope, (*self.origin[name], part))
                self.table.reads[name] = self.table.reads.get(name, frozenset()) | code.reads
                parts[part] = function(code.source, "N")
        return Parameter(model.domain(), **parts)

    def condition(self, name: str, part: str, text: Any) -> Callable[[Names], Any]:
        """The `when` or `length` of a parameter that was set, as a function of the names."""
        return function(self.table.compile(text, self.scope, (*self.origin[name], part)).source, "N")

    # ---- points ------------------------------------------------------------------------------

    def walk(self, choose: Choose, parameters: Mapping[str, Parameter] | None = None) -> dict[str, Any]:
        """A point, asked for value by value; only what is active is asked for.

        `parameters` are some that depend on no others, all if not given.
        """
        point: dict[str, Any] = {}
        for name, parameter in (parameters or self.parameters).items():
            width = self.width(name, point)
            if width is None:
                continue
            if parameter.length is None:
                point[name] = choose(name, parameter.domain)
            else:
                point[name] = tuple(choose(f"{name}[{i}]", parameter.domain) for i in range(width))
        return point

    def width(self, name: str, point: Mapping[str, Any]) -> int | None:
        """How many values a parameter has, given those before it: 1, a vector's length, None if inactive."""
        parameter = self.parameters[name]
        if parameter.when is None and parameter.length is None:
            return 1
        names = self.names_type(point)
        if parameter.when is not None and not self._safe(name, "when", parameter.when, names):
            return None
        if parameter.length is None:
            return 1
        return _length(self._safe(name, "length", parameter.length, names))

    def _safe(self, name: str, part: str, test: Callable[[Names], Any], names: Any) -> Any:
        try:
            return test(names)
        except (ArithmeticError, TypeError, IndexError, ValueError) as error:
            if isinstance(error, InfeasibleError | PointError):
                raise
            raise self.where.error((*self.origin[name], part), str(error)) from None

    def validate(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """`point` with lists as tuples, if it assigns exactly the active parameters; PointError if not."""
        result: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            width = self.width(name, result)
            if width is None:
                continue
            if name not in point:
                raise PointError(f"the point has no value for {name!r}: it is {parameter.domain}")
            value = point[name]
            if parameter.length is None:
                result[name] = _inside(name, parameter.domain, value)
                continue
            if not isinstance(value, list | tuple) or len(value) != width:
                raise PointError(f"{name} = {words(value)}: it is a list of {width} values")
            result[name] = tuple([_inside(name, parameter.domain, item, i) for i, item in enumerate(value)])
        if len(result) < len(point):
            extra = next(name for name in point if name not in result)
            known = ", ".join(self.parameters) or "none"
            raise PointError(f"{extra!r} is no active parameter of this point; parameters are {known}")
        return result

    def lower(self, names: Names) -> Architecture:
        """The architecture of a point's names, constraints not asked."""
        given = Input(*(input_number(names, field) for field in INPUT_FIELDS))
        root = self.template.network(names, given.shape)
        if root.output != Shape(given.classes):
            message = (
                f"the network ends in {root.output}, not in one number for each of {given.classes} classes"
            )
            raise self.where.error(("architecture",), message)
        return Architecture(root, given)

    def architecture(self, point: Mapping[str, Any]) -> Architecture:
        """The architecture of a valid point that keeps all rules; InfeasibleError if it breaks one."""
        names = self.names_type(point)
        for rule in self.rules.cheap:
            rule.obey(names)
        return self.built(names)

    def built(self, names: Names) -> Architecture:
        """The architecture of a point's names that keep the cheap rules; InfeasibleError for the others."""
        for rule in self.rules.plain:
            rule.obey(names)
        built = self.lower(names)
        if self.rules.priced:
            names.__dict__["_architecture"] = built
            for rule in self.rules.priced:
                rule.obey(names)
        return built

    def broken(self, names: Names) -> list[str]:
        """The rules that a network breaks, each with the values; asked of members, which need not obey."""
        names.__dict__["_architecture"] = self.lower(names)
        found: list[str] = []
        for rule in self.rules:
            try:
                rule.obey(names)
            except InfeasibleError as error:
                found.append(str(error))
            except InactiveError:
                continue  # a member may leave open what its network does not need
        return found

    def given(self, names: Names) -> dict[str, Any]:
        """The parameters' values among those of `names`, in their order."""
        return {name: names.__dict__[name] for name in self.parameters if name in names.__dict__}


def _inside(name: str, domain: Domain, value: Any, place: int | None = None) -> Any:
    value = tuple(value) if isinstance(value, list) else value
    if not domain.contains(value):
        where = name if place is None else f"{name}[{place}]"
        raise PointError(f"{where} = {words(value)}: it is {domain}", where)
    return value


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _length(count: Any) -> int:
    if not isinstance(count, int) or not 0 <= count <= 1000:
        raise PointError(f"a vector of length {count!r}: a whole number from 0 to 1000 is wanted")
    return count


def _reference_cost(references: Callable[[str], Architecture], where: Where) -> Callable[[str, str], int]:
    def cost(name: str, field: str) -> int:
        if field not in COSTS:
            raise where.error(("constraints",), f"refs.{name}.{field}: costs are {', '.join(COSTS)}")
        return int(getattr(references(name).cost, field))

    return cost
