"""What the documents promise is there: commands, options, examples, links."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Nas
from workers.data import DATASETS
from workers.proxies import PROXIES
from workers.recipe import Recipe

PAGES = tuple(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *PAGES)
LIGHT = ("cost", "space", "doctor")


def _blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def _commands() -> Iterator[list[str]]:
    """Every `nas …` in a console block, and in running text between backticks."""
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        for block in _blocks(document, "console"):
            yield from (
                shlex.split(line, comments=True)[1:] for line in block.splitlines() if line.startswith("nas ")
            )
        yield from (shlex.split(inline) for inline in re.findall(r"`nas ([^`]+)`", text))


COMMANDS = [list(words) for words in sorted({tuple(words) for words in _commands()})]


def _verbs(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every command of the command line with its options, from the parser itself."""
    children = getattr(command, "commands", None)
    if children is None:
        options = {option for parameter in getattr(command, "params", ()) for option in parameter.opts}
        yield path, options | {"--help"}
        return
    for name, child in children.items():
        if not child.hidden:
            yield from _verbs(child, (*path, name))


@pytest.fixture(scope="module")
def verbs() -> dict[tuple[str, ...], set[str]]:
    import typer.main

    from nas.cli.app import app

    return dict(_verbs(typer.main.get_command(app)))


def _verb_of(words: list[str], verbs: dict[tuple[str, ...], set[str]]) -> tuple[str, ...] | None:
    return next((verb for verb in verbs if tuple(words[: len(verb)]) == verb), None)


def test_documents_name_commands() -> None:
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_named_command_exists(words: list[str], verbs: dict[tuple[str, ...], set[str]]) -> None:
    verb = _verb_of(words, verbs)
    assert verb is not None, f"`nas {' '.join(words)}`: no such command; there are {sorted(verbs)}"
    named = {word.split("=")[0] for word in words if word.startswith("--")}
    assert named <= verbs[verb], f"nas {' '.join(verb)} has no {sorted(named - verbs[verb])}"


def test_every_command_is_in_the_readme(verbs: dict[tuple[str, ...], set[str]]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [" ".join(verb) for verb in verbs if f"nas {' '.join(verb)}" not in text]
    assert not missing, f"commands that the README does not name: {missing}"


def test_every_command_takes_help_and_json(verbs: dict[tuple[str, ...], set[str]]) -> None:
    """But for `serve`, which has its twins in JSON under /api."""
    without = [
        " ".join(verb) for verb, options in verbs.items() if "--json" not in options and verb != ("serve",)
    ]
    assert not without, f"commands without --json: {without}"


def test_every_command_has_help(nas_here: Nas, verbs: dict[tuple[str, ...], set[str]]) -> None:
    for verb in verbs:
        done = nas_here(*verb, "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage" in done.stdout


READING = [
    w for w in COMMANDS if w[0] in LIGHT and "--address" not in w and not any(word.isupper() for word in w)
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_command_runs(words: list[str], nas_here: Nas, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(_blocks("README.md", "yaml")[0], encoding="utf-8")
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    done = nas_here(*words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_prices_in_the_readme_are_right(nas_here: Nas) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^nas (cost .*--reference \S+) +# (\d+)\D+(\d+)", text, flags=re.MULTILINE)
    assert len(lines) == 3
    for command, params, macs in lines:
        printed = re.sub(r"[,\s_]", "", nas_here(*shlex.split(command), "--json").stdout)
        assert f'"params":{params}' in printed
        assert f'"macs":{macs}' in printed


EXAMPLES = [
    (document, code)
    for document in DOCUMENTS
    if document != "docs/tutorial.md"  # its steps build on each other: tests/pages/test_tutorial.py
    for code in _blocks(document, "python")
]


@pytest.mark.parametrize(
    ("document", "code"), EXAMPLES, ids=[f"{d}-{i}" for i, (d, _) in enumerate(EXAMPLES)]
)
def test_example_runs(document: str, code: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"an example of {document}:\n{code}\n{done.stderr}"


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md"])
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing, f"{document} links to {missing}"


@pytest.mark.parametrize(
    "target",
    [
        "search",
        "test",
        "test-all",
        "pictures",
        "tutorial",
        "pages",
        "docs",
        "lint",
        "types",
        "format",
        "clean",
    ],
)
def test_make_target_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table under a header line."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition(heading)[2].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_data_set_is_in_the_readme() -> None:
    cells = [name for row in _rows("| data set |") for name in row[0].split(", ")]
    names = {name.strip("`").partition(":")[0] for name in cells}
    assert names == set(DATASETS.names())


def test_every_recipe_value_is_in_the_readme_as_it_is() -> None:
    words = {True: "yes", False: "no", None: "none"}
    expected = [
        [f"`{name}`", words[field.default] if isinstance(field.default, bool | None) else str(field.default)]
        for name, field in Recipe.model_fields.items()
    ]
    assert [row[:2] for row in _rows("| recipe value |")] == expected


def test_every_proxy_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in PROXIES.names() if f"`{name}`" not in text and f"proxy:{name}`" not in text]
