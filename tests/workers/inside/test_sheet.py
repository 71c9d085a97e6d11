"""Colours, tiles and files."""

import numpy as np
from PIL import Image

from workers.inside.chart import Panel, heights
from workers.inside.colours import photograph, signed, viridis, weights
from workers.inside.numbers import figure, listed, percent, spread
from workers.inside.sheet import LARGEST, Row, Tile, enlarged, mosaic, png, sheet


def test_viridis_is_viridis() -> None:
    from plotly.colors import sequential

    anchors = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in sequential.Viridis]
    made = viridis(np.linspace(0, 1, len(anchors)), 0, 1)
    assert np.abs(made.astype(int) - np.array(anchors)).max() <= 6
    assert (viridis(np.array([-9.0, 9.0]), 0, 1) == viridis(np.array([0.0, 1.0]), 0, 1)).all()
    assert viridis(np.array([3.0]), 3, 3).shape == (1, 3)


def test_signed_colours_are_even() -> None:
    made = signed(np.array([-1.0, 0.0, 1.0]), 1.0).astype(int)
    assert made[1].min() > 235
    assert made[0][2] > made[0][0]
    assert made[2][0] > made[2][2]
    light = [signed(np.array([v]), 1.0).sum() for v in (0, 0.3, 0.6, 0.9)]
    assert light == sorted(light, reverse=True)


def test_three_channels_are_colour_and_others_are_not() -> None:
    red = np.zeros((2, 2, 3))
    red[..., 0] = 1
    assert (photograph(red)[0, 0] == (255, 0, 0)).all()
    assert (photograph(np.full((2, 2, 1), 0.5))[0, 0] == 128).all()
    assert (weights(red, 1.0)[0, 0] == (255, 128, 128)).all()
    assert weights(np.ones((3, 3, 2)), 1.0).shape == (3, 6, 3)


def test_small_images_are_enlarged_by_squares() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, 0] = 255
    made = np.asarray(enlarged(image, 20))
    assert made.shape == (40, 40, 3)
    assert set(map(tuple, made[1:-1, 1:-1].reshape(-1, 3))) == {(0, 0, 0), (255, 255, 255)}


def test_a_sheet_is_on_white_with_gutters() -> None:
    black = enlarged(np.zeros((4, 4, 3), np.uint8), 20)
    drawn = np.asarray(sheet([Row([Tile(mosaic([black] * 4, 2))], ("name", "more"))]))
    assert (drawn[:20] == 255).all()
    assert (drawn[:, -20:] == 255).all()
    dark = (drawn == 0).all(2)
    assert dark.sum() == 4 * 38 * 38


def test_a_large_picture_becomes_a_small_file() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    content = png(Image.fromarray(noise))
    assert len(content) <= LARGEST


def test_bars_are_as_high_as_their_values() -> None:
    shares, marks = heights(Panel("", "", np.array([0.1, 0.4, 0.2]), 0))
    assert shares.tolist() == [0.25, 1.0, 0.5]
    assert marks == [(0.0, "0"), (0.5, "0.2"), (1.0, "0.4")]
    shares, marks = heights(Panel("", "", np.array([1e-3, 1e-2, 0.1]), 0, log=True))
    assert np.allclose(shares[1:], [2 / 3, 1]) or np.allclose(shares, [0, 0.5, 1])
    assert marks[-1] == (1.0, "1e-1")
    assert heights(Panel("", "", np.zeros(3), 0))[0].tolist() == [0, 0, 0]


def test_numbers() -> None:
    assert (percent(0.98765), percent(0.0123), percent(0.0), percent(1.0)) == (
        "99 %",
        "1.2 %",
        "0 %",
        "100 %",
    )
    assert (figure(0.012345), figure(0.0)) == ("0.0123", "0")
    assert listed(np.array([[1 / 3, np.nan]])) == [[0.33333, None]]
    assert spread(10, 4) == [0, 3, 6, 9]
    assert spread(2, 9) == [0, 1]
    assert spread(5, 1) == [0]
