import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from nas.errors import DataError
from tests.workers.data.pictures import encoded, picture
from workers.data.images import centre, decode, header, spread, survey


def _decoded(content: bytes, channels: int = 3, side: int = 16, name: str = "a file") -> np.ndarray:
    return decode(content, name=name, channels=channels, side=side, region=centre())


def test_a_square_of_its_own_size_is_untouched() -> None:
    image = picture(0, 16, 16)
    assert np.array_equal(_decoded(encoded(image)), np.asarray(image))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM"])
def test_every_format_gives_nearly_the_same(kind: str) -> None:
    image = picture(0, 16, 16)
    options = {"quality": 95} if kind in ("JPEG", "WEBP") else {}
    difference = _decoded(encoded(image, kind, **options)).astype(int) - np.asarray(image)
    assert abs(difference).mean() < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_becomes_grey_or_colour(mode: str, channels: int) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(picture(0, 16, 16, "L")).astype(np.uint16) * 256)
    else:
        image = picture(0, 16, 16, mode)
    kind = {"CMYK": "TIFF", "YCbCr": "TIFF"}.get(mode, "PNG")
    pixels = _decoded(encoded(image, kind), channels)
    assert pixels.shape == (16, 16, channels)
    shown = Image.fromarray(pixels.squeeze()).convert("L")
    if mode != "1":  # dithered
        assert abs(np.asarray(shown).astype(int) - np.asarray(picture(0, 16, 16, "L"))).mean() < 14


@pytest.mark.parametrize("white", [255, 1023, 65535])
def test_grey_of_many_levels_becomes_bytes(white: int) -> None:
    grey = np.asarray(picture(0, 16, 16, "L"))
    levels = np.rint(grey / 255 * white).astype(">u2" if white > 255 else "u1")
    content = b"P5 16 16 %d\n" % white + levels.tobytes()
    assert abs(_decoded(content, 1)[..., 0].astype(int) - grey).max() <= 1
    assert survey([header(content, "")]).channels == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("side", [8, 40])
def test_images_are_seen_upright(kind: str, orientation: int, side: int) -> None:
    """However the camera was held; the region is one of the upright image."""
    image, exif = picture(0, 96, 64), Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(image, kind, exif=exif, **({} if kind in ("PNG", "TIFF") else {"quality": 95}))
    upright = encoded(ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(image, "PNG", exif=exif)))))

    def region(width: int, height: int) -> tuple[float, float, float, float]:
        return width * 0.1, height * 0.2, width * 0.7, height * 0.9

    seen, meant = (
        decode(content, name="", channels=3, side=side, region=region).astype(int)
        for content in (stored, upright)
    )
    assert abs(seen - meant).mean() < 4


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("spoilt", [b"", b"MM\0*", b"II*\0\xff\xff\xff\xff", b"no notes at all"])
def test_spoilt_notes_of_a_camera_are_passed_over(spoilt: bytes) -> None:
    image = picture(0, 16, 16)
    content = encoded(image, "JPEG", quality=95, exif=b"Exif\0\0" + spoilt)
    assert np.array_equal(_decoded(content), _decoded(encoded(image, "JPEG", quality=95)))


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pixels_without_a_white_are_refused(mode: str) -> None:
    with pytest.raises(DataError, match="a file has pixels of 32 bits"):
        _decoded(encoded(picture(0, 16, 16, "L").convert(mode), "TIFF"))


def test_a_region_is_cut_out_before_it_is_resized() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[20:60, 120:160] = 200
    content = encoded(Image.fromarray(pixels))
    made = decode(content, name="", channels=3, side=8, region=lambda w, h: (120, 20, 160, 60))
    assert (made[1:-1, 1:-1] == 200).all()
    assert made.min() > 100


@pytest.mark.parametrize("side", [8, 30, 64, 200])
def test_a_large_jpeg_is_decoded_small_with_the_same_result(side: int) -> None:
    """Pillow reads it at an eighth to a half of its size; the region moves along."""
    image = picture(0, 803, 601)

    def region(width: int, height: int) -> tuple[float, float, float, float]:
        return width * 0.25, height * 0.1, width * 0.75, height * 0.9

    small = decode(encoded(image, "JPEG", quality=95), name="", channels=3, side=side, region=region)
    whole = decode(encoded(image, "PNG"), name="", channels=3, side=side, region=region)
    assert abs(small.astype(int) - whole).mean() < 2.5


def test_the_centre_is_a_square() -> None:
    assert centre()(200, 100) == (50, 0, 150, 100)
    assert centre(0.5)(100, 200) == (25, 75, 75, 125)
    assert centre(0.01)(3, 5)[2:] == (2, 3)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no known format"),
        (b"<html>not found</html>", "no known format"),
        (encoded(picture(0, 64, 64), "JPEG")[:400], "Truncated"),
        (encoded(picture(0, 64, 64))[:-40], "image"),
        (encoded(picture(0, 64, 64))[:40], "image|truncated|format"),
    ],
    ids=["empty", "html", "cut jpeg", "cut png", "head of a png"],
)
def test_an_unreadable_image_is_named(content: bytes, why: str) -> None:
    with pytest.raises(DataError, match=f"photos/7.jpg.*({why}).*mend or remove it") as caught:
        _decoded(content, name="photos/7.jpg")
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image of more pixels than Pillow thinks sane."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="a file: Image size .* decompression bomb"):
        _decoded(encoded(picture(0, 64, 64)))


def test_without_pillow_a_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match=r"pip install .*\[data\]'"):
        _decoded(b"")


def test_a_header_is_read_without_pixels(tmp_path: Path) -> None:
    file = io.BytesIO(encoded(picture(0, 64, 48, "L"), "PNG"))
    (tmp_path / "cut.png").write_bytes(file.getvalue()[:60])
    assert header(tmp_path / "cut.png", "") == header(file.getvalue(), "") == (64, 48, "L")


@pytest.mark.parametrize(
    ("headers", "channels", "size", "side"),
    [
        ([(32, 32, "RGB")] * 3, 3, 32, 32),
        ([(28, 28, "L"), (28, 28, "1")], 1, 28, 28),
        ([(28, 28, "L"), (28, 28, "P")], 3, 28, 28),
        ([(500, 375, "RGB"), (640, 480, "L")], 3, 224, None),
        ([(40, 30, "RGB"), (50, 60, "RGB"), (70, 80, "RGB")], 3, 50, None),
        ([(64, 32, "L")], 1, 32, None),
        ([(900, 900, "L")], 1, 900, 900),
    ],
)
def test_a_survey(headers: list[tuple[int, int, str]], channels: int, size: int, side: int | None) -> None:
    found = survey(headers)
    assert (found.channels, found.size, found.side) == (channels, size, side)


def test_numbers_are_spread_evenly() -> None:
    assert spread(3, 100) == [0, 1, 2]
    assert spread(1001, 3) == [0, 500, 1000]
    assert spread(0, 5) == []
