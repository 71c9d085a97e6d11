"""`nas metrics`: numbers for Prometheus."""

import sys
from contextlib import suppress
from typing import Annotated

import typer

from nas.cli.options import Json, StoreUrl
from nas.cli.stopping import interruptible

Port = Annotated[
    int | None, typer.Option("--port", help="Serve them at /metrics there; without it print them once.")
]
Host = Annotated[str, typer.Option("--host", help="The address to serve at.")]


def metrics(port: Port = None, host: Host = "127.0.0.1", store: StoreUrl = None, json: Json = False) -> None:
    """Trials, drivers, slots, causes: numbers of all studies for Prometheus."""
    from nas.cli.render import print_json
    from nas.service.metrics import exposition, samples, serve
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        if port is not None:
            thread = serve(opened, port, host)
            print(f"serving http://{host}:{port}/metrics; Ctrl-C ends it", file=sys.stderr, flush=True)
            with suppress(KeyboardInterrupt), interruptible():
                thread.join()
        elif json:
            print_json(samples(opened))
        else:
            print(exposition(opened), end="")
