"""Expressions: a small, closed part of Python, checked node by node and turned into Python source.

Whatever is not listed here is refused. Names become look-ups in a point's name table (`N.alpha`)
or local variables (loop variables, arguments of definitions, `here`); lists become tuples;
`**`, `*`, `range` and comprehensions are guarded, so that no expression can run away.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from nas.errors import did_you_mean
from nas.space.functions import FUNCTIONS, listed, modulo, power, times

MAX_CHARACTERS = 2000
MAX_PARTS = 300
MAX_LOOPS = 2

INPUT_FIELDS = ("channels", "size", "classes")
HERE_FIELDS = ("channels", "size")
LITERALS = {"true": True, "false": False, "True": True, "False": False, "none": None, "None": None}

GLOBALS: dict[str, Any] = {
    "__builtins__": {},
    "_power": power,
    "_times": times,
    "_modulo": modulo,
    "_listed": listed,
    **{f"_f_{name}": function for name, function in FUNCTIONS.items()},
}
"""What compiled code may reach: nothing else exists for it."""


class RefusedError(ValueError):
    """An expression that is not of the language; the text says which part."""


class Code(NamedTuple):
    """An expression as Python source over `N` and local variables, and the table names it reads."""

    source: str
    reads: frozenset[str]
    """Names of the table; `input.size` reads `_input_size`, a cost of a reference `_refs`."""


@dataclass(frozen=True)
class Scope:
    """What an expression can see: table names, local variables (name to Python name), `here`."""

    names: frozenset[str]
    locals: Mapping[str, str]
    here: str | None = None
    refs: frozenset[str] = frozenset()

    def with_local(self, name: str, variable: str) -> "Scope":
        """This scope with one more local variable, `variable` in Python."""
        return Scope(self.names, {**self.locals, name: variable}, self.here, self.refs)

    def at(self, here: str) -> "Scope":
        """This scope with the value at hand in the Python variable `here`."""
        return Scope(self.names, self.locals, here, self.refs)

    def visible(self) -> list[str]:
        """All names that an expression here may use."""
        return sorted({*self.names, *self.locals, "input", *(["here"] if self.here else [])})


def compile_expression(text: str | int | float | bool, scope: Scope) -> Code:
    """Check `text` and turn it into Python source.

    Raises:
        RefusedError: it is not an expression of the language, or names something unknown.
    """
    text = str(text)
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(f"{len(text):,} characters; an expression has at most {MAX_CHARACTERS:,}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        hint = ": leave out the =, an expression is meant anyway" if text.startswith("=") else ""
        message = hint or f": {getattr(error, 'msg', error)}"
        raise RefusedError(f"{text[:80]!r} is not an expression{message}") from None
    parts = list(ast.walk(tree))
    if len(parts) > MAX_PARTS:
        raise RefusedError(f"{len(parts)} parts; an expression has at most {MAX_PARTS}")
    if sum(isinstance(part, ast.comprehension) for part in parts) > MAX_LOOPS:
        raise RefusedError(f"more than {MAX_LOOPS} loops in one expression")
    writer = _Writer(scope)
    return Code(writer.write(tree.body), frozenset(writer.reads))


def looks_like_expression(text: str, scope: Scope) -> bool:
    """Whether a value that is only a word was surely meant to be an expression."""
    tokens = re.findall(r"[A-Za-z_]\w*", text)
    return (
        not scope.names.isdisjoint(tokens)
        or any(token in scope.locals or token == "here" for token in tokens)
        or bool(re.search(r"[*(/]|\S +[-+<>%] *\S", text))
    )


def function(source: str, *arguments: str) -> Callable[..., Any]:
    """The Python function of `arguments` whose value is the compiled `source`."""
    return eval(f"lambda {', '.join(arguments)}: {source}", dict(GLOBALS))  # type: ignore[no-any-return]


_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Div: "/", ast.FloorDiv: "//"}
_UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not "}
_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}


class _Writer:
    """Writes one expression; `_Name` methods are found by the kind of syntax node."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.reads: set[str] = set()

    def write(self, node: ast.AST) -> str:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            raise RefusedError(
                f"{ast.unparse(node)[:60]!r}: {type(node).__name__} is not part of the language"
            )
        return f"{method(node)}"

    def _Constant(self, node: ast.Constant) -> str:  # noqa: N802
        if not isinstance(node.value, int | float | str) or isinstance(node.value, complex):
            raise RefusedError(f"{node.value!r} is not a number or a string")
        if not isinstance(node.value, str) and not abs(node.value) <= 1e18:
            raise RefusedError(f"{str(node.value)[:30]} is beyond 1e18")
        return repr(node.value)

    def _Name(self, node: ast.Name) -> str:  # noqa: N802
        name = node.id
        if name in self.scope.locals:
            return self.scope.locals[name]
        if name in self.scope.names:
            self.reads.add(name)
            return f"N.{name}"
        if name in LITERALS:
            return repr(LITERALS[name])
        if name in FUNCTIONS:
            raise RefusedError(f"{name} is a function: write {name}(...)")
        raise RefusedError(unknown_name(name, self.scope))

    def _Attribute(self, node: ast.Attribute) -> str:  # noqa: N802
        text = ast.unparse(node)
        base = node.value
        if isinstance(base, ast.Name) and base.id == "input" and node.attr in INPUT_FIELDS:
            self.reads.add(f"_input_{node.attr}")
            return f"N._input_{node.attr}"
        if isinstance(base, ast.Name) and base.id == "here" and node.attr in HERE_FIELDS:
            if self.scope.here is None:
                raise RefusedError(f"{text}: `here` exists only inside the architecture")
            return f"{self.scope.here}.{node.attr}"
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id == "refs":
            if base.attr not in self.scope.refs:
                raise RefusedError(
                    f"{text}: no reference {base.attr!r}; there are {_listing(self.scope.refs)}"
                )
            self.reads.add("_refs")
            return f"N._refs({base.attr!r}, {node.attr!r})"
        allowed = "input.channels, input.size, input.classes, here.channels, here.size, refs.NAME.COST"
        raise RefusedError(f"{text!r}: the only attributes are {allowed}")

    def _Call(self, node: ast.Call) -> str:  # noqa: N802
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in FUNCTIONS:
            raise RefusedError(f"call of {name[:40]!r}: the functions are {', '.join(FUNCTIONS)}")
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise RefusedError(f"{name}: only plain arguments in their order")
        if any(isinstance(a, ast.GeneratorExp) for a in node.args):
            raise RefusedError(f"{name}: put the comprehension in square brackets")
        return f"_f_{name}({', '.join(self.write(a) for a in node.args)})"

    def _BinOp(self, node: ast.BinOp) -> str:  # noqa: N802
        left, right = self.write(node.left), self.write(node.right)
        if isinstance(node.op, ast.Pow):
            return f"_power({left}, {right})"
        if isinstance(node.op, ast.Mult):
            return f"_times({left}, {right})"
        if isinstance(node.op, ast.Mod):
            return f"_modulo({left}, {right})"
        if type(node.op) not in _BINARY:
            raise RefusedError(f"{ast.unparse(node)[:60]!r}: operators are + - * / // % **")
        return f"({left} {_BINARY[type(node.op)]} {right})"

    def _UnaryOp(self, node: ast.UnaryOp) -> str:  # noqa: N802
        if type(node.op) not in _UNARY:
            raise RefusedError(f"{ast.unparse(node)[:60]!r}: the only signs are - + not")
        return f"({_UNARY[type(node.op)]}{self.write(node.operand)})"

    def _BoolOp(self, node: ast.BoolOp) -> str:  # noqa: N802
        word = " and " if isinstance(node.op, ast.And) else " or "
        return f"({word.join(self.write(value) for value in node.values)})"

    def _Compare(self, node: ast.Compare) -> str:  # noqa: N802
        text = self.write(node.left)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise RefusedError(f"{ast.unparse(node)[:60]!r}: comparisons are == != < <= > >= in, not in")
            text += f" {_COMPARE[type(op)]} {self.write(right)}"
        return f"({text})"

    def _IfExp(self, node: ast.IfExp) -> str:  # noqa: N802
        return f"({self.write(node.body)} if {self.write(node.test)} else {self.write(node.orelse)})"

    def _Subscript(self, node: ast.Subscript) -> str:  # noqa: N802
        return f"{self.write(node.value)}[{self.write(node.slice)}]"

    def _Slice(self, node: ast.Slice) -> str:  # noqa: N802
        parts = [self.write(part) if part else "" for part in (node.lower, node.upper)]
        if node.step:
            parts.append(self.write(node.step))
        return ":".join(parts)

    def _List(self, node: ast.List | ast.Tuple) -> str:  # noqa: N802
        return f"({''.join(self.write(item) + ', ' for item in node.elts)})"

    _Tuple = _List

    def _ListComp(self, node: ast.ListComp) -> str:  # noqa: N802
        outer, loops = self.scope, []
        for loop in node.generators:
            if not isinstance(loop.target, ast.Name) or loop.is_async:
                raise RefusedError(f"{ast.unparse(node)[:60]!r}: a loop has one plain variable")
            check_new_name(loop.target.id, self.scope)
            items = self.write(loop.iter)
            self.scope = self.scope.with_local(loop.target.id, f"v_{loop.target.id}")
            tests = "".join(f" if {self.write(test)}" for test in loop.ifs)
            loops.append(f" for v_{loop.target.id} in {items}{tests}")
        body = self.write(node.elt)
        self.scope = outer
        return f"_listed({body}{''.join(loops)})"


def check_new_name(name: str, scope: Scope | None = None) -> None:
    """Raise `RefusedError` unless `name` can be given to something new: there is no shadowing."""
    if not name.isidentifier() or name.startswith("_") or not name.isascii():
        raise RefusedError(f"{name[:40]!r} is not a name: letters, digits and _, starting with a letter")
    if name in FUNCTIONS or name in LITERALS or name in ("input", "here", "refs"):
        raise RefusedError(f"{name!r} is a word of the language and cannot name anything else")
    if scope is not None and (name in scope.names or name in scope.locals):
        raise RefusedError(f"{name!r} is a name already: names are not shadowed")


def unknown_name(name: str, scope: Scope) -> str:
    """The message for a name that nothing has."""
    known = scope.visible()
    return f"unknown name {name!r}: names here are {_listing(known)}{did_you_mean(name, known)}"


def _listing(names: "frozenset[str] | list[str]") -> str:
    return ", ".join(sorted(names)) or "none"
