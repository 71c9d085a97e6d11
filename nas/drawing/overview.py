"""The row at the top of a drawing: every stage to scale, and what it holds and costs in a table below."""

from collections.abc import Sequence as Row
from dataclasses import dataclass

from nas.arch.shape import Shape
from nas.cost.cost import Cost
from nas.drawing import svg
from nas.drawing.blocks import Block
from nas.drawing.layers import KINDS, shape_of
from nas.drawing.outline import Group, counted
from nas.drawing.text import share, shortened, si, width

HIGH = 190.0
"""Pixels for the largest map."""
LOW, THIN = 5.0, 3.0
"""Least height and thickness of a plate."""
THICK, EACH = 96.0, 4.0
"""Most pixels for the most channels, and for one channel."""
WIDE = 620.0
"""All plates together stay below, as far as `THIN` allows."""
BAR, BAR_HIGH, BAR_LOW = 9.0, 130.0, 8.0
"""A vector: its thickness, its height for the longest of the network, its least height."""
MOST = 40
"""Plates of a stage; in a deeper one every n-th block stands for those around it."""
LEFT = 58.0
"""Room for the names of the table's lines."""
TOP = 12.0
APART = 18.0
SAID = 3
"""Lines that tell what a stage is made of."""
LINE = 16.0
COST_LINE = 20.0
TRACK = 46.0
SCALE = "to scale: height is the map's size, thickness its channels; rounded bars are vectors"


@dataclass(frozen=True)
class Scale:
    """Pixels for a map's sizes and channels, and for a vector's numbers."""

    size: float
    channel: float
    unit: float

    def extent(self, shape: Shape) -> tuple[float, float]:
        """Thickness and height of a plate or bar."""
        if not shape.size:
            return BAR, max(BAR_LOW, shape.channels * self.unit)
        return max(THIN, shape.channels * self.channel), max(LOW, shape.size * self.size)


@dataclass(frozen=True)
class Overview:
    """The row as a picture."""

    width: float
    height: float
    drawn: str


@dataclass(frozen=True)
class _Sheet:
    """What all columns share: the scale, the whole network's costs, and the heights of the table's lines."""

    scale: Scale
    cost: Cost
    said: int
    """Lines that tell what stages are made of."""

    axis: float = TOP + HIGH / 2
    names: float = TOP + HIGH + 24

    @property
    def output(self) -> float:
        """The line of the shapes."""
        return self.names + LINE * (self.said + 1)

    @property
    def bottom(self) -> float:
        """Below the last line."""
        return self.output + 2 * COST_LINE + 14


def overview(
    given: Shape, cost: Cost, groups: Row[Group], opened: frozenset[str], *, embedded: bool
) -> Overview:
    """The row of a network's groups, behind its input; those in `opened` are marked so."""
    told = [_said(group) for group in groups]
    sheet = _Sheet(_scale(given, groups), cost, max(map(len, told), default=0))
    drawn, wide = _input(given, sheet)
    parts, x = [svg.group(drawn, x=LEFT)], LEFT + wide + APART
    start = LEFT + wide / 2
    for group, lines in zip(groups, told, strict=True):
        drawn, wide = _column(group, lines, sheet)
        opening = group.path in opened
        hit = svg.rect(1 - APART / 2, 0, wide + APART - 2, sheet.bottom, "nas-hit", radius=6)
        if embedded:
            drawn += svg.opener(wide + APART / 2 - 10, 10, opened=opening)
        title = svg.hover(_hover(group))
        said = f"{group.name}: {group.about}"
        whole = svg.fold(title + hit + drawn, group.path, said, opened=opening, embedded=embedded)
        parts.append(svg.group(whole, x=x))
        x += wide + APART
    end = x - APART / 2
    line = svg.wire([(start, sheet.axis), (end, sheet.axis)]) + svg.tip(end + 4, sheet.axis)
    legend, legend_wide = _legend(groups, sheet.bottom + 20)
    return Overview(max(x, legend_wide), sheet.bottom + 52, line + _heads(sheet) + "".join(parts) + legend)


def _scale(given: Shape, groups: Row[Group]) -> Scale:
    shapes = [given, *(block.output for group in groups for block in group.weighty)]
    maps = [shape for shape in shapes if shape.size]
    flat = [shape.channels for shape in shapes if not shape.size]
    channels = [shape.channels for shape in maps] or [1]
    return Scale(
        HIGH / max((shape.size for shape in maps), default=1),
        min(EACH, THICK / max(channels), WIDE / sum(channels)),
        BAR_HIGH / max(flat, default=1),
    )


def _said(group: Group) -> list[str]:
    """What a stage is made of, in a few lines."""
    names = counted(block.name for block in group.weighty)
    lines = [f"{shortened(name, 22)} ×{count}" if count > 1 else shortened(name, 22) for name, count in names]
    if len(lines) <= SAID:
        return lines
    return [*lines[: SAID - 1], f"and {sum(count for _, count in names[SAID - 1 :])} more"]


def _hover(group: Group) -> str:
    return (
        f"{group.name}: {group.about}\n{shape_of(group.input)} to {shape_of(group.output)}\n"
        f"{group.params:,} params, {group.macs:,} macs\n{group.layers} convolutions and linear layers"
    )


def _input(given: Shape, sheet: _Sheet) -> tuple[str, float]:
    """The column of the input from x = 0, and how wide it is."""
    shape = shape_of(given)
    wide = max(width(shape, 11), width("input", bold=True))
    thick, high = sheet.scale.extent(given)
    plate = svg.rect((wide - thick) / 2, sheet.axis - high / 2, thick, high, "nas-plate nas-image", radius=1)
    said = svg.text(wide / 2, sheet.names, "input", "nas-name nas-middle")
    said += svg.text(wide / 2, sheet.output, shape, "nas-note nas-middle")
    return svg.hover(f"input: {shape}") + plate + said, wide


def _column(group: Group, lines: Row[str], sheet: _Sheet) -> tuple[str, float]:
    """The column of a stage from x = 0, and how wide it is."""
    plates, plates_wide = _plates(group, sheet)
    shape = shape_of(group.output)
    costs = [
        (si(group.params), group.params, sheet.cost.params),
        (si(group.macs), group.macs, sheet.cost.macs),
    ]
    notes = [width(said, 11) for said in (*lines, shape, *(cell[0] for cell in costs))]
    wide = max(plates_wide, width(group.name, bold=True), TRACK, *notes)
    middle = wide / 2
    drawn = svg.group(plates, x=(wide - plates_wide) / 2)
    drawn += svg.text(middle, sheet.names, group.name, "nas-name nas-middle")
    for index, said in enumerate(lines, 1):
        drawn += svg.text(middle, sheet.names + LINE * index, said, "nas-note nas-middle")
    drawn += svg.text(middle, sheet.output, shape, "nas-note nas-middle")
    for index, (name, cell) in enumerate(zip(("params", "macs"), costs, strict=True), 1):
        drawn += _cost(name, cell, middle, sheet.output + COST_LINE * index)
    return drawn, wide


def _cost(name: str, cell: tuple[str, int, int], middle: float, y: float) -> str:
    """A number with the bar of its share."""
    said, part, whole = cell
    left = middle - TRACK / 2
    bar = svg.rect(left, y + 4, TRACK, 3, "nas-track", radius=1.5)
    if part:
        bar += svg.rect(left, y + 4, max(1.5, TRACK * part / whole), 3, f"nas-share-{name}", radius=1.5)
    hover = svg.hover(f"{part:,} {name}, {share(part, whole)} of all")
    return svg.group(hover + svg.text(middle, y, said, "nas-note nas-middle") + bar)


def _plates(group: Group, sheet: _Sheet) -> tuple[str, float]:
    """The plates of a stage from x = 0, and how wide they are together."""
    blocks = group.shown
    step = -(-len(blocks) // MOST)
    drawn = [svg.hover(f"a plate stands for {step} blocks")] if step > 1 else []
    x = 0.0
    for block in blocks[::step]:
        if block.kind == "aux":
            drawn.append(_aside(block, x - 4, sheet.axis))
            continue
        thick, high = sheet.scale.extent(block.output)
        flat = not block.output.size
        x += 6 if flat else 0
        classes, top = f"nas-plate nas-{block.kind}", sheet.axis - high / 2
        plate = svg.rect(x, top, thick, high, classes, radius=4.5 if flat else 1)
        drawn.append(svg.group(svg.hover(_plate_said(block)) + plate))
        x += thick + (6 if flat else 1.5)
    return "".join(drawn), max(0.0, x - 1.5)


def _aside(block: Block, x: float, axis: float) -> str:
    """An auxiliary head: a small frame that hangs on the wire."""
    stem = f'<path class="nas-aux" d="M{svg.number(x)} {svg.number(axis)}v40"/>'
    frame = svg.rect(x - 5, axis + 40, 10, 10, "nas-aux", radius=2)
    return svg.group(svg.hover(f"{_plate_said(block)}\ntrains with the network, gone after") + stem + frame)


def _plate_said(block: Block) -> str:
    return f"{block.name}: {shape_of(block.output)}\n{block.params:,} params, {block.macs:,} macs"


def _heads(sheet: _Sheet) -> str:
    """The names of the table's lines."""
    lines = ((0, "output"), (COST_LINE, "params"), (2 * COST_LINE, "macs"))
    return "".join(svg.text(4, sheet.output + below, said, "nas-note") for below, said in lines)


def plates_only(given: Shape, cost: Cost, groups: Row[Group]) -> Overview:
    """The plates of the row, close together and without words."""
    sheet = _Sheet(_scale(given, groups), cost, 0)
    thick, high = sheet.scale.extent(given)
    drawn, x = [svg.rect(0, TOP + (HIGH - high) / 2, thick, high, "nas-plate nas-image", radius=1)], thick + 8
    for group in groups:
        plates, wide = _plates(group, sheet)
        drawn.append(svg.group(svg.hover(_hover(group)) + plates, x=x))
        x += wide + 8
    line = svg.wire([(thick, sheet.axis), (x, sheet.axis)])
    return Overview(x, HIGH + 2 * TOP, line + "".join(drawn))


def _legend(groups: Row[Group], y: float) -> tuple[str, float]:
    """What the colours mean, as far as they occur, and the scale; with its right end."""
    kinds = {block.kind for group in groups for block in group.shown}
    x, drawn = 4.0, ""
    for kind, said in KINDS.items():
        if kind in kinds:
            drawn += svg.rect(x, y - 9, 10, 10, f"nas-plate nas-{kind}", radius=2)
            drawn += svg.text(x + 15, y, said, "nas-note")
            x += 15 + width(said, 11) + 14
    return drawn + svg.text(4, y + 17, SCALE, "nas-note"), max(x, 4 + width(SCALE, 11))
