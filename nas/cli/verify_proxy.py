"""`nas verify-proxy`."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Json, StoreUrl, Study, together

if TYPE_CHECKING:
    from nas.service.verifying import Score, Verified

EVERY_S = 5.0

Proxy = Annotated[
    list[str] | None,
    typer.Option("--proxy", metavar="NAME", help="naswot, synflow, …; on a table a column, as --screen."),
]
Epochs = Annotated[
    list[str] | None,
    typer.Option("--epochs", metavar="1,2,4", help="Short trainings; default: 1, 2, 4, … of the curves."),
]
Metric = Annotated[str | None, typer.Option("--metric", help="Default: the first objective.")]
Limit = Annotated[int, typer.Option("--limit", help="Networks that a proxy is computed of.")]


def verify_proxy(
    study: Study,
    proxy: Proxy = None,
    epochs: Epochs = None,
    metric: Metric = None,
    limit: Limit = 200,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """Whether a proxy or a short training orders networks as full training does, and better than their size:
    nas verify-proxy STUDY --proxy naswot --epochs 1,2,4.
    """
    from nas.cli.render import print_json
    from nas.service.verifying import epochs_of, verify
    from nas.store import open_store

    listed = together(epochs)
    asked = None if listed is None else epochs_of(listed)
    with open_store(store, create=False) as opened:
        found = verify(
            opened,
            study,
            proxies=proxy or (),
            epochs=asked,
            metric=metric,
            limit=limit,
            on_scored=None if json else Progress().hear,
        )
    if json:
        print_json(found)
    else:
        _show(found)


class Progress:
    """A line every few seconds, while proxies are computed."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def hear(self, proxy: str, done: int, total: int) -> None:
        """Take note of another network."""
        if time.monotonic() - self._told > EVERY_S:
            self._told = time.monotonic()
            print(f"{proxy}: {done} of {total} networks", file=sys.stderr, flush=True)


def _show(found: "Verified") -> None:
    from nas.cli.render import next_steps, table
    from nas.service.plain import counted

    print(f"{found.study}: what foretells {found.metric} of {found.n:,} complete networks")
    columns = ("score", "networks", "Spearman", "95 %", "Kendall", "of the best", "ahead of size", "seconds")
    table(columns, [_line(score) for score in found.scores], spare=("Kendall", "seconds"))
    print("of the best: how many of the best tenth are among the best tenth by the score")
    print("ahead of size: Spearman's correlation less that of params or macs, whichever is better, with 95 %")
    for score in found.scores:
        if score.why_not:
            print(f"{score.name}: {score.why_not}")
        elif score.failed and score.kind != "epochs":
            print(f"{score.name}: {counted(score.failed, 'network')} without such a score")
    worth = [score for score in found.scores if score.kind == "proxy" and score.worth]
    best = max(worth, key=lambda score: score.ranks.spearman if score.ranks else 0, default=None)
    screened = (
        (f"nas search {found.space} --data {found.data} --screen {best.name}",)
        if best and found.space
        else ()
    )
    next_steps(f"nas compare {found.study}", *screened)


def _line(score: "Score") -> tuple[str | float | int | None, ...]:
    ranks, ahead = score.ranks, score.ahead
    if ranks is None:
        return (score.name, None, None, None, None, None, None, score.seconds)
    beyond = None
    if ahead is not None:
        interval = f"({ahead.ci_low:+.2f} to {ahead.ci_high:+.2f})"
        beyond = f"{ahead.difference:+.2f} {interval} {score.beside}"
    return (
        score.name,
        ranks.n,
        f"{ranks.spearman:.3f}",
        f"{ranks.ci_low:.2f} to {ranks.ci_high:.2f}",
        f"{ranks.kendall:.3f}",
        f"{100 * ranks.top_overlap:.0f} %",
        beyond,
        score.seconds,
    )
