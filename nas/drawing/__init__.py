"""Architectures as pictures: SVG from the graph, for pages, reports and files.

`draw(architecture)` gives one SVG. The row at its top is to scale: a plate is a block or a layer, as
high as its map has pixels and as thick as it has channels; a rounded bar is a flat vector, as high as it
has numbers. Stages are folded; `unfold={"3"}` adds a panel with the blocks of stage 3, `unfold={"3", "3.1"}`
one more with the layers of its first block, `unfold={"*"}` everything. Paths are `stem`, `1`, `2`, ...,
`head` for the stages (`stages(architecture)` lists them) and `3.1` for blocks. Numbers are in the `<title>`
of each piece. `silhouette(architecture)` is the row's plates alone, small and without words.

A standalone drawing (the default) brings its own style, light and dark, and a background. An embedded one
(`embedded=True`) has neither and takes `drawing.css`, which lies here, from its page, so that a strict
content security policy holds: no script, no style element or attribute, no id in either.

What a page may lean on:

- `svg.nas-drawing`: the root; its colours are the CSS variables `--nas-paper`, `--nas-ink`, `--nas-muted`,
  `--nas-line`, `--nas-faint`, `--nas-panel` and, by kind, `--nas-block`, `--nas-conv`, `--nas-pool`,
  `--nas-linear`, `--nas-other`, `--nas-join`, `--nas-gate`, which a page may set on `.nas-drawing`.
  `width` and `height` are the natural size: put it into a box with `overflow-x: auto`.
- `g.nas-fold[data-stage]`: what can be unfolded, in the row and in the panels, with `nas-open` where it
  is. Embedded ones are buttons (`role`, `tabindex="0"`, `aria-expanded`, `aria-label`): on click, Enter or
  Space ask for the drawing again with `data-stage` added to `unfold`, or taken out of it.
- `g.nas-details[data-of]`: the panel of an unfolded stage or block.
- `.nas-plate`, `.nas-box` with a kind (`nas-block`, `nas-conv`, `nas-pool`, `nas-linear`, `nas-other`,
  `nas-zero`, `nas-image`): pieces in the row and in panels.
"""

from nas.drawing.draw import draw, silhouette
from nas.drawing.outline import Stage, stages

__all__ = ["Stage", "draw", "silhouette", "stages"]
