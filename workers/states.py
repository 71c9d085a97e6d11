"""The training states below a study's artifacts: how they are named, and how they go. Imports no torch."""

import logging
import re
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

import fsspec

logger = logging.getLogger(__name__)

STATE = re.compile(r"/state-\d+-\d+\.safetensors$")
UNFINISHED = re.compile(r"\.safetensors\.\d+\.part$")
"""Files of workers that died while they wrote."""


def trial_folder(root: str, number: int) -> str:
    """The folder of a trial's attempts: a path of the artifacts' file system."""
    return str(PurePosixPath(root) / str(int(number)))


def sweep(fs: Any, trial: str) -> None:
    """Remove the states of all attempts in a trial's folder, and what of them was half written."""
    for path in fs.find(trial):
        if STATE.search(path) or UNFINISHED.search(path):
            with suppress(FileNotFoundError):
                fs.rm_file(path)


def forget(artifacts: str, number: int) -> None:
    """Sweep after a trial that nobody will go on with; what cannot be removed is logged, no more."""
    try:
        fs, root = fsspec.url_to_fs(artifacts)
        sweep(fs, trial_folder(root, number))
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot remove the training states of trial %d: %s", number, error)
