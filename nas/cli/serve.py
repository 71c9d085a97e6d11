"""`nas serve`: the dashboard and its API."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Address, StoreUrl

if TYPE_CHECKING:
    from nas.dashboard.serving import Service

Host = Annotated[str, typer.Option("--host", help="The address to serve at; others need a token.")]
Port = Annotated[int, typer.Option("--port", help="0: any that is free.")]
Optuna = Annotated[bool, typer.Option("--optuna", help="Serve optuna-dashboard on the same studies too.")]
ReadToken = Annotated[
    Path | None,
    typer.Option("--read-token-file", metavar="FILE", help="For those who look; default: NAS_READ_TOKEN."),
]
WriteToken = Annotated[
    Path | None,
    typer.Option("--write-token-file", metavar="FILE", help="For those who act; default: NAS_WRITE_TOKEN."),
]

Proxy = Annotated[
    str,
    typer.Option(
        "--behind-proxy", metavar="ADDRESS", help="Whose X-Forwarded-For is believed, such as 127.0.0.1."
    ),
]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8400,
    store: StoreUrl = None,
    address: Address = None,
    optuna: Optuna = False,
    read_token_file: ReadToken = None,
    write_token_file: WriteToken = None,
    behind_proxy: Proxy = "",
) -> None:
    """Serve the dashboard: studies live, every network drawn and priced, searches started and stopped."""
    from nas.dashboard.settings import Settings, token
    from nas.service.environment import check_store
    from nas.service.values import bounded
    from nas.store import open_store

    # Tokens are for the service alone: drivers and helpers that it starts run code of others.
    settings = Settings(
        host=host,
        port=bounded(port, "--port", 0, 65535),
        read_token=token(os.environ.pop("NAS_READ_TOKEN", None), read_token_file),
        write_token=token(os.environ.pop("NAS_WRITE_TOKEN", None), write_token_file),
        store=store,
        address=address or os.environ.get("NAS_ADDRESS"),
        behind_proxy=behind_proxy,
        optuna=optuna,
    )
    settings.check()
    check_store(store)
    from nas.dashboard.serving import serve as listen  # a mistake does not wait for it

    with open_store(store) as opened:
        listen(opened, settings, _told)
    print("nas: the service has ended", file=sys.stderr)


def _told(service: "Service") -> None:
    if service.optuna_url:
        print(f"optuna-dashboard at {service.optuna_url}")
    print(f"serving {service.url} (Ctrl-C ends it)", flush=True)
