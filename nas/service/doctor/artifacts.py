"""The artifact root: a real file written, read back and deleted."""

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from nas.errors import NasError
from nas.service.doctor.check import Check
from nas.store.engine import absolute_url, artifacts_root, parse_url

SIZE = 4 * 2**20
LOW_GB = 2.0


def artifact_checks(
    store: str | None, artifacts: str | None, *, shared: bool = False
) -> tuple[str | None, Check]:
    """The root that a search would use, if it can be used, and what is found of it."""
    from workers.artifacts import ELSEWHERE, check_artifacts

    try:
        root = absolute_url(artifacts) if artifacts else artifacts_root(parse_url(store))
        check_artifacts(root, shared)
        put_s, got_s = _there_and_back(root)
    except NasError as error:
        found, parted, advice = str(error).rpartition("; ")
        told = (found, advice) if parted else (advice, ELSEWHERE)
        return None, Check("artifacts", False, *told)
    mb = SIZE / 1e6
    speed = f"{root}, writes {mb / put_s:.0f} MB/s, reads {mb / got_s:.0f} MB/s"
    return root, _with_room(root, speed)


def _there_and_back(root: str) -> tuple[float, float]:
    """Seconds for writing and for reading; a folder that is not there yet is tried in the one above."""
    import fsspec

    from workers.artifacts import unusable

    local = root.removeprefix("file://")
    folder = str(_there(Path(local))) if "://" not in local else root
    fs, path = fsspec.url_to_fs(f"{folder}/.doctor-{secrets.token_hex(8)}")
    try:
        began = time.perf_counter()
        fs.pipe_file(path, os.urandom(SIZE))
        put = time.perf_counter()
        fs.cat_file(path)
        return put - began, time.perf_counter() - put
    except Exception as error:  # every kind of store has its own
        raise unusable(root, error) from None
    finally:
        with suppress(FileNotFoundError):
            fs.rm_file(path)


def _there(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _with_room(root: str, found: str) -> Check:
    local = root.removeprefix("file://")
    if "://" in local:
        return Check("artifacts", True, found)
    free_gb = shutil.disk_usage(_there(Path(local))).free / 1e9
    advice = "" if free_gb >= LOW_GB else "free some space, or set NAS_ARTIFACTS to another disk"
    return Check("artifacts", not advice, f"{found}, {free_gb:.1f} GB free", advice)
