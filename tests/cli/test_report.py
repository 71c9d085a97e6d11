"""`nas report`: one file, never over another one unasked."""

from pathlib import Path

from tests.conftest import Nas

SEARCH = ("--evaluator", "cost", "--objective", "macs", "--engine", "inline", "--no-compare", "--trials", "6")


def test_a_report_from_beginning_to_end(nas_here: Nas, tmp_path: Path) -> None:
    assert nas_here("search", "vgg", *SEARCH, "--study", "s").returncode == 0
    done = nas_here("report", "s")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("report-s.html: ")
    text = (tmp_path / "report-s.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "is the best of" in text

    again = nas_here("report", "s")
    assert (again.returncode, again.stdout) == (2, "")
    assert (
        "report-s.html exists; add --force to overwrite it, or name another file with --out" in again.stderr
    )
    assert nas_here("report", "s", "--force").returncode == 0
    assert nas_here("report", "s", "--out", "other.html").returncode == 0
    assert "it is a folder" in nas_here("report", "s", "--out", str(tmp_path)).stderr
    assert "mkdir -p nowhere" in nas_here("report", "s", "--out", "nowhere/r.html").stderr


def test_what_cannot_be_reported(nas_here: Nas, tmp_path: Path) -> None:
    broken = ("--evaluator", "python:tests.cli.evaluators.broken", "--engine", "inline", "--no-compare")
    assert nas_here("search", "vgg", *SEARCH, "--study", "a").returncode == 0
    nas_here("search", "vgg", *broken, "--study", "b", "--trials", "2")
    done = nas_here("report", "b")
    assert done.returncode == 2
    assert "'b' has no complete trial yet" in done.stderr
    done = nas_here("report", "a", "b")
    assert done.returncode == 2
    assert "different metrics: macs in a, error in b" in done.stderr
    assert nas_here("report", "nobody").returncode == 2
    assert not list(tmp_path.glob("*.html"))
