"""A space that somebody pastes into the form of a new study."""

MINE = """\
space: mine
about: A small family of plain networks.
input: {channels: 3, size: 32, classes: 10}
use: [blocks]
parameters:
  width: {int: [4, 32], step: 4}
  depth: {int: [1, 3]}
architecture:
  - repeat: depth
    as: i
    body:
      - conv: {out: =width, kernel: 3}
      - norm
      - relu
  - global_avg_pool
  - linear: {out: =input.classes}
"""
