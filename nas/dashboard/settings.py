"""How a service was asked for; what would leave it open is refused."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from nas.errors import NasError

LEAST = 16
"""Characters of a token at least: fewer can be guessed."""
MOST = 512
"""Characters of a token at most."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where a service listens and who may do what."""

    host: str = "127.0.0.1"
    port: int = 8400
    """0: any that is free."""
    read_token: str | None = None
    write_token: str | None = None
    """Whoever has it may read too."""
    store: str | None = None
    """The store's URL with its password, for the drivers that are started; None: as `open_store` finds it."""
    address: str | None = None
    """The Ray cluster on which studies are started; None: as processes of this machine."""
    behind_proxy: str = ""
    """Addresses or networks, with commas, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    optuna: bool = False
    """Whether optuna-dashboard is mounted."""

    @property
    def guarded(self) -> bool:
        """Whether a token is needed."""
        return bool(self.read_token or self.write_token)

    def check(self) -> None:
        """Raises `NasError` where the service would be open to others, or a token is no secret."""
        for name, token in (("NAS_READ_TOKEN", self.read_token), ("NAS_WRITE_TOKEN", self.write_token)):
            if token is not None:
                _check_token(name, token)
        if self.read_token is not None and self.read_token == self.write_token:
            raise NasError("NAS_READ_TOKEN and NAS_WRITE_TOKEN are equal: readers could write; choose two")
        for address in filter(None, self.behind_proxy.split(",")):
            _check_proxy(address)
        if not self.guarded and not is_local(self.host):
            raise NasError(
                f"--host {self.host} lets others in, and there is no token: set NAS_WRITE_TOKEN, and "
                "NAS_READ_TOKEN for those who only look, or name files with --write-token-file and "
                "--read-token-file; type e.g. export NAS_WRITE_TOKEN=$(openssl rand -hex 24)"
            )


def _check_proxy(address: str) -> None:
    try:
        ipaddress.ip_network(address)
    except ValueError:
        raise NasError(
            f"--behind-proxy {address!r} is no address: it is that of the proxy, or a network, several with "
            "commas; type e.g. --behind-proxy 127.0.0.1"
        ) from None


def is_local(host: str) -> bool:
    """Whether only this machine reaches a host by that name or address."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def token(given: str | None, file: Path | None) -> str | None:
    """A token out of its file, else the one given; None for neither."""
    if file is None:
        return given or None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise NasError(f"cannot read the token file {file}: {why}; write the token into it") from None


def _check_token(name: str, text: str) -> None:
    if not text.isascii() or not text.isprintable() or " " in text or not LEAST <= len(text) <= MOST:
        raise NasError(
            f"{name} has {len(text)} characters: a token has {LEAST} to {MOST}, letters, digits and signs "
            "without spaces; make one with openssl rand -hex 24"
        )
