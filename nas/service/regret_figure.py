"""Regret curves as a page that needs no network: medians as lines, 95 % intervals as bands."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas.errors import NasError
from nas.service.regret import regrets

if TYPE_CHECKING:  # plotly, for those who draw
    from plotly.graph_objects import Figure

    from nas.service.bench import Bench, Standing

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Okabe & Ito's, which the colour-blind can tell apart."""

POINTS = 60
"""Numbers of trials at which a curve is drawn."""


def check_target(path: Path | None) -> None:
    """Refuse a file that cannot be written before hours of studies."""
    if path is None:
        return
    if path.suffix != ".html":
        raise NasError(f"--plot {path}: curves are drawn as a page; type --plot {path.with_suffix('.html')}")
    if not path.absolute().parent.is_dir():
        raise NasError(f"--plot {path}: there is no folder {path.absolute().parent}")


def draw(found: "Bench", path: Path) -> None:
    """Write the curves of a comparison as an HTML page."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, standing in enumerate(found.standings):
        _add(
            figure, standing, COLOURS[place % len(COLOURS)], dash="solid" if place < len(COLOURS) else "dash"
        )
    seeds = found.standings[0].seeds
    figure.update_layout(
        title=f"{found.space}: regret in {found.metric}, median and 95 % interval over {seeds} seeds",
        xaxis={"title": "trials", "type": "log"},
        yaxis={"title": f"regret in {found.metric}", "rangemode": "tozero"},
        template="plotly_white",
        font={"family": "system-ui, sans-serif"},
        hovermode="x unified",
    )
    figure.write_html(path, include_plotlyjs=True)


def _add(figure: "Figure", standing: "Standing", colour: str, *, dash: str) -> None:
    """A line, and its band from the end of the interval back to its beginning."""
    trials = standing.table.shape[1]
    counts = sorted({round(n) for n in np.geomspace(1, trials, POINTS)})
    rows = [row for row in regrets(standing.table, counts) if row.median_interval is not None]
    x = [row.trials for row in rows]
    low, high = zip(*(row.median_interval or (0.0, 0.0) for row in rows), strict=True) if rows else ((), ())
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=colour,
        opacity=0.2,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=standing.search,
    )
    figure.add_scatter(
        x=x,
        y=[row.median for row in rows],
        name=standing.search,
        legendgroup=standing.search,
        line={"color": colour, "dash": dash},
    )
