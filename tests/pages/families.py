"""The page of all families, made from search_spaces/: `python -m tests.pages.families docs/families.md`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nas.service.plain import whole
from nas.service.published import confirmed
from nas.service.spaces import SpaceView, show
from nas.service.views.wording import cardinality
from nas.space.load import load_space, shipped_folder, shipped_names
from nas.space.space import Space

HEAD = """\
# How each family's rule is expressed

A family is its *rules*, one YAML each. This page is made from the files in `search_spaces/` by `make pages`:
what each file says of its rules, what is searched, what follows from it, and the published members with the
prices that come out here. How to write one is told in [Writing a space](spaces.md).

![Accuracy, multiply-adds and parameters of the published members](images/zoo.svg)

The chart shows the published networks below that were trained on ImageNet; its numbers are
[a table](images/zoo.csv). Accuracies are those of their authors, or of the library that published the
weights: recipes got better over the years too, so a newer network of equal cost does not owe all of its lead
to its shape.
"""


def page() -> str:
    """The whole page as Markdown."""
    text = "\n".join([HEAD, *("\n".join(_family(name)) for name in shipped_names())])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _family(name: str) -> Iterator[str]:
    view, space = show(name, settings={}), load_space(name)
    yield f"\n## {name}\n"
    yield f"*{view.about}* {'; '.join(_sources(space.raw.get('source')))}\n"
    yield from _told((shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    yield from _rules(view, cardinality(space))
    yield from _members(space)


def _sources(source: Any) -> Iterator[str]:
    for entry in source if isinstance(source, list) else [source] if source else []:
        text = f"{entry['title']}, {entry.get('authors', '')} {entry.get('year', '')}".rstrip(" ,")
        link = f"https://arxiv.org/abs/{entry['arxiv']}" if entry.get("arxiv") else entry.get("url")
        yield f"[{text}]({link})" if link else text


def _told(text: str) -> Iterator[str]:
    """The comment at the top of a space as Markdown: paragraphs, numbered rules, pictures of characters."""
    lines = [line[1:] for line in text.split("\nspace:")[0].splitlines() if line.startswith("#")]
    block: list[str] = []
    kind = "text"
    for line in [*lines, ""]:
        now = _kind(line, kind)
        if block and (now != kind or re.match(r" +\d\. ", line) or not line.strip()):
            yield _block(block, kind) + ("\n" if kind != now else "")
            block = []
        kind = now
        if line.strip():
            block.append(line)


def _kind(line: str, before: str) -> str:
    if re.match(r" +\d\. ", line):
        return "item"
    if line.startswith("      ") and before == "item":
        return "item"
    return "picture" if line.startswith("     ") else "text"


def _block(lines: list[str], kind: str) -> str:
    if kind == "picture":
        return "\n```text\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n"
    return _escaped(" ".join(line.strip() for line in lines)) + ("" if kind == "item" else "\n")


def _escaped(text: str) -> str:
    """Stars and angles outside of code as they are."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([*<])", r"\\\1", p) for p in parts)


def _rules(view: SpaceView, points: str) -> Iterator[str]:
    yield f"\n| name | what | {points} |\n| --- | --- | --- |"
    for row in view.parameters:
        when = f", when `{_cell(row.when)}`" if row.when else ""
        yield f"| `{row.name}` | searched | {_cell(row.domain)}{when} |"
    for rule in view.derived:
        yield f"| `{rule.name}` | follows | `{_cell(rule.rule)}` |"
    for constraint in view.constraints:
        yield f"| | must hold | `{_cell(constraint)}` |"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|")


def _members(space: Space) -> Iterator[str]:
    """The published members with their exact prices."""
    if not space.references:
        return
    yield "\n| published | input | params | macs | top-1 | comes out exactly |\n|" + " --- |" * 6
    for name, reference in space.references.items():
        made, published = space.reference(name), reference.published
        size = f"{made.input.size}x{made.input.size}"
        top1 = f"{published['top1']:g} %" if "top1" in published else "–"
        same = ", ".join(confirmed(published, made)) or "–"
        costs = f"{whole(made.cost.params)} | {whole(made.cost.macs)}"
        yield f"| `{name}` | {size} | {costs} | {top1} | {same} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
