"""The shape of one image's values between two layers."""

from typing import NamedTuple


class Shape(NamedTuple):
    """`channels` x `size` x `size`, or a flat vector of `channels` numbers when `size` is 0."""

    channels: int
    size: int = 0

    @property
    def elements(self) -> int:
        """Numbers in a value of this shape, for one image."""
        return self.channels * (self.size * self.size or 1)

    def __str__(self) -> str:
        return f"{self.channels}x{self.size}x{self.size}" if self.size else str(self.channels)


class Input(NamedTuple):
    """What a network is given and asked for: `channels` x `size` x `size` images of `classes` kinds."""

    channels: int
    size: int
    classes: int

    @property
    def shape(self) -> Shape:
        """The shape of one image."""
        return Shape(self.channels, self.size)
