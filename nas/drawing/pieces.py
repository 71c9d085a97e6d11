"""The layers of a block as a picture: a recursion over the graph that lays out boxes and wires.

A `Piece` stands on an axis (y = 0) from x = 0, where its value comes in, to x = `width`. A sequence puts
pieces one after the other; a sum, concatenation or gate puts its branches one below the other, the first on
the axis. A named value (`Mark`) becomes a rail below, from which every `From` branches off. What is found for
a node is kept in its memo, as all recursions over the graph do.
"""

from collections.abc import Iterable, Sequence as Row
from dataclasses import dataclass, field

from nas.arch.graph import Aux, Concat, Container, From, Gate, Mark, Node, Sequence, Sum
from nas.arch.primitive import Primitive
from nas.drawing import svg
from nas.drawing.layers import Run, runs, shape_of, told
from nas.drawing.text import width

GAP = 16
"""Between two pieces of a row: room for an arrow."""
BETWEEN = 12
"""Between two branches."""
GUTTER = 20
"""Before and behind branches: room for the wires that part and meet."""
LANE = 9
"""Between two rails, and between two wires that rise from rails."""
RADIUS = 9
LINE = 15

Want = tuple[str, float, float]
"""A named value that is read here: its name and place."""


@dataclass(frozen=True)
class Piece:
    """A part of a picture."""

    width: float
    up: float = 0
    """Pixels above the axis."""
    down: float = 0
    """Pixels below the axis."""
    drawn: str = ""
    wants: tuple[Want, ...] = ()
    """Values that are read inside and named outside."""
    marks: str = ""
    """A name that the value has here."""
    starts: bool = False
    """The value that comes in is dropped: it goes on from a named one."""
    follows: bool = True
    """An arrow leads to it; not to what is but a wire."""


def piece_of(node: Node) -> Piece:
    """The picture of a node."""
    found: Piece | None = node.memo.get("piece")
    if found is None:
        found = node.memo["piece"] = _row(_flat([node]))
    return found


def _flat(nodes: Iterable[Node]) -> Iterable[Node]:
    """What stands in a row, with the lists inside of it opened where that hides no name."""
    for node in nodes:
        if isinstance(node, Sequence) and not node.marked:
            yield from _flat(node.children)
        else:
            yield node


def _row(nodes: Iterable[Node]) -> Piece:
    """Pieces in a row, layers gathered to runs."""
    parts: list[Piece] = []
    pending: list[Primitive] = []
    for node in nodes:
        if isinstance(node, Primitive):
            pending.append(node)
            continue
        parts += map(box, runs(pending))
        pending = []
        parts.append(_part(node))
    return _joined([*parts, *map(box, runs(pending))])


def _part(node: Node) -> Piece:
    if isinstance(node, From):
        return Piece(width=0, wants=((node.name, 0, 0),), starts=True, follows=False)
    if isinstance(node, Mark):
        return _mark(node.name)
    if isinstance(node, Aux):
        return _aside(piece_of(node.head))
    if isinstance(node, Sequence):
        return _row(_flat(node.children))
    assert isinstance(node, Container), type(node)
    found: Piece | None = node.memo.get("part")
    if found is None:
        found = node.memo["part"] = _branches(node)
    return found


def _mark(name: str) -> Piece:
    wide = max(14.0, width(name, 11) + 4)
    dot = svg.circle(wide / 2, 0, 3, "nas-joint")
    label = svg.text(wide / 2, -7, name, "nas-note nas-middle")
    wire = svg.wire([(0, 0), (wide, 0)])
    return Piece(width=wide, up=18, down=4, drawn=wire + dot + label, marks=name, follows=False)


def box(run: Run) -> Piece:
    """A run of layers as a box with its name, what accompanies it and its shape."""
    lines = [(run.before, "nas-note")] if run.before and run.main is not None else []
    lines += [(run.name, "nas-name" if run.main is not None else "")]
    lines += [(run.after, "nas-note")] if run.after else []
    lines += [(shape_of(run.output), "nas-note")] if run.main is not None else []
    wide = (
        max(width(said, 12, bold=True) if css == "nas-name" else width(said, 11.5) for said, css in lines)
        + 16
    )
    high = LINE * len(lines) + 10
    said = "\n".join(map(told, run.layers))
    drawn = svg.hover(said) + svg.rect(0, -high / 2, wide, high, f"nas-box nas-{run.kind}", radius=4)
    for index, (line, css) in enumerate(lines):
        y = -high / 2 + 16 + LINE * index
        drawn += svg.text(wide / 2, y, line, f"{css} nas-middle".strip())
    return Piece(wide, high / 2, high / 2, svg.group(drawn))


@dataclass
class _Canvas:
    """What has been drawn so far: wires below, pieces above."""

    wires: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def put(self, piece: Piece, x: float, y: float = 0) -> tuple[Want, ...]:
        """Add a piece; what it still wants, at places of this canvas."""
        if piece.drawn:
            self.pieces.append(svg.group(piece.drawn, x=x, y=y))
        return tuple((name, x + at, y + row) for name, at, row in piece.wants)

    def arrow(self, *points: tuple[float, float]) -> None:
        """A wire with a tip at its end."""
        self.wires += [svg.wire(points), svg.tip(*points[-1])]

    @property
    def drawn(self) -> str:
        """All of it."""
        return "".join([*self.wires, *self.pieces])


def _joined(parts: Row[Piece]) -> Piece:
    """Pieces in a row with arrows between; values named here are led to those who read them."""
    if len(parts) == 1 and not parts[0].marks:
        return parts[0]
    canvas, x = _Canvas(), 0.0
    wants: list[Want] = []
    marks: dict[str, float] = {}
    for index, part in enumerate(parts):
        if index and not part.starts:
            gap = GAP if part.follows else GAP / 2
            canvas.arrow((x, 0), (x + gap, 0)) if part.follows else canvas.wires.append(
                svg.wire([(x, 0), (x + gap, 0)])
            )
            x += gap
        elif index:
            x += GAP
        wants += canvas.put(part, x)
        if part.marks:
            marks[part.marks] = x + part.width / 2
        x += part.width
    up = max((part.up for part in parts), default=0)
    down = max((part.down for part in parts), default=0)
    if marks:
        down = _rails(canvas, marks, wants, down)
    left = tuple(want for want in wants if want[0] not in marks)
    starts = bool(parts) and parts[0].starts
    follows = not parts or parts[0].follows
    return Piece(x, up, down, canvas.drawn, left, "", starts, follows)


def _rails(canvas: _Canvas, marks: dict[str, float], wants: list[Want], down: float) -> float:
    """Lead named values along rails below to where they are read; the new extent below."""
    lane = down
    for name, start in marks.items():
        readers = [(x, y) for wanted, x, y in wants if wanted == name]
        if not readers:
            continue
        lane += LANE
        for x, y in readers:
            canvas.wires.append(svg.wire([(start, 4), (start, lane), (x, lane), (x, y)], "nas-rail"))
    return lane + (2 if lane > down else 0)


def _branches(node: Container) -> Piece:
    """Branches one below the other, between where the value parts and where their results meet."""
    rows = [piece_of(child) for child in node.children]
    if isinstance(node, Gate):
        rows = [Piece(width=0), *rows]
    if not rows:
        return Piece(width=0)
    inside = max(GAP, *(_lead(i, row) + row.width for i, row in enumerate(rows)))
    end = GUTTER + inside + GUTTER + RADIUS
    canvas, y = _Canvas(), 0.0
    wants: list[Want] = []
    parted = met = 0.0
    for index, row in enumerate(rows):
        y += rows[index - 1].down + BETWEEN + max(row.up, 6) if index else 0.0
        lead = _lead(index, row)
        x = GUTTER + (lead if row.starts else (inside - row.width) / 2)
        if not row.starts:
            _lead_in(canvas, row, parted, x, y)
            parted = y
        wants += canvas.put(row, x, y)
        _lead_out(canvas, x + row.width, y, met, end)
        met = y
    join = svg.group(_joint(node), x=end)
    down = max(y + max(rows[-1].down, 4), RADIUS)
    up = max(rows[0].up, RADIUS)
    return Piece(end + RADIUS, up, down, canvas.drawn + join, tuple(wants), follows=False)


def _lead(index: int, row: Piece) -> float:
    """Room before a branch: those that start from rails rise one beside the other."""
    return LANE * (index + 1) if row.starts else 0.0


def _lead_in(canvas: _Canvas, row: Piece, parted: float, x: float, y: float) -> None:
    """The wire to a branch at (x, y), from where the branch above it left, at height `parted`."""
    fork = GUTTER / 2
    points = [(fork, max(0.0, parted - svg.CORNER)), (fork, y), (x, y)] if y else [(0.0, 0.0), (x, 0.0)]
    if row.follows and row.width:
        canvas.arrow(*points)
    else:
        canvas.wires.append(svg.wire(points))


def _lead_out(canvas: _Canvas, right: float, y: float, met: float, end: float) -> None:
    """The wire from a branch's end to where all meet, or to the wire of the branch above it."""
    if not y:
        canvas.arrow((right, y), (end - RADIUS, y))
        return
    canvas.wires.append(svg.wire([(right, y), (end, y), (end, met - svg.CORNER if met else RADIUS)]))
    if not met:
        canvas.wires.append(f'<path class="nas-tip" d="M{svg.number(end)} {RADIUS}l-3.5 6h7z"/>')


def _joint(node: Container) -> str:
    """The circle where branches meet: plus, times, or bars side by side."""
    if isinstance(node, Sum):
        sign, said, css = "M-4 0h8M0-4v8", "sum", ""
    elif isinstance(node, Concat):
        sign, said, css = "M-3-4v8M0-4v8M3-4v8", "concatenation", ""
    else:
        sign, said, css = "M-3-3l6 6M-3 3l6-6", "times, channel by channel", " nas-gate"
    shape = shape_of(node.output)
    return (
        svg.hover(f"{said}: {shape}")
        + svg.circle(0, 0, RADIUS, f"nas-joint{css}")
        + f'<path class="nas-sign" d="{sign}"/>'
    )


def _aside(head: Piece) -> Piece:
    """An auxiliary head: it hangs below the wire, and nothing comes back."""
    y = head.up + 22
    start = [(8.0, 0.0), (8.0, y), (20.0, y)]
    wide, high = head.width + 32, head.up + head.down + 12
    frame = svg.rect(14, y - head.up - 6, head.width + 12, high, "nas-aux", radius=6)
    drawn = svg.wire([(0, 0), (wide, 0)]) + frame + svg.wire(start) + svg.group(head.drawn, x=20, y=y)
    return Piece(
        wide, 6, y + head.down + 8, svg.group(svg.hover("auxiliary head: trains, gone after") + drawn)
    )
