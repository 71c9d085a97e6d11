"""A page that watches, as the tests see it."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

PATIENT_S = 60.0
"""A machine on which other tests run is slow."""


class Watching:
    """An open event stream over a plain socket."""

    def __init__(self, url: str, path: str, headers: str = "") -> None:
        place = urlsplit(url)
        assert place.hostname is not None
        assert place.port is not None
        self.socket = socket.create_connection((place.hostname, place.port), timeout=PATIENT_S)
        asked = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n{headers}\r\n"
        self.socket.sendall(asked.encode())
        self._lines = self.socket.makefile("rb")
        while self._lines.readline().strip():
            pass

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *error: object) -> None:
        self._lines.close()
        self.socket.close()

    def lines(self) -> Iterator[str]:
        """Lines as they come; what is sent in chunks has their sizes between."""
        while line := self._lines.readline():
            yield line.decode().rstrip("\r\n")

    def event(self, kind: str, timeout_s: float = PATIENT_S) -> Any:
        """The data of the next event of a kind."""
        until = time.monotonic() + timeout_s
        self.socket.settimeout(timeout_s)
        seen = ""
        for line in self.lines():
            assert time.monotonic() < until, f"no {kind} within {timeout_s} s"
            if line.startswith("event: "):
                seen = line.removeprefix("event: ")
            elif line.startswith("data: ") and seen == kind:
                return json.loads(line.removeprefix("data: "))
        raise AssertionError(f"the stream ended before a {kind}")

    def comment(self) -> str:
        """The next line that says nothing."""
        return next(line for line in self.lines() if line.startswith(":"))
