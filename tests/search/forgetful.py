"""A link to PostgreSQL that loses answers: the server commits, and the client never hears of it."""

import socket
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

COMMIT = b"COMMIT\x00"


class Forgetful:
    """Listens on TCP before a server's socket; while `lose` is above 0, answers to commits are lost."""

    def __init__(self, url: str) -> None:
        split = urlsplit(url)
        host = parse_qs(split.query).get("host", [split.hostname or ""])[0]
        self._server: Any = (host, split.port or 5432)
        if host.startswith("/"):
            self._server = f"{host}/.s.PGSQL.{split.port or 5432}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        user = f"{quote(split.username or 'postgres')}:{quote(split.password or '')}"
        self.url = f"postgresql://{user}@127.0.0.1:{port}{split.path}?sslmode=disable"
        self.lose = 0
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Requests one way, answers the other, until one side ends or an answer is to be lost."""
        family = socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET
        server = socket.socket(family)
        server.connect(self._server)
        forget = threading.Event()
        threading.Thread(target=self._answer, args=(server, client, forget), daemon=True).start()
        with suppress(OSError):
            while said := client.recv(65536):
                if COMMIT in said and self.lose > 0:
                    self.lose -= 1
                    forget.set()
                server.sendall(said)
        _end(server)

    def _answer(self, server: socket.socket, client: socket.socket, forget: threading.Event) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if forget.is_set():  # it is committed now
                    self.lost += 1
                    break
                client.sendall(said)
        _end(client)
        _end(server)


def _end(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()
