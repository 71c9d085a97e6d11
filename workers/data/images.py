"""Image files: what their headers say, and their pixels. Pillow is imported where an image is opened.

Shapes: H, W, C = height, width, channels of an image.
"""

import io
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from nas.errors import DataError
from nas.versions import getting
from workers.data.base import Images, Samples
from workers.data.split import statistics

MODES = {1: "L", 3: "RGB"}
GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")
"""Pillow's modes without colour."""
SIXTEEN = ("PNG", "PPM")
"""Formats of at most 16 bits, though Pillow may give them as 32."""
LARGEST = 224
"""Size that networks get by default for photographs, unless these are smaller."""
LOOKED_AT, MEASURED = 100, 500
"""Images whose headers tell what a set is like, and images that its statistics are taken from."""
STATISTICS_SIDE = 64
ORIENTATION = 0x0112
"""EXIF's tag for how a camera was held."""
TURNED = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270",
          7: "TRANSVERSE", 8: "ROTATE_90"}  # fmt: skip
"""Its values, and Pillow's names of what puts such images upright; from 5 on, sides change places."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of an image."""
Region = Callable[[int, int], Box]
"""Which part of an image of this width and height is wanted."""


@dataclass(frozen=True)
class Survey:
    """What some images of a set are like: `side` if all are squares of one size."""

    channels: int
    size: int
    side: int | None


def survey(headers: Iterable[tuple[int, int, str]]) -> Survey:
    """From (width, height, mode) of some images: grey if all are, else colour."""
    seen = list(headers)
    sizes = Counter((width, height) for width, height, _ in seen)
    shorter = round(median(min(width, height) for width, height, _ in seen))
    (first, _), *others = sizes
    same = not others and len(set(*sizes)) == 1
    channels = 1 if all(mode in GREY for _, _, mode in seen) else 3
    return Survey(channels, first if same else min(shorter, LARGEST), first if same else None)


def spread(count: int, wanted: int) -> list[int]:
    """At most `wanted` of the numbers from 0 to count - 1, evenly spread."""
    return sorted({int(i) for i in np.linspace(0, count - 1, min(count, wanted))})


def header(source: Path | bytes, name: str) -> tuple[int, int, str]:
    """Width, height and Pillow's mode of an image, whose pixels are not read; raises `DataError`."""
    with opened(source, name) as image:
        return image.width, image.height, image.mode


def decode(encoded: bytes, *, name: str, channels: int, side: int, region: Region) -> Images:
    """A region of the upright image as (side, side, C), smoothed where it shrinks; raises `DataError`.

    A JPEG is decoded at a half, a quarter or an eighth of its size if that is enough. Smoothing may
    reach over the region's border by a pixel of what was decoded.
    """
    with opened(encoded, name) as image:
        from PIL.Image import Resampling

        turned = _orientation(image)
        width, height = image.size[::-1] if turned > 4 else image.size
        left, top, right, bottom = region(width, height)
        enough = (int(width * side / (right - left)), int(height * side / (bottom - top)))
        image.draft(MODES[channels], enough[::-1] if turned > 4 else enough)
        plain = _upright(_converted(image, MODES[channels], name), turned)
        x, y = plain.width / width, plain.height / height
        box = (left * x, top * y, min(right * x, plain.width), min(bottom * y, plain.height))
        pixels = plain.resize((side, side), Resampling.BILINEAR, box=box, reducing_gap=2.0)
        return np.array(pixels, dtype=np.uint8).reshape(side, side, channels)


@contextmanager
def opened(source: Path | bytes, name: str) -> Iterator[Any]:
    """Pillow's image of a file or of its bytes; whatever goes wrong with it names the file."""
    require_pillow()
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            yield image
    except (MemoryError, DataError):
        raise
    except Exception as error:  # decoders have errors of their own
        why = str(error) if name in str(error) else f"{name}: {error}"
        why = why if not isinstance(error, UnidentifiedImageError) else f"{name}: no known format"
        raise DataError(f"image cannot be read: {why}; mend or remove it") from None


def require_pillow() -> None:
    """Raise `DataError` where images cannot be decoded."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise DataError(f"image files need Pillow, which is not installed: type {getting('data')}") from None


def _orientation(image: Any) -> int:
    """How the image is stored, 1 to 8 (1: upright); Pillow turns TIFF by itself."""
    if image.format == "TIFF":
        return 1
    try:
        told = image.getexif().get(ORIENTATION)
    except (ValueError, TypeError, KeyError, SyntaxError, struct.error):  # as cameras spoil it
        return 1
    return told if told in TURNED else 1


def _upright(image: Any, turned: int) -> Any:
    from PIL.Image import Transpose

    return image.transpose(Transpose[TURNED[turned]]) if turned in TURNED else image


def _converted(image: Any, mode: str, name: str) -> Any:
    """The image as 8-bit grey or colour; transparency is dropped."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in SIXTEEN):
        from PIL import Image

        # Pillow's own conversion cuts all levels above 255 off.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise DataError(
            f"image {name} has pixels of 32 bits, whose white is unknown: convert it to 8 or 16 bits"
        )
    return image if image.mode == mode else image.convert(mode)


def centre(share: float = 1.0) -> Region:
    """The square in the middle whose side is a share of the shorter side."""

    def region(width: int, height: int) -> Box:
        side = max(1, round(share * min(width, height)))
        left, top = (width - side) // 2, (height - side) // 2
        return left, top, left + side, top + side

    return region


def sampled_statistics(
    samples: Samples, channels: int, side: int | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, of images evenly spread over a part."""
    side = min(side or STATISTICS_SIDE, STATISTICS_SIDE)
    whole = centre()
    pixels = [
        decode(samples.read(i), name=samples.name(i), channels=channels, side=side, region=whole)
        for i in spread(len(samples), MEASURED)
    ]
    return statistics(np.stack(pixels))
