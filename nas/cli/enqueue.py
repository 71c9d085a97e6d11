"""`nas enqueue`: a point of yours is tried before any that the sampler proposes."""

import typer

from nas.cli.options import Json, Settings, StoreUrl, Study
from nas.errors import Exit


def enqueue(study: Study, settings: Settings = None, store: StoreUrl = None, json: Json = False) -> None:
    """Let a study try a point of yours next: nas enqueue STUDY --set depth=2 --set width=16."""
    from nas.cli.render import next_steps, print_json
    from nas.service.actions.enqueue import enqueue as ask
    from nas.service.plain import si
    from nas.service.values import settings as parse
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        found = ask(opened, study, parse(settings or ()))
    if json:
        print_json(found)
    elif found.state == "queued":
        costs = f"{si(found.cost['params'])} params, {si(found.cost['macs'])} macs"
        print(f"{study}: trial {found.number} waits, {costs}; {found.reason}")
        next_steps(f"nas trial {study} {found.number}")
    else:
        print(f"{study}: not queued: {found.state}: {found.reason}")
    if found.state != "queued":
        raise typer.Exit(Exit.MISTAKE)
