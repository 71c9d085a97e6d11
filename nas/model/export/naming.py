"""What exported classes are called, and what is said of them."""

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from nas.model.export.classes import ClassDef, times_used
from nas.model.export.terms import Join, Layer, New, Repeat, Term, inside, row

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
    within = any(other.scope == "stage" and times_used(other.body, key) for other in classes.values())
    for part in inside(made.body):
        if isinstance(part, Repeat) and within:
            return f"{classes[part.body.name].scope}s" if isinstance(part.body, New) else "blocks"
    layers = {part.name for part in inside(made.body) if isinstance(part, Layer)}
    return "fully_connected" if "nn.Linear" in layers and "nn.Conv2d" not in layers else "stage"


def said(made: ClassDef, words: Mapping[str, str], classes: Mapping[str, ClassDef]) -> str:
    """A class in words: the space's own, or what it is made of."""
    own = words.get(made.scope, "").strip()
    if not own and made.scope == "stage":
        own = _in_a_row(made.body, classes)
    own = own or _made_of(made, classes)
    return f"{own[0].upper()}{own[1:]}{'' if own.endswith('.') else '.'}"


def _in_a_row(body: Term, classes: Mapping[str, ClassDef]) -> str:
    """A row of blocks in words; empty where no class of ours is in it."""
    pairs = [(p.body, True) if isinstance(p, Repeat) else (p, False) for p in row(body)]
    times = Counter(part.name for part, _ in pairs if isinstance(part, New))
    told = []
    for part, again in pairs:
        if isinstance(part, New):
            scope = classes[part.name].scope
            several = again or times[part.name] > 1 or scope == "stage"
            told.append("blocks" if several else scope.replace("_", " "))
        elif isinstance(part, Layer):
            told.append(KINDS.get(_bare(part), _bare(part)))
    if set(told) == {"blocks"}:
        return "blocks one after the other"
    return ", ".join(dict.fromkeys(told)) if times else ""


def _made_of(made: ClassDef, classes: Mapping[str, ClassDef]) -> str:
    words = list(dict.fromkeys(_words(made.body, classes)))
    if _is_residual(made.body):
        return f"residual block: {', '.join(words)}" if words else "residual block"
    words += dict.fromkeys(JOINS[p.kind] for p in inside(made.body) if isinstance(p, Join))
    return ", ".join(words) or made.scope.replace("_", " ")


def _words(body: Term, classes: Mapping[str, ClassDef]) -> Iterator[str]:
    """Its layers, with those of rows of layers that it uses, and the other classes."""
    for part in inside(body):
        if isinstance(part, Layer) and part.name != "nn.Flatten":
            yield KINDS.get(_bare(part), _bare(part))
        elif isinstance(part, New) and (other := classes[part.name]).is_row:
            yield from _words(other.body, classes)
        elif isinstance(part, New):
            yield other.scope.replace("_", " ")


def _is_residual(body: Term) -> bool:
    """Whether a path is added to the value itself, or to what fits it to the path."""
    sums = [part for part in inside(body) if isinstance(part, Join) and part.kind == "sum"]
    return len(sums) == 1 and (sums[0].bare is not None or len(sums[0].branches) == 2)


def _bare(layer: Layer) -> str:
    return layer.name.removeprefix("nn.")
