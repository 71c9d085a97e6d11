"""What ended an attempt: exceptions told apart by cause, and their memory let go."""

import gc
import sys
import traceback

from nas.errors import NasError, TrialFailure
from nas.records import Cause

TRACEBACK_CHARS = 8_000
"""The end of a longer traceback is kept: that is where the error is."""


def classify(error: BaseException) -> tuple[Cause, str]:
    """The cause of an attempt's end, and a message: one line for known mistakes, else a traceback."""
    if isinstance(error, TrialFailure):
        return Cause(error.cause), str(error)
    if is_out_of_memory(error):
        return Cause.OUT_OF_MEMORY, _last_line(error)
    if isinstance(error, NasError):
        return Cause.ERROR, str(error)
    text = "".join(traceback.format_exception(error))
    return Cause.ERROR, text[-TRACEBACK_CHARS:]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory of the host or of a device did not do."""
    if isinstance(error, MemoryError):
        return True
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    # The CPU allocator has no exception type of its own.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def release(error: BaseException | None = None) -> None:
    """Give back the memory of a failed attempt: the frames of its traceback hold its tensors."""
    while error is not None:
        if error.__traceback__ is not None:
            traceback.clear_frames(error.__traceback__)
        error.__traceback__, error = None, error.__cause__ or error.__context__
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _last_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
