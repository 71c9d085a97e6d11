"""`nas doctor`: is everything in place?"""

import typer

from nas.cli.asked import Artifacts
from nas.cli.options import Address, Json, StoreUrl
from nas.errors import Exit


def doctor(
    store: StoreUrl = None, address: Address = None, artifacts: Artifacts = None, json: Json = False
) -> None:
    """Check packages, spaces, data, store, artifacts, disk, and the nodes of a Ray cluster."""
    from nas.cli.render import print_json, table
    from nas.service.doctor import examine

    checks = examine(store, address, artifacts)
    if json:
        print_json(checks)
    else:
        table(("", "what", "found"), [("ok" if c.ok else "BAD", c.what, c.found) for c in checks])
        for check in checks:
            if check.advice:
                print(f"{check.what}: {check.advice}")
    if not all(check.ok for check in checks):
        raise typer.Exit(Exit.FAILED)
