"""A network as one SVG."""

from collections.abc import Collection

from nas.cost.architecture import Architecture
from nas.drawing import svg
from nas.drawing.layers import shape_of
from nas.drawing.outline import Group, outline
from nas.drawing.overview import overview, plates_only
from nas.drawing.panels import Panel, block_panel, cards, stage_panel
from nas.drawing.style import STYLE
from nas.drawing.text import escape, si, width

MARGIN = 16.0
APART = 12.0
PANEL_WIDE = 960.0
"""Width that a panel of cards may have at least before its cards go on in the next line."""
EVERYTHING = "*"


def draw(
    architecture: Architecture,
    *,
    title: str | None = None,
    unfold: Collection[str] = (),
    embedded: bool = False,
) -> str:
    """The network as an SVG document, or as an element for a page (`embedded`).

    `unfold` are paths of stages (`3`) and blocks (`3.1`, seen where their stage is unfolded); `*` is all of
    them, and a path that the network does not have is nothing.
    """
    groups = outline(architecture.root)
    opened = frozenset(unfold)
    given, marked = architecture.input.shape, _open_stages(groups, opened)
    row = overview(given, architecture.cost, groups, marked, embedded=embedded)
    head, head_wide, top = _head(architecture, title)
    panels = _panels(groups, opened, max(row.width, PANEL_WIDE), embedded)
    inner = max(row.width, head_wide, *(panel.width for _, panel in panels), 0.0)
    drawn, y = head + svg.group(row.drawn, x=MARGIN, y=top), top + row.height
    for path, panel in panels:
        frame = svg.rect(0, 0, inner, panel.height, "nas-panel", radius=8)
        placed = svg.group(frame + panel.drawn, x=MARGIN, y=y)
        drawn += f'<g class="nas-details" data-of="{path}">{placed}</g>'
        y += panel.height + APART
    return _document(drawn, inner + 2 * MARGIN, y + MARGIN, _label(architecture, title), embedded)


def silhouette(architecture: Architecture, *, embedded: bool = False) -> str:
    """The network's plates alone, half as large and without words: for lists of networks."""
    row = plates_only(architecture.input.shape, architecture.cost, outline(architecture.root))
    label = _label(architecture, None)
    return _document(row.drawn, row.width, row.height, label, embedded, role="img", zoom=0.5)


def _open_stages(groups: list[Group], opened: frozenset[str]) -> frozenset[str]:
    paths = frozenset(group.path for group in groups)
    return paths if EVERYTHING in opened else paths & opened


def _panels(
    groups: list[Group], opened: frozenset[str], wide: float, embedded: bool
) -> list[tuple[str, Panel]]:
    """The panels of what is unfolded, each with its path."""
    found = []
    everything = EVERYTHING in opened
    for group in groups:
        if not (everything or group.path in opened):
            continue
        panel = stage_panel(group, lambda path: everything or path in opened, wide=wide, embedded=embedded)
        found.append((group.path, panel))
        for card in cards(group):
            if card.block.opens and (everything or opened.intersection(card.paths(group.path))):
                found.append((f"{group.path}.{card.first}", block_panel(card, group.path)))
    return found


def _head(architecture: Architecture, title: str | None) -> tuple[str, float, float]:
    """Title and costs; with how wide they are and where the rest begins."""
    y, drawn, wide = 22.0, "", 0.0
    if title:
        y += 4
        drawn, wide = svg.text(MARGIN + 4, y, title, "nas-title"), width(title, 16, bold=True)
        y += 21
    said = _numbers(architecture)
    return drawn + svg.text(MARGIN + 4, y, said, "nas-note"), max(wide, width(said, 11)) + 8, y + 10


def _numbers(architecture: Architecture) -> str:
    cost, given = architecture.cost, architecture.input
    layers = f"{cost.layers} layer{'s' if cost.layers != 1 else ''}"
    return (
        f"{si(cost.params)} params · {si(cost.macs)} macs · {layers} deep · "
        f"input {shape_of(given.shape)} · {given.classes} classes"
    )


def _label(architecture: Architecture, title: str | None) -> str:
    return f"{title or 'Architecture'}: {_numbers(architecture)}"


def _document(
    drawn: str, wide: float, high: float, label: str, embedded: bool, *, role: str = "", zoom: float = 1.0
) -> str:
    role = role or ("group" if embedded else "img")
    size = f'width="{svg.number(wide * zoom)}" height="{svg.number(high * zoom)}"'
    box = f'viewBox="0 0 {svg.number(wide)} {svg.number(high)}"'
    start = f'<svg class="nas-drawing" {size} {box} role="{role}" aria-label="{escape(label)}"'
    if embedded:
        return f"{start}>{drawn}</svg>"
    paper = svg.rect(0, 0, wide, high, "nas-paper")
    return f'{start} xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{paper}{drawn}</svg>\n'
