"""What ended an attempt: exceptions told apart by cause, and their memory let go."""

import ctypes
import errno
import gc
import sys
import traceback
from contextlib import suppress

from nas.errors import NasError, TrialFailure
from nas.records import Cause

TRACEBACK_CHARS = 8_000
"""The end of a longer traceback is kept: that is where the error is."""

OUT_OF_MEMORY = (
    "can't allocate memory",  # torch's allocator of the CPU
    "could not create a memory object",  # oneDNN, as the next
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "insufficient shared memory",  # a loader process, killed for its batches
    "is killed by signal: Killed",  # a loader process, by the kernel
)
"""What is said where memory does not do by errors that have no type of their own."""
NO_PRIMITIVE = "could not create a primitive"
"""oneDNN, which says the same and more (`… primitive descriptor …`) of shapes that it does not take."""

LASTING = (
    "CUDA error:",
    "CUDNN_STATUS_EXECUTION_FAILED",
    "CUDNN_STATUS_INTERNAL_ERROR",
    "CUBLAS_STATUS_EXECUTION",
)
"""What is said of faults after which a process can use its device no more, an index out of bounds for one."""


def classify(error: BaseException) -> tuple[Cause, str]:
    """The cause of an attempt's end, and a message: one line for known mistakes, else a traceback."""
    if isinstance(error, TrialFailure):
        return _told(error)
    if is_out_of_memory(error):
        return Cause.OUT_OF_MEMORY, _first_line(error)
    if isinstance(error, NasError):
        return Cause.ERROR, str(error)
    text = "".join(traceback.format_exception(error))
    return Cause.ERROR, text[-TRACEBACK_CHARS:]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory of the host or of a device did not do."""
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    text = _text(error) if isinstance(error, RuntimeError) else ""
    return text.strip() == NO_PRIMITIVE or any(sign in text for sign in OUT_OF_MEMORY)


def is_device_lost(message: str) -> bool:
    """Whether, after an attempt that ended with this message, the device does no more for this process.

    It is asked itself where it can be: some errors pass.
    """
    if not any(sign in message for sign in LASTING) or any(sign in message for sign in OUT_OF_MEMORY):
        return False
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return True
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return True
    return False


def release(error: BaseException | None = None) -> None:
    """Give back the memory of a failed attempt: the frames of its traceback hold its tensors."""
    while error is not None:
        if error.__traceback__ is not None:
            traceback.clear_frames(error.__traceback__)
        error.__traceback__, error = None, error.__cause__ or error.__context__
    gc.collect()
    trim()


def trim() -> None:
    """Give freed memory back to the system and the device, which other workers share with this one.

    Allocators keep it otherwise: 220 MB of a worker of 700 after a trial that ran out of memory.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        gc.collect()  # recorded graphs refer to themselves, with all the memory they reserved
        with suppress(RuntimeError):  # after some errors a device does no more; the cause is told already
            torch.cuda.empty_cache()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
    if torch is not None and malloc_trim is not None:
        malloc_trim(0)


def _told(failure: TrialFailure) -> tuple[Cause, str]:
    """What an evaluator itself said was the cause, if there is such a one."""
    try:
        return Cause(failure.cause), str(failure)
    except ValueError:
        known = ", ".join(Cause)
        return Cause.ERROR, f"{failure} (of unknown cause {failure.cause!r}: causes are {known})"


def _first_line(error: BaseException) -> str:
    lines = _text(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a user's own exception may fail to say what it is
        return ""
