"""Networks that drawings are tested with."""

from functools import cache
from pathlib import Path

from nas.cost.architecture import Architecture
from nas.space.load import load_space, shipped_names
from nas.space.space import Space


@cache
def space(name: str) -> Space:
    return load_space(name)


@cache
def reference(space_name: str, name: str) -> Architecture:
    return space(space_name).reference(name)


def one_of_each() -> list[tuple[str, str]]:
    """The first published network of every shipped space, and those that drawings are judged by."""
    first = [(name, next(iter(space(name).references))) for name in shipped_names()]
    more = [
        ("efficientnet-scaling", "efficientnet_b7"),
        ("resnet", "resnet50"),
        ("densenet", "densenet121"),
        ("vgg", "vgg16"),
    ]
    return [*first, *more]


SPACE = """
space: own
about: A space of a test.
input: {{channels: 3, size: 16, classes: 4}}
parameters:
  k: {{choice: [1, 3]}}
define:
{define}
architecture:
{architecture}
"""


def written(folder: Path, architecture: str, define: str = "  nothing: {body: []}") -> Architecture:
    """The network of a space that a test writes; `k` is 3."""
    file = folder / "own.yaml"
    file.write_text(SPACE.format(define=define, architecture=architecture), encoding="utf-8")
    return load_space(str(file)).architecture({"k": 3})
