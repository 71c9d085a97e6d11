"""`nas studies` and `nas trials`: filtered, sorted, page by page."""

import csv as csvs
import json as texts
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nas.cli.options import Json, StoreUrl, Study, one_format, together
from nas.cli.studies import UNDER_WAY, values
from nas.records import TrialState

if TYPE_CHECKING:
    from nas.store.rows import StudySummary, TrialRow

Limit = Annotated[int | None, typer.Option("--limit", help="At most so many.")]
Offset = Annotated[int, typer.Option("--offset", help="Leave out so many before them.")]
INTERNAL = ("key", "attributes", "draw", "driver_id", "revision")
"""What of a trial means nothing outside of its store."""
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def studies(
    state: Annotated[
        list[str] | None, typer.Option("--state", help="starting, running, stopped, finished, paused, …")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="NAME[:desc]", help="created, name, best, state, finished, …"),
    ] = None,
    limit: Limit = None,
    offset: Offset = 0,
    csv: Csv = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """All studies of the store."""
    from nas.cli.render import next_steps, print_json, table
    from nas.service.listing import list_studies, standing
    from nas.store import open_store

    one_format(json, csv)
    with open_store(store, create=False) as opened:
        rows = list_studies(opened, state=together(state), sort=sort, limit=limit, offset=offset)
        some = bool(rows or opened.study_names())
    if json:
        print_json(rows)
    elif csv:
        _print_csv([_study_cells(row) for row in rows])
    elif rows:
        columns = ("study", "space", "data", "finished", "running", "failed", "best", "metric", "state")
        table(columns, [_study_line(row) for row in rows])
        idle = any(standing(row) not in UNDER_WAY for row in rows)
        next_steps("nas show STUDY", *["nas resume STUDY"] * idle)
    else:
        print("No study is like that." if some else "No studies yet.")
        next_steps("nas studies" if some else "nas search efficientnet-scaling")


def _study_line(row: "StudySummary") -> tuple[Any, ...]:
    finished = f"{_finished(row.counts)}/{row.budget}"
    counts = row.counts[TrialState.RUNNING], row.counts[TrialState.FAILED]
    return (row.name, row.space, row.data, finished, *counts, row.best, row.metric, _state(row))


def _study_cells(row: "StudySummary") -> dict[str, Any]:
    from nas.service.listing import standing
    from nas.service.plain import plain

    found: dict[str, Any] = plain(row)
    counts = found.pop("counts")
    return {**found, **counts, "state": standing(row)}


def _finished(counts: Mapping[TrialState, int]) -> int:
    return sum(counts[state] for state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED))


def _state(row: "StudySummary") -> str:
    from nas.service.listing import standing

    drivers = f", {row.drivers} driver{'s' if row.drivers > 1 else ''}" if row.drivers else ""
    return f"{standing(row)}{drivers}"


def trials(
    study: Study,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="Only in this state; several: with commas.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="CONDITION", help='By cost, metric or parameter: "macs<1e9".'),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="NAME[:desc]", help="By cost, metric, parameter, seconds, …"),
    ] = None,
    by_value: Annotated[bool, typer.Option("--by-value", help="Best first.")] = False,
    limit: Limit = None,
    offset: Offset = 0,
    csv: Csv = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """The trials of a study: nas trials STUDY --where "macs<600M" --sort error."""
    from nas.cli.render import next_steps, print_json, table
    from nas.service.listing import list_trials
    from nas.store import open_store

    one_format(json, csv)
    states = together(state)
    asked: dict[str, Any] = {"state": states, "where": where or (), "sort": sort, "by_value": by_value}
    with open_store(store, create=False) as opened:
        rows = list_trials(opened, study, **asked, limit=limit, offset=offset)
        found = opened.study(study)
        others = not rows and any(found.counts.values())
        waits = opened.is_starting(found.id) or any(driver.live for driver in opened.drivers(found.id))
    if json:
        print_json(rows)
    elif csv:
        _print_csv([_trial_cells(row) for row in rows])
    elif rows:
        columns = ("trial", "state", "value", "params", "macs", "point", "epoch", "seconds", "message")
        table(columns, [_trial_line(row) for row in rows])
    else:
        said = (
            f"No trial of {study} is {states.replace(',', ' or ')}."
            if states and not where
            else f"No trial of {study} is like that."
        )
        print(said if others else "No trials yet.")
        next_steps(f"nas {'trials' if others or waits else 'resume'} {study}")


def _trial_line(row: "TrialRow") -> tuple[Any, ...]:
    from nas.service.plain import settings, si

    said = row.message.strip().splitlines()[-1:] or [""]
    size = si(row.params), si(row.macs), settings(row.point)
    return (row.number, row.state.value, values(row), *size, row.epoch, row.wall_s, said[0][:100])


def _trial_cells(row: "TrialRow") -> dict[str, Any]:
    """What a trial was and told: parameters and metrics as `point.NAME` and `metrics.NAME`, costs once."""
    from nas.service.plain import plain

    found: dict[str, Any] = {name: v for name, v in plain(row).items() if name not in INTERNAL}
    point = {f"point.{name}": v for name, v in found.pop("point").items()}
    told = {f"metrics.{name}": v for name, v in found.pop("metrics").items() if name not in found}
    several = {f"value_{i}": value for i, value in enumerate(found.pop("values"))}
    return {**found, **several, **point, **told}


def _print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with all columns that any of them has."""
    columns = {name: None for row in rows for name in row}
    writer = csvs.DictWriter(sys.stdout, list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: texts.dumps(v) if isinstance(v, list) else v for k, v in row.items()})
