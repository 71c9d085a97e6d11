"""Streamed data must not fit in memory: more decoded pixels than the process may have."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.workers.data.pictures import encoded, picture

ROOT = Path(__file__).resolve().parents[4]
IMAGES, SIDE, ROOM_MB = 1000, 224, 75

SCRIPT = """
    import resource, sys, torch
    from pathlib import Path
    from workers.data import load_data
    from workers.recipe import Recipe
    from workers.train.feeds import choose, feed

    def read(limit, loaders):
        choose.RESIDENT_BYTES = limit
        recipe = Recipe(batch=16, loaders=loaders, crop=0.1, flip=True)
        made = feed(data, size={side}, recipe=recipe, seed=0, device=torch.device("cpu"))
        count = sum(len(y) for _, y in made.epoch(1)) + sum(len(y) for _, y in made.validation(16))
        made.close()
        return type(made).__name__, count

    torch.set_num_threads(1)
    data = load_data("imagefolder:{folder}")
    assert choose.resident_bytes(data, {side}) > 1.5 * {room_mb} * 2**20
    status = Path("/proc/self/status").read_text().splitlines()
    used = next(int(line.split()[1]) for line in status if line.startswith("VmData")) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + {room_mb} * 2**20,) * 2)
    try:
        print(*read(2**60, 0))
    except MemoryError:
        print("no memory")
    print(*read(0, 0))
    print(*read(0, 1))
"""


@pytest.mark.slow
def test_an_epoch_of_images_that_do_not_fit_in_memory(tmp_path: Path) -> None:
    contents = [encoded(picture(seed, 300, 240), "JPEG", quality=80) for seed in range(8)]
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for index in range(IMAGES // 2):
            (tmp_path / label / f"{index:04d}.jpg").write_bytes(contents[index % 8])
    code = textwrap.dedent(SCRIPT).format(folder=tmp_path, side=SIDE, room_mb=ROOM_MB)
    # Large blocks go back to the system when freed: what is counted is what is held.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "1000000"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["no memory", "Stream 900", "Stream 900", ""]
