"""Degradation: deeper plain networks train worse, deeper residual ones do not.

The experiment of He, Zhang, Ren & Sun (2015), Deep Residual Learning for Image Recognition, arXiv:1512.03385,
figures 1 and 6, on handwritten digits of 8x8 pixels and with 8 maps in the first stage: networks of 6n + 2
layers with and without shortcuts that have no parameters, each trained three times with a seed of its own.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from nas.records import TrialState
from nas.store import open_store
from tests.pictures.chart import Plot, document

STUDY = "degradation"
BLOCKS = (1, 2, 3, 5, 7, 9)
"""Blocks in each of the three stages."""
SEEDS = 3
EPOCHS = 15
SHORTCUTS = {"none": "plain", "identity": "residual"}
"""Values of the space's parameter `shortcut`, and what such a network is called."""
KINDS = {"plain": "k1", "residual": "k0"}
"""And the class of its colour."""
METRICS = ("train_loss", "error")


@dataclass(frozen=True)
class Run:
    """One training."""

    kind: str
    """plain or residual."""
    layers: int
    metrics: dict[str, float]
    """Mean loss over the last epoch's training images; share of validation images that are wrong."""


def points() -> list[dict[str, object]]:
    """The networks as points of the space `resnet`, profile cifar10."""
    order = {"none": {}, "identity": {"order": "post"}}
    return [
        {"depths": [n] * 3, "shortcut": shortcut, **order[shortcut]} for n in BLOCKS for shortcut in SHORTCUTS
    ]


def command(file: Path, epochs: int = EPOCHS) -> list[str]:
    """The search that trains each point of a file three times, and nothing else."""
    settings = ("input.size=8", "width=8", "block=basic", "widen=1")
    return [
        "search", "resnet", "--profile", "cifar10", "--data", "digits", "--study", STUDY,
        *(word for each in settings for word in ("--set", each)),
        "--recipe", f"epochs={epochs}", "--start-from", str(file), "--sampler", "random",
        "--repeat", str(SEEDS), "--trials", str(len(points()) * SEEDS), "--engine", "inline", "--no-compare",
    ]  # fmt: skip


def search(folder: Path) -> str:
    """Train them all; the URL of the store. A folder in which this was begun is gone on with."""
    url = f"sqlite:///{folder / 'nas.db'}"
    file = folder / "points.json"
    file.write_text(json.dumps(points()), encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NAS_STORE": url, "NAS_ARTIFACTS": str(folder)}
    subprocess.run([sys.executable, "-m", "nas.cli", *command(file)], env=environment, check=True)
    return url


def runs(url: str) -> list[Run]:
    """The trainings that a store holds."""
    with open_store(url, create=False) as store:
        row = store.study(STUDY)
        trials = store.trials(row.id, states=[TrialState.COMPLETE])
    return [
        Run(
            SHORTCUTS[trial.point["shortcut"]],
            trial.layers or 0,
            {name: trial.metrics[name] for name in METRICS},
        )
        for trial in trials
    ]


def draw(found: list[Run]) -> str:
    """Training loss and validation error by depth, a dot a seed and a line through the means."""
    layers = sorted({run.layers for run in found})
    x_range = (layers[0] - 2.0, layers[-1] + 2.0)
    loss = Plot(64, 96, 330, 250, x_range, (0.015, 3), log_y=True)
    error = Plot(500, 96, 330, 250, x_range, (0, 100))
    ticks = [(float(n), str(n)) for n in layers]
    loss.axes(
        ticks, [(v, f"{v:g}") for v in (0.02, 0.1, 0.5, 2.3)], "layers", "training loss of the last epoch"
    )
    error.axes(ticks, [(v, f"{v} %") for v in (0, 20, 40, 60, 80, 100)], "layers", "validation error")
    for kind, classes in KINDS.items():
        _curve(loss, found, kind, classes, "train_loss", 1)
        _curve(error, found, kind, classes, "error", 100)
    note = f"handwritten digits, 8x8, {EPOCHS} epochs, {SEEDS} seeds each; guessing: loss 2.3, error 90 %"
    said = "; ".join(
        f"{kind}: {', '.join(f'{n} layers {mean:.1%}' for n, mean in means(found, kind, 'error'))}"
        for kind in KINDS
    )
    title = "Deeper plain networks train worse, deeper residual networks do not"
    return document(880, 400, title, note, f"Mean validation error by depth. {said}", loss, error)


def _curve(plot: Plot, found: list[Run], kind: str, classes: str, metric: str, times: float) -> None:
    line = [(n, mean * times) for n, mean in means(found, kind, metric)]
    with plot.inside(classes):
        plot.line(line)
        for run in found:
            if run.kind == kind:
                said = f"{kind}, {run.layers} layers: {metric} {run.metrics[metric]:.4g}"
                plot.dot(run.layers, run.metrics[metric] * times, 4, said)
        plot.say(*line[-2], kind, -12, -14, "said end")


def means(found: list[Run], kind: str, metric: str) -> list[tuple[int, float]]:
    """(layers, mean over the seeds), by depth."""
    by_depth: dict[int, list[float]] = {}
    for run in found:
        if run.kind == kind:
            by_depth.setdefault(run.layers, []).append(run.metrics[metric])
    return [(n, fmean(values)) for n, values in sorted(by_depth.items())]


def rows(found: list[Run]) -> list[dict[str, object]]:
    """The data of the picture."""
    return [{"kind": run.kind, "layers": run.layers, **run.metrics} for run in found]
