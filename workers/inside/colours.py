"""Numbers to colours: viridis for values, blue over white to orange for signed ones, photographs as they are.

Arrays of colours are (H, W, 3) of uint8.
"""

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]
Values = NDArray[np.floating]

VIRIDIS = (
    0x440154, 0x482475, 0x414487, 0x355F8D, 0x2A788E, 0x21918C, 0x22A884, 0x44BF70, 0x7AD151, 0xBDDF26,
    0xFDE725,
)  # fmt: skip
"""Eleven of its colours at equal distances (van der Walt & Smith 2015)."""
SIGNED = (0x00395C, 0x0072B2, 0x7FB8DC, 0xF4F4F2, 0xEFB083, 0xD55E00, 0x6E3000)
"""Okabe and Ito's blue and vermilion, from dark by way of light to dark."""
GROUND = 0xFFFFFF
INK, INK_2, LINE = 0x1B2229, 0x525D68, 0xC3CBD3
"""Words, lesser words, frames: as the dashboard has them."""
BLUE, ORANGE, GREY = 0x0072B2, 0xD55E00, 0xE9EDF1


def rgb(colour: int) -> tuple[int, int, int]:
    """0xRRGGBB as three numbers."""
    return colour >> 16, colour >> 8 & 255, colour & 255


def viridis(values: Values, low: float, high: float) -> Colours:
    """Values from `low` (dark) to `high` (bright); beyond them as these."""
    span = high - low
    return _ramp((values - low) / span if span > 0 else np.zeros_like(values), VIRIDIS)


def signed(values: Values, most: float) -> Colours:
    """Values from `-most` (blue) over 0 (white) to `most` (orange)."""
    return _ramp(0.5 + values / (2 * most) if most > 0 else np.full_like(values, 0.5), SIGNED)


def photograph(pixels: Values) -> Colours:
    """An image (H, W, C) of pixels in [0, 1]: in colour with three channels, else the mean in grey."""
    shown = pixels if pixels.shape[2] == 3 else pixels.mean(2, keepdims=True).repeat(3, 2)
    made: Colours = np.round(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    return made


def weights(values: Values, most: float) -> Colours:
    """Signed values (H, W, C) as an image: of three channels in colour with 0 in the middle grey, of one in
    blue and orange, of others one beside the other in blue and orange."""
    if values.shape[2] == 3:
        return photograph(0.5 + values / (2 * most) if most > 0 else np.full_like(values, 0.5))
    return signed(np.concatenate(list(np.moveaxis(values, 2, 0)), axis=1), most)


def _ramp(parts: Values, colours: tuple[int, ...]) -> Colours:
    """Places in [0, 1] on a row of colours, mixed between neighbours."""
    table = np.array([rgb(colour) for colour in colours], float)
    at = np.clip(np.nan_to_num(parts), 0, 1) * (len(table) - 1)
    channels = [np.interp(at, np.arange(len(table)), column) for column in table.T]
    made: Colours = np.round(np.stack(channels, -1)).astype(np.uint8)
    return made
