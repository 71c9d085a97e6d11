"""What an entry of an architecture may be besides a layer or a block, one function a kind."""

import re
from typing import Any

from nas.space.compiler import COMPANIONS, Compiler, Control, Spot, short, unknown_message
from nas.space.yaml_reader import Path, key_word


def _from(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    name = entry["from"]
    if name not in spot.marks:
        raise compiler.where.error((*path, "from"), unknown_message("named value", name, spot.marks))
    variable = spot.marks[name]
    compiler.lines.add(f"{spot.nodes}.append(_from({spot.here}, {variable}, {name!r}))", path)
    compiler.lines.add(f"{spot.here} = {variable}")


def _body(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    compiler.entries(entry["body"], (*path, "body"), spot.inner())


def _repeat(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    count = compiler.expression(entry["repeat"], spot, (*path, "repeat"))
    variable, scope = compiler.fresh("i_"), spot.scope
    if "as" in entry:
        compiler.new_name(entry["as"], scope, (*path, "as"))
        scope = scope.with_local(entry["as"], variable)
    label = entry.get("as", "repeat")
    start, rounds, loop = (compiler.fresh(p) for p in ("s_", "r_", "l_"))
    compiler.lines.add(f"{start} = {spot.here}; {rounds} = []")
    compiler.lines.add(f"{loop} = _loop(N, {count})", (*path, "repeat"))
    inside, body = Spot(spot.here, rounds, scope, dict(spot.marks)), entry.get("body", [])
    if isinstance(body, list) and len(body) == 1 and (only := _plain(body[0], compiler)):
        _one_call(compiler, only, (*path, "body", 0), inside, f"for {variable} in {loop}:")
    else:
        _rounds(
            compiler, body, (*path, "body"), inside, f"for {variable} in {loop}:", f"{label!r}, {variable}"
        )
    compiler.lines.add(f"if {rounds}: {spot.nodes}.append(_stage({start}, {rounds}, {label!r}))", path)


def _rounds(compiler: Compiler, body: Any, path: Path, spot: Spot, head: str, label: str) -> None:
    """A loop whose rounds are lists of their own."""
    nodes, at = compiler.fresh("n_"), compiler.fresh("t_")
    with compiler.lines.block(head, path):
        compiler.lines.add(f"{nodes} = []; {at} = {spot.here}")
        compiler.entries(body, path, Spot(spot.here, nodes, spot.scope, spot.marks))
        compiler.lines.add(f"_round({spot.nodes}, {at}, {nodes}, {label})", path)


def _plain(entry: Any, compiler: Compiler) -> tuple[str, Any] | None:
    """The layer or block of an entry that is nothing else."""
    entry = {entry: {}} if isinstance(entry, str) else entry
    if not isinstance(entry, dict) or len(entry) != 1:
        return None
    ((kind, args),) = entry.items()
    return None if kind in compiler.controls or kind in COMPANIONS else (kind, args)


def _one_call(compiler: Compiler, only: tuple[str, Any], path: Path, spot: Spot, head: str) -> None:
    """A loop over one call. What of its arguments is the same in each round is computed before."""
    kind, args = only
    variable = head.split()[1]
    changes = re.compile(rf"\b({variable}|{spot.here})\b")
    before: list[tuple[str, Path]] = []

    def settle(code: str, where: Path) -> str:
        if changes.search(code) or not re.search(r"[(.\[]", code):
            return code
        before.append((f"{compiler.fresh('k_')} = {code}", where))
        return before[-1][0].split()[0]

    code = compiler.call(kind, args, (*path, kind), spot, settle)
    with compiler.lines.block(f"if {head.split()[-1][:-1]}:"):
        for line, where in before:
            compiler.lines.add(line, where)
        with compiler.lines.block(head):
            compiler.append(code, (*path, kind), spot)


def _branches(compiler: Compiler, branches: Any, path: Path, spot: Spot) -> str:
    if not isinstance(branches, list) or not branches:
        raise compiler.where.error(
            path, f"{short(branches)}: a list of branches, each a list, is wanted here"
        )
    collected = compiler.fresh("b_")
    compiler.lines.add(f"{collected} = []")
    for index, branch in enumerate(branches):
        compiler.lines.add(f"{collected}.append({compiler.branch(branch, (*path, index), spot)})", path)
    return collected


def _sum(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    branches = _branches(compiler, entry["sum"], (*path, "sum"), spot)
    compiler.append(f"_sum({spot.here}, {branches})", path, spot)


def _concat(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    branches = _branches(compiler, entry["concat"], (*path, "concat"), spot)
    compiler.append(f"_concat({spot.here}, {branches})", path, spot)


def _gate(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    compiler.append(
        f"_gate({spot.here}, {compiler.branch(entry['gate'], (*path, 'gate'), spot)})", path, spot
    )


def _aux(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    head = compiler.branch(entry["aux"], (*path, "aux"), spot)
    compiler.reads.add("_input_classes")
    compiler.append(f"_aux({spot.here}, {head}, N._input_classes)", path, spot)


def _choose(compiler: Compiler, entry: dict[str, Any], path: Path, spot: Spot) -> None:
    among = entry.get("among")
    if not isinstance(among, dict) or not among:
        raise compiler.where.error((*path, "among"), "choose needs among: {value: [entries], ...}")
    chosen = compiler.fresh("k_")
    code = compiler.expression(entry["choose"], spot, (*path, "choose"))
    compiler.lines.add(f"{chosen} = _key_word({code})", path)
    for index, (key, entries) in enumerate(among.items()):
        with compiler.lines.block(f"{'elif' if index else 'if'} {chosen} == {key_word(key)!r}:"):
            compiler.lines.add("pass")
            compiler.entries(entries, (*path, "among", key), spot.inner())
    with compiler.lines.block("else:"):
        compiler.lines.add(f"_no_choice({chosen}, {[*map(key_word, among)]!r})", (*path, "choose"))


CONTROLS: dict[str, Control] = {
    "repeat": Control(frozenset({"repeat", "as", "body"}), _repeat),
    "sum": Control(frozenset({"sum"}), _sum),
    "concat": Control(frozenset({"concat"}), _concat),
    "gate": Control(frozenset({"gate"}), _gate),
    "aux": Control(frozenset({"aux"}), _aux),
    "choose": Control(frozenset({"choose", "among"}), _choose),
    "body": Control(frozenset({"body"}), _body),
    "from": Control(frozenset({"from"}), _from),
}
"""By the key that tells the kind; `body` alone is a group, which needs `when`."""
