"""From entries to Python: the compiler of architecture templates.

Each list of entries becomes straight-line code, each definition a function that remembers what it
made for the same arguments, the same shape and the same values of the names it reads. So a point
is lowered by running a few hundred lines of Python, and most of its blocks are found, not made.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nas.arch.primitive import PRIMITIVES, signature
from nas.errors import did_you_mean
from nas.space import runtime
from nas.space.expressions import (
    Code,
    RefusedError,
    Scope,
    check_new_name,
    compile_expression,
    looks_like_expression,
)
from nas.space.schema import DefinitionModel, Where, frozen_value
from nas.space.writer import Lines
from nas.space.yaml_reader import Path

COMPANIONS = {"name", "when"}
"""Keys that may stand beside those of any entry."""


@dataclass
class Spot:
    """Where code is being written: the Python variables of the value and of the list at hand."""

    here: str
    nodes: str
    scope: Scope
    marks: dict[str, str] = field(default_factory=dict)
    """Named values in sight: name to the Python variable of the shape."""

    def inner(self) -> "Spot":
        """The same place, where new names of values stay inside."""
        return Spot(self.here, self.nodes, self.scope, dict(self.marks))


Settle = Callable[[str, Path], str]
"""Takes an argument's code and its key path, gives the code that stands in the call."""


def _as_it_is(code: str, path: Path) -> str:
    return code


class Control(NamedTuple):
    """An entry that is neither layer nor block: its keys, and what writes its code."""

    keys: frozenset[str]
    emit: "Callable[[Compiler, dict[str, Any], Path, Spot], None]"


class Compiler:
    """Writes the code of one space's architecture and definitions."""

    def __init__(
        self,
        define: Mapping[str, DefinitionModel],
        names: frozenset[str],
        controls: Mapping[str, Control],
        where: Where,
    ) -> None:
        self.where, self.define, self.names, self.controls = where, define, names, controls
        self.code = Lines()
        """All functions that are finished; a block's stands before those that use it."""
        self.lines = Lines()
        """The function being written."""
        self.bound: dict[str, Any] = {}
        """What the code reaches besides the runtime: placers of layers, memories of blocks."""
        self.reads: set[str] = set()
        """Table names that the function being written reads."""
        self._done: dict[str, frozenset[str]] = {}
        self._stack: list[str] = []
        self._counter = 0

    # ---- definitions -------------------------------------------------------------------------

    def definition(self, name: str, path: Path) -> frozenset[str]:
        """Compile a definition once; the table names that it reads."""
        if name in self._done:
            return self._done[name]
        if name in self._stack:
            raise self.where.error(path, f"{' -> '.join([*self._stack, name])}: a block inside itself")
        if name in PRIMITIVES or name in self.controls:
            raise self.where.error(path, f"{name!r} is a layer of the language; give the block another name")
        self._stack.append(name)
        model = self.define[name]
        reads = self.function(name, model.body, ("define", name, "body"), model.args)
        self._stack.pop()
        self._done[name] = reads
        keyed = "".join(f", N._peek({read!r})" for read in sorted(reads))
        given = "".join(f", a_{arg}" for arg in model.args)
        self.bound[f"m_{name}"] = {}
        with self.code.block(f"def c_{name}(N, here{given}):"):
            self.code.add(f"key = (here{given}{keyed})")
            self.code.add(f"node = m_{name}.get(key)")
            with self.code.block("if node is None:"):
                self.code.add(f"node = _remember(m_{name}, key, d_{name}(N, here{given}))")
            self.code.add("return node")
        return reads

    def function(self, name: str, body: list[Any], path: Path, args: Mapping[str, Any]) -> frozenset[str]:
        """Compile a list of entries to a function of its own; the table names that it reads."""
        outer, self.lines = self.lines, Lines()
        before, self.reads = self.reads, set()
        scope = Scope(self.names, {})
        given = "".join(f", v_{arg}" for arg in args)
        with self.lines.block(f"def d_{name}(N, here{given}):"):
            for arg, default in args.items():
                self.new_name(arg, Scope(frozenset(), scope.locals), (*path[:-1], "args", arg))
                if default is not None:
                    value = self.value(default, scope.at("here"), (*path[:-1], "args", arg))
                    self.lines.add(f"if v_{arg} is _default: v_{arg} = {value}", (*path[:-1], "args", arg))
                scope = scope.with_local(arg, f"v_{arg}")
            self.lines.add("start = here")
            self.lines.add("nodes = []")
            self.entries(body, path, Spot("here", "nodes", scope))
            label = "" if name == "_network" else name
            self.lines.add(f"return _sequence(start, nodes, {label!r})", path)
        reads = frozenset(self.reads)
        self.code.extend(self.lines)
        self.lines, self.reads = outer, before | reads
        return reads

    # ---- entries -----------------------------------------------------------------------------

    def entries(self, entries: Any, path: Path, spot: Spot) -> None:
        """Code for a list of entries."""
        if not isinstance(entries, list):
            raise self.where.error(path, f"{short(entries)}: a list of layers and blocks is wanted here")
        for index, entry in enumerate(entries):
            self._entry(entry, (*path, index), spot)

    def _entry(self, entry: Any, path: Path, spot: Spot) -> None:
        if isinstance(entry, str):
            entry = {entry: {}}
        if not isinstance(entry, dict) or not entry:
            raise self.where.error(path, f"{short(entry)}: an entry is a name or a mapping")
        if "when" in entry:
            condition = self.expression(entry["when"], spot, (*path, "when"))
            with self.lines.block(f"if {condition}:", (*path, "when")):
                self.lines.add("pass")
                self._plain(entry, path, spot)
        else:
            self._plain(entry, path, spot)
        if "name" in entry:
            self._mark(entry["name"], (*path, "name"), spot)

    def _plain(self, entry: dict[Any, Any], path: Path, spot: Spot) -> None:
        keys = [key for key in entry if key not in COMPANIONS]
        control = next((key for key in self.controls if key in entry), None)
        if control is not None:
            self._control(control, keys, entry, path, spot)
        elif len(keys) == 1:
            here = (*path, keys[0])
            self.append(self.call(keys[0], entry[keys[0]], here, spot), here, spot)
        elif keys or "name" not in entry:
            listed = ", ".join(map(repr, keys)) or "none"
            raise self.where.error(path, f"one layer or block an entry, not {listed}")
        else:
            self.lines.add("pass")

    def _control(self, kind: str, keys: list[Any], entry: dict[Any, Any], path: Path, spot: Spot) -> None:
        control = self.controls[kind]
        wrong = next((key for key in keys if key not in control.keys), None)
        if wrong is None and kind == "body" and "when" not in entry:
            wrong = "body"
        if wrong is not None:
            allowed = ", ".join(sorted({*control.keys, *COMPANIONS}))
            raise self.where.error(
                (*path, wrong), f"{wrong!r} cannot stand here: keys of {kind} are {allowed}"
            )
        control.emit(self, entry, path, spot)

    def _mark(self, name: Any, path: Path, spot: Spot) -> None:
        self.new_name(name, spot.scope, path)
        if name in spot.marks:
            raise self.where.error(path, f"{name!r} names a value already")
        variable = spot.marks[name] = self.fresh(f"m_{name}_")
        self.lines.add(f"{variable} = {spot.here}")
        self.lines.add(f"{spot.nodes}.append(_mark({spot.here}, {spot.here}, {name!r}))", path)

    def branch(self, entries: Any, path: Path, spot: Spot) -> str:
        """Code that makes a list of its own from the value at hand; the expression of its sequence."""
        here, nodes = self.fresh("h_"), self.fresh("n_")
        self.lines.add(f"{here} = {spot.here}; {nodes} = []")
        self.entries(entries, path, Spot(here, nodes, spot.scope.at(here), dict(spot.marks)))
        return f"_sequence({spot.here}, {nodes})"

    def append(self, code: str, path: Path, spot: Spot) -> None:
        """Put the node of `code` into the list at hand and go on from its output."""
        node = self.fresh("x_")
        self.lines.add(f"{node} = {code}", path)
        self.lines.add(f"{spot.nodes}.append({node}); {spot.here} = {node}.output")

    def call(self, kind: Any, args: Any, path: Path, spot: Spot, settle: Settle = _as_it_is) -> str:
        """Code of a layer or block after the value at hand; `settle` may move an argument's code away."""
        args = {} if args is None else args
        if not isinstance(args, dict):
            raise self.where.error(path, f"{short(args)}: arguments are a mapping, as {{out: 64}}")
        if kind in self.define:
            reads = self.definition(kind, path)
            self.reads |= reads
            known: Mapping[str, bool] = {a: d is None for a, d in self.define[kind].args.items()}
        elif kind in PRIMITIVES:
            known = {name: spec.required for name, spec in signature(PRIMITIVES[kind]).items()}
        else:
            raise self.where.error(
                path,
                unknown_message("layer or block", kind, [*PRIMITIVES.names(), *self.define, *self.controls]),
            )
        self._check_arguments(kind, args, known, path)
        scope = spot.scope.at(spot.here)
        values = {n: settle(self.value(v, scope, (*path, n)), (*path, n)) for n, v in args.items()}
        if kind in self.define:
            given = ", ".join(["N", spot.here, *(values.get(name, "_default") for name in known)])
            return f"c_{kind}({given})"
        placer = f"p_{kind}_{'_'.join(values)}"
        self.bound.setdefault(placer, runtime.placer(PRIMITIVES[kind], tuple(values)))
        return f"{placer}({', '.join([spot.here, *values.values()])})"

    def _check_arguments(
        self, kind: str, args: dict[Any, Any], known: Mapping[str, bool], path: Path
    ) -> None:
        for name in args:
            if name not in known:
                raise self.where.error((*path, name), unknown_message(f"argument of {kind}", name, known))
        missing = [name for name, required in known.items() if required and name not in args]
        if missing:
            raise self.where.error(path, f"{kind} needs {', '.join(missing)}")

    # ---- values ------------------------------------------------------------------------------

    def expression(self, text: Any, spot: Spot, path: Path) -> str:
        """Code of an expression where `spot` is."""
        return self._compiled(text, spot.scope.at(spot.here), path).source

    def value(self, value: Any, scope: Scope, path: Path) -> str:
        """An argument's value: an expression after `=`, anything else is itself."""
        if isinstance(value, str) and value.startswith("="):
            return self._compiled(value[1:], scope, path).source
        if isinstance(value, str) and looks_like_expression(value, scope):
            message = f"{value!r} is only a word here: did you forget the '='? write \"={value}\""
            raise self.where.error(path, message)
        if isinstance(value, dict):
            raise self.where.error(path, f"{short(value)}: a mapping cannot be an argument")
        return repr(frozen_value(value))

    def _compiled(self, text: Any, scope: Scope, path: Path) -> Code:
        if not isinstance(text, str | int | float | bool):
            raise self.where.error(path, f"{short(text)} is not an expression")
        try:
            code = compile_expression(text, scope)
        except RefusedError as error:
            raise self.where.error(path, str(error)) from None
        self.reads |= code.reads
        return code

    def new_name(self, name: Any, scope: Scope, path: Path) -> None:
        """Check that `name` can be given to something new."""
        try:
            check_new_name(str(name), scope)
        except RefusedError as error:
            raise self.where.error(path, str(error)) from None

    def fresh(self, prefix: str) -> str:
        """A Python variable that nothing else uses."""
        self._counter += 1
        return f"{prefix}{self._counter}"


def short(value: Any) -> str:
    """`value` for a message, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def unknown_message(kind: str, name: Any, known: Iterable[Any]) -> str:
    """The message for a name that no entry of its kind has, with near matches."""
    names = sorted(map(str, known))
    hint = did_you_mean(str(name), names)
    return f"unknown {kind} {str(name)!r}: known are {', '.join(names) or 'none'}{hint}"
