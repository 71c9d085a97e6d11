"""A picture put together: rows of tiles with words beside and below them, and a bar of colours.

Lengths are in units of a page; a picture has `SCALE` pixels for each, so that it is sharp on fine screens
and in print. Words are ASCII: the letters that come with Pillow are few.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from workers.inside.colours import GROUND, INK, INK_2, LINE, SIGNED, VIRIDIS, Colours, rgb, signed, viridis

SCALE = 2
GAP, MARGIN, LABELS = 6, 14, 104
"""Between tiles; around everything; the column of words at the left."""
LETTER, LINE_HEIGHT = 11.5, 15
LARGEST = 300_000
"""Bytes of a file."""


@dataclass(frozen=True, eq=False)
class Tile:
    """An image with the words below it, one line each."""

    image: Image.Image
    words: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Row:
    """Tiles beside each other, `columns` of them in a line; the first of `words` is the row's name."""

    tiles: Sequence[Tile]
    words: tuple[str, ...] = ()
    columns: int = 100
    gap: int = GAP


@dataclass(frozen=True)
class Bar:
    """What colours mean: viridis from `low` to `high`, or signed colours."""

    low: str
    high: str
    about: str
    colours: tuple[int, ...] = VIRIDIS


def signed_bar(most: float, about: str) -> Bar:
    """The bar of signed colours."""
    return Bar(f"-{most:.2g}", f"{most:.2g}", about, SIGNED)


def tile(colours: Colours, side: float, words: tuple[str, ...] = ()) -> Tile:
    """An image `side` high with its words: larger by whole pixels that stay squares, smaller smoothly."""
    return Tile(enlarged(colours, side), words)


def enlarged(colours: Colours, side: float) -> Image.Image:
    """An image `side` high, framed by a thin line."""
    image, height = Image.fromarray(colours), round(side * SCALE)
    larger = height >= image.height
    size = (round(image.width * height / image.height), height)
    made = image.resize(size, Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS)
    ImageDraw.Draw(made).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=rgb(LINE))
    return made


def mosaic(images: Sequence[Image.Image], columns: int, gap: int = 2) -> Image.Image:
    """Images of one size as one, `columns` in a line."""
    wide, high = images[0].size
    step, lines = gap * SCALE, -(-len(images) // columns)
    made = Image.new("RGB", (columns * (wide + step) - step, lines * (high + step) - step), rgb(GROUND))
    for index, image in enumerate(images):
        made.paste(image, (index % columns * (wide + step), index // columns * (high + step)))
    return made


def beside(images: Sequence[Image.Image], gap: int = 4) -> Image.Image:
    """Images of one height side by side."""
    step = gap * SCALE
    width = sum(image.width for image in images) + step * (len(images) - 1)
    made, x = Image.new("RGB", (width, images[0].height), rgb(GROUND)), 0
    for image in images:
        made.paste(image, (x, 0))
        x += image.width + step
    return made


def framed(image: Image.Image, box: tuple[float, float, float, float], colour: int) -> Image.Image:
    """A copy with a rectangle of that colour, with a white line outside and inside it.

    `box` is left, top, right and bottom as shares of the image, cut off at its sides.
    """
    made = image.copy()
    wide, high = made.width - 1, made.height - 1
    left, right = (min(max(round(v * wide), 0), wide) for v in box[::2])
    top, bottom = (min(max(round(v * high), 0), high) for v in box[1::2])
    pen = ImageDraw.Draw(made)
    pen.rectangle((left, top, right, bottom), outline=rgb(GROUND), width=3 * SCALE)
    pen.rectangle(
        (left + SCALE // 2, top + SCALE // 2, right - SCALE // 2, bottom - SCALE // 2),
        outline=rgb(colour),
        width=2 * SCALE,
    )
    return made


def sheet(rows: Sequence[Row], bar: Bar | None = None) -> Image.Image:
    """All rows below each other on a light ground, the bar at the end."""
    labels = LABELS if any(row.words for row in rows) else 0
    drawn = [_row(row, labels) for row in rows]
    if bar is not None:
        drawn.append(_bar(bar, labels))
    margin, step = MARGIN * SCALE, 12 * SCALE
    width = max(image.width for image in drawn) + 2 * margin
    height = sum(image.height + step for image in drawn) - step + 2 * margin
    made, y = Image.new("RGB", (width, height), rgb(GROUND)), margin
    for image in drawn:
        made.paste(image, (margin, y))
        y += image.height + step
    return made


def write(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], words: str, colour: int = INK_2, anchor: str = "la"
) -> None:
    """Words at a place in units, in the usual letters."""
    pen.text((at[0] * SCALE, at[1] * SCALE), words, rgb(colour), font(), anchor)


@cache
def font(size: float = LETTER) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """The letters that come with Pillow."""
    return ImageFont.load_default(size * SCALE)


def length(words: str) -> float:
    """How long words are, in units."""
    return font().getlength(words) / SCALE


def png(image: Image.Image) -> bytes:
    """The file of a picture; with a palette of 256 colours, then smaller, where it would be too large."""
    made = _saved(image)
    if len(made) > LARGEST:
        image = image.quantize(256, dither=Image.Dither.NONE)
        made = _saved(image)
    while len(made) > LARGEST:
        image = image.convert("RGB").resize((image.width * 4 // 5, image.height * 4 // 5))
        made = _saved(image.quantize(256, dither=Image.Dither.NONE))
    return made


def _saved(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _row(row: Row, labels: int) -> Image.Image:
    """The tiles with their words below, in lines; the row's own words at the left."""
    gap, below = row.gap * SCALE, LINE_HEIGHT * SCALE
    lines = [row.tiles[at : at + row.columns] for at in range(0, len(row.tiles), row.columns)]
    heights = [max(t.image.height + below * len(t.words) for t in line) for line in lines]
    widths = [sum(_width(t) + gap for t in line) - gap for line in lines]
    height = max(sum(heights) + gap * (len(lines) - 1), below * len(row.words))
    made = Image.new("RGB", (labels * SCALE + max(widths), height), rgb(GROUND))
    pen, y = ImageDraw.Draw(made), 0
    for index, words in enumerate(row.words):
        write(pen, (0, index * LINE_HEIGHT), words, INK_2 if index else INK)
    for line, high in zip(lines, heights, strict=True):
        x = labels * SCALE
        for one in line:
            made.paste(one.image, (x, y))
            for index, words in enumerate(one.words):
                top = (y + one.image.height) / SCALE + 2 + index * LINE_HEIGHT
                write(pen, (x / SCALE, top), words, INK_2 if index else INK)
            x += _width(one) + gap
        y += high + gap
    return made


def _width(one: Tile) -> int:
    """Pixels that a tile takes with its words."""
    return max([one.image.width, *(round(length(words) * SCALE) for words in one.words)])


def _bar(bar: Bar, labels: int) -> Image.Image:
    """`low [colours] high  about`."""
    wide, high = 120, 10
    parts = np.linspace(0, 1, wide * SCALE)[None].repeat(high * SCALE, 0)
    ramp = signed(2 * parts - 1, 1) if bar.colours is SIGNED else viridis(parts, 0, 1)
    start = labels + length(bar.low) + 6
    width = start + wide + 6 + length(bar.high) + 14 + length(bar.about)
    made = Image.new("RGB", (round(width * SCALE), LINE_HEIGHT * SCALE), rgb(GROUND))
    pen = ImageDraw.Draw(made)
    made.paste(Image.fromarray(ramp), (round(start * SCALE), 2 * SCALE))
    write(pen, (labels, 0), bar.low)
    write(pen, (start + wide + 6, 0), bar.high)
    write(pen, (start + wide + 6 + length(bar.high) + 14, 0), bar.about)
    return made
