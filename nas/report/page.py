"""The report as one HTML file: no script, nothing from elsewhere, every figure with its data."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nas.drawing.style import STYLE as DRAWING
from nas.report.blocks import Block, Figure, Picture, Section, cell_text
from nas.report.material import Material
from nas.report.words import listed, tied
from nas.versions import ours

STYLE = Path(__file__).parent / "templates" / "report.css"


@dataclass(frozen=True)
class Head:
    """The top of a report."""

    title: str
    kicker: str
    subtitle: str

    @classmethod
    def of(cls, found: Sequence[Material]) -> "Head":
        """Of these studies: what they are called, what they search, what that asks."""
        spaces = list(dict.fromkeys(each.row.spec.space_name for each in found))
        about = str(found[0].row.spec.space["space"].get("about", "")).strip()
        kicker = f"Report · {listed(spaces)} on {found[0].row.spec.data}"
        return cls(listed([each.name for each in found]), kicker, about if len(spaces) == 1 else "")


def page(head: Head, sections: Sequence[Section], made_s: float) -> str:
    """The sections as a document."""
    return (
        _environment()
        .get_template("report.html")
        .render(
            head=head,
            sections=sections,
            numbers=_numbers(sections),
            made=datetime.fromtimestamp(made_s, UTC),
            version=ours(),
            style=Markup(_on_screens(DRAWING) + STYLE.read_text(encoding="utf-8")),
        )
    )


def _on_screens(style: str) -> str:
    """With dark colours on screens alone: paper is white."""
    return style.replace("@media (prefers-color-scheme", "@media screen and (prefers-color-scheme")


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("nas.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(cell=cell_text, svg=Markup, tied=tied)
    return made


def _numbers(sections: Sequence[Section]) -> dict[str, int]:
    """The number of each figure, in order."""
    return {figure.id: place for place, figure in enumerate(figures(sections), 1)}


def figures(sections: Sequence[Section]) -> list[Figure | Picture]:
    """All figures, in order."""
    blocks: list[Block] = [block for each in sections for block in _all(each)]
    return [block for block in blocks if isinstance(block, Figure | Picture)]


def _all(section: Section) -> list[Block]:
    return [*section.blocks, *(block for each in section.sections for block in _all(each))]
