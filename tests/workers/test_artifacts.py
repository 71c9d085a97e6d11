"""An artifact root is tried out before a study begins: one message for each thing that can be wrong."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from nas.errors import NasError
from tests.conftest import Nas
from tests.workers.standins import full_disk
from workers import artifacts
from workers.artifacts import check_artifacts

ROOT_NEEDED = "needs root, which may write everywhere, and mounts"


def test_a_folder_is_tried_out_and_nothing_stays(tmp_path: Path) -> None:
    check_artifacts(f"file://{tmp_path}/a/b")
    check_artifacts(str(tmp_path), shared=True)
    assert not list(tmp_path.iterdir())
    check_artifacts("memory://here")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("memory://here", "workers are other processes and do not see it; give another --artifacts URL"),
        ("ss3://bucket", "unknown protocol 'ss3': known are abfs, file, .*; did you mean 's3'"),
        ("dropbox://x", r".*type pip install dropboxdrivefs .*, on all hosts of workers too"),
    ],
)
def test_what_cannot_be_shared_or_reached(url: str, said: str) -> None:
    with pytest.raises(NasError, match=f"artifacts {url}: {said}"):
        check_artifacts(url, shared=True)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NasError, match=r"file/x: cannot write there: Not a directory; give another"):
        check_artifacts(f"file://{tmp_path}/file/x")


def test_a_folder_that_is_not_ones_own() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        told = _as_nobody(f"file://{folder}/x")
        assert "cannot write there: Permission denied; make it writable, or give another --artifacts" in told
        assert not list(Path(folder).iterdir())


def _as_nobody(url: str) -> str:
    """What the check says, in a process that is not root's: root may write everywhere."""
    mine, its = os.pipe()
    if pid := os.fork():
        os.close(its)
        with os.fdopen(mine) as file:
            told = file.read()
        os.waitpid(pid, 0)
        return told
    try:
        if os.geteuid() == 0:
            os.setuid(65534)
        check_artifacts(url)
    except NasError as error:
        os.write(its, str(error).encode())
    finally:
        os._exit(0)


def test_files_that_cannot_grow(tmp_path: Path) -> None:
    with full_disk(), pytest.raises(NasError, match="File too large; free some room there, or give another"):
        check_artifacts(f"file://{tmp_path}/new")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk without room."""
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(tmp_path)],
            check=False,
            capture_output=True,
        ).returncode
    ):
        pytest.skip(ROOT_NEEDED)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk(full: Path) -> None:
    with pytest.raises(NasError, match="No space left on device; free some room there, or give another"):
        check_artifacts(f"file://{full}/new")
    assert not list(full.iterdir())


def test_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "LIMIT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"sftp://user:word@127.0.0.1:{mute.getsockname()[1]}/x"
        with pytest.raises(NasError, match=r"no answer within 0 s|pip install"):
            check_artifacts(url)


@pytest.mark.parametrize("engine", ["ray", "inline"])
def test_a_search_does_not_begin(nas_here: Nas, tmp_path: Path, engine: str) -> None:
    (tmp_path / "file").touch()
    words = ["search", "vgg", "--study", "s", "--evaluator", "cost", "--engine", engine]
    done = nas_here(*words, "--artifacts", "file/x")
    assert done.returncode == 2
    assert done.stderr.startswith("nas: artifacts file://")
    assert "Not a directory" in done.stderr
    listed = nas_here("studies", "--json")
    assert '"s"' not in listed.stdout


def test_a_resumed_study_keeps_its_budget(nas_here: Nas, tmp_path: Path) -> None:
    objective = ["--objective", "macs"]
    words = ["search", "vgg", "--study", "s", "--evaluator", "cost", "--engine", "inline", "--trials", "2"]
    assert nas_here(*words, *objective, "--artifacts", "kept").returncode == 0
    (tmp_path / "kept").rename(tmp_path / "gone") if (tmp_path / "kept").exists() else None
    (tmp_path / "kept").touch()
    done = nas_here("resume", "s", "--trials", "+3", "--engine", "inline")
    assert (done.returncode, "Not a directory" in done.stderr) == (2, True)
    assert '"budget": 2' in nas_here("show", "s", "--json").stdout


S3 = pytest.mark.skipif(
    find_spec("moto") is None or find_spec("s3fs") is None,
    reason="a real S3 server takes 70 packages: pip install 'moto[server]' s3fs",
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an S3 server on this machine."""
    from moto.server import ThreadedMotoServer  # type: ignore[import-not-found]

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "us")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    import s3fs  # type: ignore[import-not-found, import-untyped]

    s3fs.S3FileSystem.clear_instance_cache()
    name = f"ours-{port}"
    s3fs.S3FileSystem().mkdir(name)
    yield f"s3://{name}"
    server.stop()


@S3
def test_a_bucket(bucket: str) -> None:
    import fsspec

    check_artifacts(f"{bucket}/studies", shared=True)
    fs, root = fsspec.url_to_fs(bucket)
    assert not fs.find(root)
    with pytest.raises(
        NasError, match=r"artifacts s3://others/x: cannot write there: .*bucket does not exist"
    ):
        check_artifacts("s3://others/x")
    assert not fs.exists("s3://others")


@S3
def test_a_training_goes_on_from_a_bucket(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    from nas.records import AttemptEnd, EpochReport
    from tests.workers.standins import request
    from workers.run import run_attempt

    monkeypatch.setenv("NAS_CHECKPOINT_S", "0.5")
    recipe = {"epochs": 4, "threads": 1}
    steps = run_attempt(request("tiny", recipe=recipe, artifacts=f"{bucket}/s"))
    first = [next(steps), next(steps)]
    steps.close()
    fs, root = fsspec.url_to_fs(bucket)
    names = sorted(path.removeprefix(f"{root}/s/1/1/") for path in fs.find(root))
    assert names[0] == "best.safetensors"
    assert all(name.startswith("state-") for name in names[1:])
    second = list(run_attempt(request("tiny", attempt=2, recipe=recipe, artifacts=f"{bucket}/s")))
    assert [event.epoch for event in (*first, *second) if isinstance(event, EpochReport)] == [1, 2, 3, 4]
    assert isinstance(second[-1], AttemptEnd)
    assert second[-1].cause is None
    fs.invalidate_cache()
    left = sorted(path.rsplit("/", 1)[-1] for path in fs.find(root))
    assert left == ["best.safetensors", "last.safetensors"]
