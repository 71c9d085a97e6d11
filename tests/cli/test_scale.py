"""`nas scale` in text, JSON and CSV; the paper's grid search."""

import csv
import io
import json

from tests.conftest import Nas

PAPER = ("scale", "efficientnet-scaling", "--reference", "paper")


def test_a_family_in_three_formats(nas_here: Nas) -> None:
    text = nas_here(*PAPER, "--phi", "0..2")
    assert text.returncode == 0, text.stderr
    assert "scaled by phi from reference paper  alpha=1.2 beta=1.1 gamma=1.15" in text.stdout
    found = json.loads(nas_here(*PAPER, "--phi", "0..1", "--phi", "2", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(nas_here(*PAPER, "--phi", "0..2", "--csv").stdout)))
    assert [row["cost"]["macs"] for row in found["members"]] == [int(row["macs"]) for row in rows]
    assert rows[0]["macs"] == "385814752"
    assert f"{int(rows[2]['macs']):,}" in text.stdout


def test_published_beside_computed(nas_here: Nas) -> None:
    told = nas_here(*PAPER, "--phi", "0", "--published")
    assert told.returncode == 0, told.stderr
    for exact in ("66,347,960", "37,745,884,192", "params, macs as published"):
        assert exact in told.stdout
    rows = list(csv.DictReader(io.StringIO(nas_here(*PAPER, "--phi", "0", "--published", "--csv").stdout)))
    (last,) = [row for row in rows if row["network"] == "efficientnet_b7"]
    assert last["params"] == last["published.params"] == "66347960"


def test_a_cost_is_solved(nas_here: Nas) -> None:
    told = nas_here(*PAPER, "--to", "macs=4G")
    assert "phi = 3.44 has 4,007,806,696 macs, 0.20% above 4,000,000,000" in told.stdout


def test_a_space_that_does_not_scale(nas_here: Nas) -> None:
    done = nas_here("scale", "linear")
    assert done.returncode == 2
    assert "space linear has no constant phi" in done.stderr


def test_what_is_no_family(nas_here: Nas) -> None:
    for words, said in (
        (("--to", "macs=4G", "--to", "params=20M"), "one number solves one cost"),
        (("--phi", "-50"), "--phi -50: no member of the family can be"),
        (("--phi", "1000"), "resolution has no value: 1.1e+63 is not a number"),
        (("--to", "macs=1k"), "has 565,520 macs at phi = -16 and 4.1e17 at phi = 32: ask for some"),
    ):
        done = nas_here(*PAPER, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_the_grid_search_of_the_paper(nas_here: Nas) -> None:
    """Every alpha and beta of the small grid for which a gamma gives alpha beta² gamma² = 2."""
    done = nas_here(
        "search", "efficientnet-scaling", "--profile", "grid", "--sampler", "grid", "--trials", "60",
        "--study", "g", "--evaluator", "cost", "--objective", "macs", "--engine", "inline", "--no-compare",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "exhausted: all 25 points of the space that obey its rules have been tried" in done.stdout
    assert "Next: nas scale g --by phi --to macs=" in nas_here("scale", "g").stdout
    assert nas_here("scale", "g", "--trial", "0").returncode == 2
    best = json.loads(nas_here("scale", "g", "--json").stdout)
    assert best["study"] == "g"
    assert best["fixed"]["alpha"] * best["fixed"]["beta"] ** 2 * best["fixed"]["gamma"] ** 2 <= 2 + 1e-9
    assert [row["phi"] for row in best["members"]] == list(range(8))
