"""What `nas space` and `nas cost` print: it can be read in a narrow window and typed back."""

import contextlib
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import nas
from nas.cli.progress import progress
from nas.cli.render import table
from nas.service.plain import shown, si, whole
from tests.conftest import ROOT, Nas


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2**600, "2^600"),
        (288_230_376_151_711_744, "2^58"),
        (12 * 10**27, "1.2e28"),
        (3**900, "2.5e429"),
        (10**15, "1.0e15"),
        (1024, "1,024"),
    ],
)
def test_numbers_beyond_reading_are_powers(number: int, text: str) -> None:
    assert whole(number) == text
    assert number < 10**15 or si(number) == text


def test_yes_and_no_are_true_and_false_everywhere() -> None:
    assert [shown(value) for value in (True, [True, False], None, [[1, 0.123456], [2]])] == [
        "true",
        "true,false",
        "–",
        "[1,0.1235],[2]",
    ]


def test_what_is_printed_can_be_typed(nas_here: Nas) -> None:
    """The command that a sample proposes prices the sampled network."""
    done = nas_here("space", "sample", "vgg", "--profile", "digits", "-n", "1")
    first = re.search(r"^Next: nas (.*)$", done.stdout, flags=re.MULTILINE)
    assert first is not None
    assert "--profile digits" in first[1]
    priced = nas_here(*shlex.split(first[1]))
    arch_id = done.stdout.splitlines()[1].split()[-1]
    assert f"arch_id {arch_id}" in priced.stdout
    assert "input 3x16x16, 1000 classes" in priced.stdout


def test_a_price_shows_what_follows_and_why_it_is_no_point(nas_here: Nas) -> None:
    text = nas_here("cost", "resnet", "--reference", "resnet1202").stdout
    assert max(map(len, text.splitlines())) < 110
    assert "2^600" in text
    assert "no point of the space: depths=200,200,200, but each is a whole number from 1 to 18" in text
    assert (
        json.loads(nas_here("cost", "resnet", "--reference", "resnet1202", "--json").stdout)["paths"]
        == 2**600
    )
    text = nas_here("cost", "googlenet", "--reference", "googlenet").stdout
    assert "13,004,888" in text
    assert re.search(r"^last_pool +2$", text, flags=re.MULTILINE)


def test_references_side_by_side(nas_here: Nas) -> None:
    two = nas_here("cost", "vgg", "--reference", "vgg11", "--reference", "vgg19").stdout.splitlines()
    assert [line.split()[0] for line in two] == ["reference", "vgg11", "vgg19"]
    assert len(nas_here("cost", "vgg", "--references").stdout.splitlines()) == 9
    assert len(json.loads(nas_here("cost", "vgg", "--references", "--json").stdout)) == 8


@pytest.mark.parametrize("width", [70, 80, 110])
def test_the_layer_table_fits_a_narrow_window(width: int) -> None:
    """On a terminal of its own: one line a layer, then the totals."""
    arguments = ["cost", "resnet", "--reference", "resnet50", "--layers"]
    rows = nas.load_space("resnet").reference("resnet50").layers()
    lines = on_a_terminal(arguments, width).splitlines()
    assert [line.split()[0] for line in lines[1 : len(rows) + 1]] == [row.path for row in rows]
    assert lines[len(rows) + 1].split()[0] == "total"
    assert {"s1.i1.conv1", "s4.i3.sum"} <= {row.path for row in rows}
    assert max(len(line.rstrip()) for line in lines[: len(rows) + 2]) <= width


def on_a_terminal(arguments: list[str], width: int) -> str:
    """What `nas ARGUMENTS` writes on a terminal of that width, without colours."""
    master, slave = pty.openpty()
    program = "import sys; from nas.cli import main; sys.exit(main())"
    environment = {
        **os.environ,
        "COLUMNS": str(width),
        "NO_COLOR": "1",
        "TERM": "xterm",
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=slave, stderr=slave, env=environment
    ) as process:
        os.close(slave)
        parts = []
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(master, 65536):
                parts.append(part)
        os.close(master)
        assert process.wait() == 0
    return re.sub(r"\r|\x1b\[[0-9;]*m", "", b"".join(parts).decode())


def test_a_column_is_spared_only_where_it_must(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table(("name", "extra"), [("x" * 100, "y" * 100)], spare=("extra",))
    assert "extra" in capsys.readouterr().out


def test_a_terminal_without_greek_gets_something(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    run: Nas = request.getfixturevalue("nas")
    done = run("cost", "vgg", "--reference", "vgg16", "--layers")
    assert done.returncode == 0, done.stderr
    assert "?" in done.stdout  # the dash of an empty cell
    assert json.loads(run("space", "show", "vgg", "--json").stdout)["space"] == "vgg"


def test_a_view_has_the_facts(nas_here: Nas) -> None:
    text = nas_here("space", "show", "regnet", "--set", "stages=3").stdout
    for fact in ("arXiv:2003.13678", "w_a=106.23", "stages=3", "training: epochs=100", "input: channels=3"):
        assert fact in text
    assert "==[" not in text
    assert "widths='=[make_divisible(" in text
    assert "nas search regnet --set stages=3" in text
    assert "for images of 32x32" in text


CONTINUUM = """
space: line
about: One number.
parameters: {x: {float: [0.001, 1.0], log: true}}
constraints: ["x < 0.1"]
architecture: [global_avg_pool, {linear: {out: =input.classes}}]
training: {lr: =x}
"""


def test_counts_say_what_is_known(nas_here: Nas, tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(CONTINUUM)
    text = nas_here("space", "profile", "line.yaml", "--samples", "300").stdout
    assert text.startswith(
        "points: a continuum; looked at 300 (random)\nfeasible: 300 of the 300 that were priced; 0."
    )
    assert "of all points, 100.0% of those drawn" in text
    text = nas_here("space", "profile", "senet", "--samples", "50").stdout
    assert re.search(
        r"feasible: at least 27\d,\d{3} of 295,488 \(95 %\): none that was priced is refused", text
    )


def test_progress_is_for_terminals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress("doing:") as tick:
        tick(1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("nas.cli.progress.EVERY_S", -1.0)
    with progress("doing:") as tick:
        tick(1, 2000)
    assert "doing: 1 of 2,000" in capsys.readouterr().err
