"""Panels below the row: the blocks of an unfolded stage, the layers of an unfolded block."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from nas.arch.primitive import Primitive
from nas.drawing import svg
from nas.drawing.blocks import Block
from nas.drawing.layers import Run, shape_of, told
from nas.drawing.outline import Group
from nas.drawing.pieces import Piece, piece_of
from nas.drawing.text import shortened, si, width

EDGE = 14.0
HEAD = 34.0
"""Room for a panel's title."""
ARROW = 20.0
LINE = 15.0
CARD_LINES = 4

Opened = Callable[[str], bool]
"""Whether a path is unfolded."""


@dataclass(frozen=True)
class Panel:
    """A panel as a picture."""

    width: float
    height: float
    drawn: str


@dataclass(frozen=True)
class Card:
    """Blocks of a stage that look and cost the same, one after the other."""

    first: int
    """Number of the first in its stage, from 1."""
    count: int
    block: Block

    def label(self, path: str) -> str:
        """`3.2` or `3.2–3.5`."""
        last = f"–{path}.{self.first + self.count - 1}" if self.count > 1 else ""
        return f"{path}.{self.first}{last}"

    def paths(self, path: str) -> list[str]:
        """What each of them is called."""
        return [f"{path}.{self.first + i}" for i in range(self.count)]


def cards(group: Group) -> list[Card]:
    """The cards of a stage."""
    found, number = [], 1
    for _, same in groupby(group.blocks, key=lambda block: block.likeness):
        alike = list(same)
        found.append(Card(number, len(alike), alike[0]))
        number += len(alike)
    return found


def stage_panel(group: Group, opened: Opened, *, wide: float, embedded: bool) -> Panel:
    """The blocks of a stage as cards, in lines of at most `wide` pixels."""
    drawn, x, y, right = "", EDGE, HEAD, 0.0
    high = LINE * CARD_LINES + 14
    all_cards = cards(group)
    for index, card in enumerate(all_cards):
        inside, across = _card(card, group.path, high)
        if x + across + ARROW > wide and x > EDGE:
            x, y = EDGE, y + high + 18
        path = next((p for p in card.paths(group.path) if opened(p)), f"{group.path}.{card.first}")
        if card.block.opens:
            if embedded:
                inside += svg.opener(across - 12, 12, opened=opened(path))
            inside = svg.fold(inside, path, _said(card, group.path), opened=opened(path), embedded=embedded)
        drawn += svg.group(inside, x=x, y=y)
        right = max(right, x + across)
        if index < len(all_cards) - 1:
            right = max(right, x + across + ARROW)
            middle = y + high / 2
            drawn += svg.wire([(x + across, middle), (x + across + ARROW, middle)])
            drawn += svg.tip(x + across + ARROW, middle)
        x += across + ARROW
    shapes = f"{shape_of(group.blocks[0].input)} → {shape_of(group.output)}"
    title = _title(group.name, f"{shapes} · {si(group.params)} params · {si(group.macs)} macs")
    return Panel(max(right, title[1]) + EDGE, y + high + EDGE, title[0] + drawn)


def block_panel(card: Card, path: str) -> Panel:
    """The layers of a block."""
    piece = _picture(card.block)
    shapes = f"{shape_of(card.block.input)} → {shape_of(card.block.output)}"
    title = _title(f"{card.label(path)}  {card.block.name}", f"{shapes} · {_costs(card.block)}")
    x, y = EDGE + 26, HEAD + max(piece.up, 20) + 2
    wires = svg.wire([(EDGE, y), (x, y)]) + (svg.tip(x, y) if piece.follows else "")
    wires += svg.wire([(x + piece.width, y), (x + piece.width + 20, y)]) + svg.tip(x + piece.width + 24, y)
    drawn = title[0] + wires + _strangers(piece, x, y) + svg.group(piece.drawn, x=x, y=y)
    return Panel(max(x + piece.width + 24, title[1]) + EDGE, y + max(piece.down, 20) + EDGE, drawn)


def _strangers(piece: Piece, x: float, y: float) -> str:
    """Values that were named outside of the block: a short rail with the name."""
    return "".join(
        svg.wire([(x + at, y + row + 14), (x + at, y + row)], "nas-rail")
        + svg.text(x + at + 3, y + row + 14, name, "nas-note")
        for name, at, row in piece.wants
    )


def _picture(block: Block) -> Piece:
    return piece_of(block.nodes[0])


def _title(name: str, note: str) -> tuple[str, float]:
    """A panel's title, and where it ends."""
    name_wide = width(name, bold=True)
    drawn = svg.text(EDGE, 21, name, "nas-name") + svg.text(EDGE + name_wide + 12, 21, note, "nas-note")
    return drawn, EDGE + name_wide + 12 + width(note, 11)


def _said(card: Card, path: str) -> str:
    return f"{card.label(path)} {card.block.name}"


def _card(card: Card, path: str, high: float) -> tuple[str, float]:
    """One card from (0, 0), and how wide it is."""
    block = card.block
    times = f" ×{card.count}" if card.count > 1 else ""
    name = f"{shortened(block.name, 28)}{times}"
    lines = [f"{card.label(path)}{_beside(block)}", shape_of(block.output)]
    lines.append(_costs(block))
    wide = max(width(name, bold=True), *(width(line, 11) for line in lines)) + 34
    frame = f"nas-box nas-{'other' if block.kind == 'aux' else block.kind}"
    drawn = svg.hover(_details(card, path)) + svg.rect(0, 0, wide, high, frame, radius=5)
    drawn += svg.text(13, 20, name, "nas-name")
    for index, line in enumerate(lines):
        drawn += svg.text(13, 20 + LINE * (index + 1), line, "nas-note")
    if block.opens:
        drawn += svg.rect(0, 0, wide, high, "nas-hit", radius=5)
    return drawn, wide


def _beside(block: Block) -> str:
    """What accompanies the main layer of a block that is but a run of layers."""
    layers = tuple(node for node in block.nodes if isinstance(node, Primitive))
    if block.opens or len(layers) < 2:
        return ""
    run = Run(layers, next((layer for layer in layers if layer.local().counts), None))
    return " · " + " · ".join(part for part in (run.before, run.after) if part) if run.main else ""


def _costs(block: Block) -> str:
    if block.kind == "aux":
        return f"{si(block.params)} params, only to train"
    said = [f"{si(block.params)} params"] if block.params else []
    said += [f"{si(block.macs)} macs"] if block.macs else []
    return " · ".join(said) or "no weights"


def _details(card: Card, path: str) -> str:
    block = card.block
    lines = [f"{_said(card, path)}: {shape_of(block.input)} to {shape_of(block.output)}"]
    if block.opens:
        lines.append(f"{block.params:,} params, {block.macs:,} macs each")
    else:
        lines += [told(node) for node in block.nodes if isinstance(node, Primitive)]
    return "\n".join(lines)
