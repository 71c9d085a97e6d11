"""`nas doctor`: is everything in place?"""

import typer

from nas.cli.options import Json, StoreUrl


def doctor(store: StoreUrl = None, json: Json = False) -> None:
    """Check packages, spaces, data sets, store, disk and processors."""
    from nas.cli.render import print_json, table
    from nas.service.doctor import examine

    checks = examine(store)
    if json:
        print_json(checks)
    else:
        table(("", "what", "found"), [("ok" if c.ok else "BAD", c.what, c.found) for c in checks])
        for check in checks:
            if check.advice:
                print(f"{check.what}: {check.advice}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
