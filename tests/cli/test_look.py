"""`nas look`, on a network that was trained for an epoch."""

import json
from pathlib import Path

from tests.conftest import Nas


def test_looking_into_a_network(nas_here: Nas, tmp_path: Path) -> None:
    search = ("search", "linear", "--study", "t", "--trials", "1", "--recipe", "epochs=1", "--no-compare")
    assert nas_here(*search, "--engine", "inline").returncode == 0

    done = nas_here("look", "t", "1", "--view", "templates", "--view", "filters", "--out", "pictures")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Pictures of trial 1 of t\n")
    assert "Filters" not in done.stdout.split("\n")[2]
    assert "First filters: none, no convolution reads its image" in done.stdout
    assert "The templates of all 10 classes" in done.stdout
    assert "nas serve" in done.stdout
    assert {file.name for file in (tmp_path / "pictures").iterdir()} == {"templates.png", "templates.json"}

    again = nas_here("look", "t", "1", "--view", "templates", "--out", "pictures")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == (
        "nas: --out pictures: it exists; add --force to write into it, or name another folder\n"
    )

    told = json.loads(nas_here("look", "t", "1", "--view", "mistakes", "--json").stdout)
    assert [view["name"] for view in told["views"]] == ["mistakes"]
    assert Path(told["folder"], "mistakes.png").is_file()

    unknown = nas_here("look", "t", "1", "--view", "mistake")
    assert unknown.returncode == 2
    assert "did you mean 'mistakes'" in unknown.stderr
    assert nas_here("look", "t", "2").returncode == 2
    page = json.loads(nas_here("trial", "t", "1", "--json").stdout)
    assert page["trial"]["number"] == 1
