"""Small data sets that tests write: folders of images, arrays, tables."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture(seed: int, width: int = 20, height: int = 16, mode: str = "RGB") -> Image.Image:
    """Smooth noise, so that JPEG keeps it."""
    rough = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The file of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def write_class(folder: Path, count: int, seed: int = 0, ending: str = "png", **options: Any) -> None:
    """`count` different images in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        picture(1000 * seed + index, **options).save(folder / f"{index:03d}.{ending}")


def write_folder(
    root: Path, *, classes: Sequence[str] = ("cat", "dog"), ending: str = "png", **counts: int
) -> Path:
    """`root/PART/CLASS/NNN.png` with so many images of each class in each part."""
    for at, (part, count) in enumerate(counts.items()):
        for seed, name in enumerate(classes):
            write_class(root / part / name, count, seed=10 * at + seed, ending=ending)
    return root


def arrays(**changes: Any) -> dict[str, NDArray[Any]]:
    """What an .npz file needs: three classes, 30 training and 9 test images of 6x6x3."""
    rng = np.random.default_rng(0)
    made = {
        "x_train": rng.integers(0, 256, (30, 6, 6, 3), dtype=np.uint8),
        "y_train": np.arange(30) % 3,
        "x_test": rng.integers(0, 256, (9, 6, 6, 3), dtype=np.uint8),
        "y_test": np.arange(9) % 3,
    }
    return {name: value for name, value in (made | changes).items() if value is not None}
