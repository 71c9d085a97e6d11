"""Files that never change while a service runs: read once, named by their content, kept by browsers.

What may be asked for is a table made at the start, so no path of a request ever reaches the file system.
"""

import functools
import gzip
import hashlib
import importlib.util
import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from nas.dashboard.errors import RefusedError
from nas.dashboard.plotly import lean
from nas.drawing.style import FILE

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
PLOTLY = "plotly.min.js"
WORTH = 1000
"""Bytes from which on a file is sent compressed."""
IMPORTED = re.compile(rb'^(?:import|export)\b[^;]*?"\./([\w.]+)"', re.MULTILINE)


@dataclass
class Asset:
    """One file, read again when it has changed."""

    path: Path
    served: Callable[[str], str] | None = None
    """What is made of its text."""
    changed: int = -1
    data: bytes = b""
    packed: bytes | None = None
    etag: str = ""

    def load(self) -> "Asset":
        """With its present content."""
        changed = self.path.stat().st_mtime_ns
        if changed != self.changed:
            self.data = self.path.read_bytes()
            if self.served is not None:
                self.data = self.served(self.data.decode()).encode()
            self.packed = gzip.compress(self.data, 6, mtime=0) if len(self.data) > WORTH else None
            self.etag = hashlib.blake2b(self.data, digest_size=8).hexdigest()
            self.changed = changed
        return self


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Name -> file: those of this package, the style of drawings, and Plotly's as it is installed."""
    found = {
        path.relative_to(FOLDER).as_posix(): Asset(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
    found[FILE.name] = Asset(FILE)
    spec = importlib.util.find_spec("plotly")  # not imported: it takes half a second
    if spec is not None and spec.origin is not None:
        found[PLOTLY] = Asset(Path(spec.origin).parent / "package_data" / PLOTLY, lean)
    return found


def warm() -> None:
    """Read and pack all of them: Plotly's takes half a second."""
    for asset in assets().values():
        asset.load()


def address(name: str) -> str:
    """Where a page finds a file; `import "./base.js"` in one of our modules finds the others beside it."""
    if name == PLOTLY:
        return f"/static/{assets()[name].load().etag}/{name}"
    return f"/static/{stamp()}/{name}"


def scripts(page: str) -> Sequence[str]:
    """Addresses of a page's scripts and of all that they import, for a browser to ask for at once."""
    return _scripts(page, stamp())


@functools.lru_cache
def _scripts(page: str, stamp: str) -> Sequence[str]:
    found = [name for name in ("base.js", f"{page}.js") if name in assets()]
    for name in found:  # which grows meanwhile
        told = (each.decode() for each in IMPORTED.findall(assets()[name].load().data))
        found += [each for each in dict.fromkeys(told) if each not in found]
    return [f"/static/{stamp}/{name}" for name in found]


def stamp() -> str:
    """One hash over all files of this package."""
    ours = (asset.load().etag for name, asset in assets().items() if name != PLOTLY)
    return hashlib.blake2b("".join(ours).encode(), digest_size=8).hexdigest()


def answer(request: Request, path: str) -> Response:
    """A file by its name, or by `HASH/NAME`, which may be kept forever."""
    head, _, rest = path.partition("/")
    name = rest if path not in assets() else path
    asset = assets().get(name)
    if asset is None:
        raise RefusedError(404, f"no such file: {path[:100]!r}")
    asset.load()
    named_by_content = name is rest and head in (asset.etag, stamp())
    headers = {
        "Cache-Control": FOREVER if named_by_content else "no-cache",
        "ETag": f'"{asset.etag}"',
        "Vary": "Accept-Encoding",
    }
    if f'"{asset.etag}"' in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, 200, {**headers, "Content-Encoding": "gzip"}, kind)
    return Response(asset.data, 200, headers, kind)
