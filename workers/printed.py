"""What a worker prints while it runs an attempt, kept as `log.txt` beside the attempt's checkpoints.

Kept are the last 256 KiB, of an attempt that prints nothing no file. While an attempt runs the file is
renewed now and then. At its end it stays where the attempt failed, or its trial's weights are kept; with
these it goes (`workers.keep`). Imports no torch.
"""

import io
import logging
import sys
import threading
import time
from collections import deque
from typing import Any, TextIO

from nas.records import AttemptEnd, Request

logger = logging.getLogger(__name__)

LOG = "log.txt"
LIMIT = 256 * 1024
"""Characters that are kept, the last ones."""
EVERY_S = 10.0
"""A running attempt's file is renewed at most so often."""
CUT = "... (what was printed before is left out) ...\n"


class Printed:
    """Takes the place of this process's standard output and error for good: all goes on to them, and what
    comes between `begin` and `end` is kept. Python's warnings and last-resort logging come through too."""

    def __init__(self) -> None:
        # Reentrant: a finaliser that prints may be run by the collector while we hold it.
        self._lock, self._parts, self._size = threading.RLock(), deque[str](), 0
        self._request: Request | None = None
        self._cut = self._changed = False
        self._saved_at = 0.0
        sys.stdout, sys.stderr = _Tee(sys.stdout, self), _Tee(sys.stderr, self)

    def add(self, text: str) -> None:
        """Something was printed."""
        with self._lock:
            if self._request is None or not text:
                return
            self._cut |= len(text) > LIMIT
            text = text[-LIMIT:]
            self._parts.append(text)
            self._size += len(text)
            self._changed = True
            while self._size - len(self._parts[0]) >= LIMIT:
                self._size -= len(self._parts.popleft())
                self._cut = True

    def begin(self, request: Request) -> None:
        """An attempt begins."""
        with self._lock:
            self._request, self._parts, self._size = request, deque(), 0
            self._cut = self._changed = False
            self._saved_at = time.monotonic()

    def renew(self) -> None:
        """Write what there is, if it is time."""
        if self._changed and time.monotonic() - self._saved_at >= EVERY_S:
            self._save()

    def end(self, end: AttemptEnd) -> None:
        """The attempt is over; nothing is kept of one that has no weights and did not fail."""
        if self._request is not None and self._size:
            if end.cause is None and not _has_weights(self._request):
                _remove(self._request)
            elif self._changed:
                self._save()
        with self._lock:
            self._request = None

    def _save(self) -> None:
        with self._lock:
            text = "".join(self._parts)
            self._changed, self._saved_at = False, time.monotonic()
        cut = self._cut or len(text) > LIMIT
        if self._request is not None:
            _write(self._request, CUT + text[-LIMIT:] if cut else text)


class _Tee(io.TextIOBase):
    """A stream that tells what goes through it."""

    def __init__(self, stream: TextIO, printed: Printed) -> None:
        self._stream, self._printed = stream, printed

    def write(self, text: str) -> int:
        """Pass it on."""
        self._printed.add(text)
        self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream does."""
        self._stream.flush()

    def fileno(self) -> int:
        """For those who write without Python: that is not kept."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """As the stream is."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """It is."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As the stream's."""
        return self._stream.encoding


def _write(request: Request, text: str) -> None:
    """What cannot be written is logged, no more: the attempt is worth more than what it printed."""
    from workers.states import make_folder

    try:
        fs, folder = _place(request)
        make_folder(fs, folder)
        fs.pipe_file(f"{folder}/{LOG}", text.encode("utf-8", "backslashreplace"))
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot keep what trial %d printed: %s", request.number, error)


def _has_weights(request: Request) -> bool:
    try:
        fs, folder = _place(request)
        return bool(fs.exists(f"{folder}/last.safetensors"))
    except Exception:  # as above
        return False


def _remove(request: Request) -> None:
    """Of an attempt that ended well, what was written while it ran."""
    from workers.states import remove, remove_empty

    try:
        fs, folder = _place(request)
        remove(fs, f"{folder}/{LOG}")
        remove_empty(fs, folder.rpartition("/")[0])
    except Exception as error:  # as above
        logger.warning("cannot remove what trial %d printed: %s", request.number, error)


def _place(request: Request) -> tuple[Any, str]:
    """The file system of the artifacts, and the attempt's folder there."""
    import fsspec

    from workers.states import trial_folder

    fs, root = fsspec.url_to_fs(request.artifacts)
    return fs, f"{trial_folder(root, request.number)}/{int(request.attempt)}"
