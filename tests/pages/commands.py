"""Every `nas …` that stands in a block of a document, with what the documents promise of it."""

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

PAGES = tuple(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "search_spaces/README.md", *PAGES)
LANGUAGES = ("console", "sh", "bash", "text")
"""Blocks that a person types from; output stands in `text` too, and begins no line with `nas `."""


def blocks(document: Path, *languages: str) -> Iterator[str]:
    """The code of a document's blocks in these languages."""
    text = document.read_text(encoding="utf-8")
    for language in languages:
        yield from re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)


def typed(code: str) -> Iterator[list[str]]:
    """The words behind each `nas` that begins a line, up to where the shell does something else."""
    for line in code.replace("\\\n", " ").splitlines():
        if found := re.match(r"^\s*(?:exec )?(?:\S+/)?nas (.+)", line):
            lexer = shlex.shlex(re.sub(r" \d>", " >", found[1]), posix=True, punctuation_chars="|;&<>")
            lexer.whitespace_split = True
            yield list(itertools.takewhile(lambda word: word.strip("|;&<>"), lexer))


def commands() -> list[tuple[str, list[str]]]:
    """(document, words) of every command, each once."""
    found = {
        (document, tuple(words))
        for document in DOCUMENTS
        for code in blocks(ROOT / document, *LANGUAGES)
        for words in typed(code)
    }
    return [(document, list(words)) for document, words in sorted(found)]
