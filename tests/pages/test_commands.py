"""Commands in the documents: each is run, or read by the real command line where running it takes long.

Run: prices, spaces and `nas doctor` (tests/test_readme.py), `nas scale` (below), everything in the tutorial
(`make tutorial`, and shortened in test_tutorial.py), and the lines of docs/cluster.md (tests/test_docs.py).
The others begin long searches, serve, or act on studies and hosts that are not here: of them every word is
read by the parser that reads it when it is typed.
"""

from typing import Any

import pytest
import typer.main

from nas.cli.app import app
from nas.cli.mistyped import UsageError
from tests.conftest import Nas
from tests.pages.commands import commands

COMMANDS = commands()
STUDIES = ("STUDY", "grid", "first")
"""Names of studies in the documents."""
SCALED = [words for _, words in COMMANDS if words[0] == "scale" and words[1] not in STUDIES]


def read(words: list[str]) -> None:
    """Parse a command down to its last option, and do nothing.

    Raises:
        UsageError: it would be refused.
    """
    command: Any = typer.main.get_command(app)
    context: Any = None
    name = "nas"
    while hasattr(command, "commands"):
        with command.make_context(
            name, list(words), parent=context, allow_interspersed_args=False
        ) as context:
            name, command, words = command.resolve_command(context, words)
    command.make_context(name, list(words), parent=context)


@pytest.mark.parametrize(("document", "words"), COMMANDS, ids=[" ".join(words) for _, words in COMMANDS])
def test_the_command_line_takes_it(document: str, words: list[str]) -> None:
    shown = ["1" if word == "N" else word for word in words]
    if "--help" in shown or "-h" in shown or "--version" in shown:
        return
    try:
        read(shown)
    except UsageError as error:
        pytest.fail(f"{document}: nas {' '.join(words)}: {error}")


def test_there_are_commands_to_read() -> None:
    assert len(COMMANDS) > 60


@pytest.mark.parametrize(
    "words", [["scale", "x", "--fi", "1"], ["train", "x"], ["cost", "vgg", "y"], ["nix"]]
)
def test_what_the_command_line_refuses_is_found(words: list[str]) -> None:
    with pytest.raises(UsageError):
        read(words)


@pytest.mark.parametrize("words", SCALED, ids=" ".join)
def test_families_are_scaled(words: list[str], nas_here: Nas) -> None:
    done = nas_here(*words)
    assert done.returncode == 0, done.stderr
    assert done.stdout
