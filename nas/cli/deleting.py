"""`nas delete`."""

import sys
from typing import Annotated

import typer

from nas.cli.options import Json, StoreUrl, Study


def delete(
    study: Study,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    keep_artifacts: Annotated[
        bool, typer.Option("--keep-artifacts", help="Leave checkpoints where they are.")
    ] = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """Delete a study: its trials, curves and checkpoints, for good."""
    from nas.cli.render import print_json
    from nas.errors import NasError
    from nas.service.deleting import delete as remove
    from nas.service.plain import counted
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        row = opened.study(study)
        trials = counted(sum(row.counts.values()), "trial")
        if not yes:
            if not sys.stdin.isatty():
                raise NasError(f"this deletes {study} with {trials} for good: type nas delete {study} --yes")
            typer.confirm(f"Delete {study} with {trials} and {row.artifacts} for good?", abort=True)
        found = remove(opened, study, keep_artifacts=keep_artifacts)
    if json:
        print_json(found)
    else:
        kept = (
            f"; its artifacts stay at {found.artifacts}, which no other study uses"
            if not found.removed and found.artifacts
            else ""
        )
        print(f"{study} is deleted with {counted(found.trials, 'trial')}{kept}")
