"""What exported classes are called, and what is said of them."""

import keyword
import re
from collections.abc import Iterable, Mapping

from nas.model.export.classes import ClassDef, uses
from nas.model.export.terms import Join, Layer, New, Repeat, inside, row

KINDS = {
    "Conv2d": "convolution",
    "BatchNorm2d": "batch normalisation",
    "BatchNorm1d": "batch normalisation",
    "Linear": "linear layer",
    "MaxPool2d": "max pool",
    "AvgPool2d": "average pool",
    "AdaptiveAvgPool2d": "global pool",
    "LocalResponseNorm": "local response normalisation",
}


JOINS = {
    "sum": "branches added up",
    "concat": "branches side by side",
    "gate": "gated",
    "gate_map": "channels gated",
}


def class_name(name: str) -> str:
    """`efficientnet_b0` as a class: `EfficientnetB0`."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word]
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined if joined.isidentifier() and not keyword.iskeyword(joined) else f"Network{joined}"


def class_names(classes: Mapping[str, ClassDef], reserved: Iterable[str]) -> dict[str, str]:
    """A name for every class, none of the `reserved`."""
    taken = set(reserved)
    names: dict[str, str] = {}
    for key in sorted(classes, key=lambda k: classes[k].scope == "stage"):
        stem = class_name(_scope(key, classes))
        names[key] = next(n for i in range(1, 10_000) if (n := f"{stem}{i if i > 1 else ''}") not in taken)
        taken.add(names[key])
    return names


def _scope(key: str, classes: Mapping[str, ClassDef]) -> str:
    """What a class is called: loops in a stage after what they repeat, stages of flat layers after these."""
    made = classes[key]
    if made.scope != "stage":
        return made.scope
    within = any(other.scope == "stage" and uses(other.body, key) for other in classes.values())
    for part in inside(made.body):
        if isinstance(part, Repeat) and within:
            return f"{classes[part.body.name].scope}s" if isinstance(part.body, New) else "blocks"
    first = row(made.body)[0]
    return "fully_connected" if isinstance(first, Layer) and first.name == "nn.Linear" else "stage"


def said(made: ClassDef, words: Mapping[str, str]) -> str:
    """A class in words: the space's own, or what it is made of."""
    own = words.get(made.scope, "").strip()
    if not own and made.scope == "stage" and any(isinstance(part, New) for part in inside(made.body)):
        own = "blocks one after the other"
    own = own or _made_of(made)
    return f"{own[0].upper()}{own[1:]}{'' if own.endswith('.') else '.'}"


def _made_of(made: ClassDef) -> str:
    parts = [
        p.name.removeprefix("nn.")
        for p in inside(made.body)
        if isinstance(p, Layer) and p.name != "nn.Flatten"
    ]
    words = list(dict.fromkeys(KINDS.get(p, p) for p in parts))
    joins = [JOINS[p.kind] for p in inside(made.body) if isinstance(p, Join)]
    words += dict.fromkeys(joins)
    return ", ".join(words) or made.scope.replace("_", " ")
