"""Every shipped space broken in every way below: one clear message each, quickly, and never a crash."""

import copy
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
from nas.errors import InfeasibleError, NasError
from nas.space.load import shipped_folder, shipped_names
from nas.space.schema import Where
from nas.space.yaml_reader import Source

Raw = dict[str, Any]
TAIL = "\nboom: &a [&b [*b]]"


def put(part: str, **values: Any) -> Callable[[Raw], None]:
    """Add values to a mapping of the space."""

    def change(raw: Raw) -> None:
        raw.setdefault(part, {}).update(values)

    return change


def rule(text: Any, **derived: Any) -> Callable[[Raw], None]:
    """Add a constraint, and derived values that it reads."""

    def change(raw: Raw) -> None:
        raw.setdefault("derived", {}).update(derived)
        raw["constraints"] = [*raw.get("constraints", []), text]

    return change


def first(entry: Any) -> Callable[[Raw], None]:
    """Put an entry before all others of the architecture."""
    return lambda raw: raw["architecture"].insert(0, entry)


def without(key: str) -> Callable[[Raw], None]:
    """Take a key away."""
    return lambda raw: raw.pop(key) and None


BREAKS: dict[str, Callable[[Raw], None]] = {
    "an unknown key": lambda raw: raw.update(paramters={}),
    "no architecture": without("architecture"),
    "no sentence about it": without("about"),
    "an empty choice": put("parameters", extra={"choice": []}),
    "bounds upside down": put("parameters", extra={"int": [3, 1]}),
    "a misspelt domain": put("parameters", extra={"flaot": [1, 3]}),
    "a value of itself": put("derived", extra="extra + 1"),
    "a circle": put("derived", extra="extra2", extra2="extra3", extra3="extra"),
    "a call of the system": put("derived", extra="open('/etc/passwd')"),
    "an attribute": put("derived", extra="(1).__class__"),
    "an import": put("derived", extra="__import__('os')"),
    "a tower of powers": rule("extra > 0", extra="9**9**9"),
    "an endless list": rule("len(extra) > 0", extra="[x for x in range(10**9)]"),
    "loops in loops": put("derived", extra="[x for x in [y for y in [z for z in [1]]]]"),
    "no number": put("constants", extra="@NAN@"),
    "an infinite number": put("constants", extra="@INF@"),
    "a word of the language as a name": put("constants", min=3),
    "a cost as a name": put("constants", params=3),
    "an equation without a root": rule("extra > 0", extra={"solve": "extra**2 = 0 - 1", "domain": [0, 9]}),
    "an equation with two roots": rule("extra > 0", extra={"solve": "extra**2 = 4", "domain": [-9, 9]}),
    "no equation": put("derived", extra={"solve": "extra + 1", "domain": [0, 9]}),
    "an impossible rule": rule("params < 0"),
    "a rule that is a number": rule("params"),
    "an unknown layer": first("cnov"),
    "a layer without its arguments": first("conv"),
    "an unknown argument": first({"relu": {"slope": 1}}),
    "a million repeats": first({"repeat": 10**6, "body": ["relu"]}),
    "repeats in repeats": first({"repeat": 9999, "body": [{"repeat": 9999, "body": ["relu"]}]}),
    "groups that do not divide": first({"conv": {"out": 7, "kernel": 1, "groups": 5}}),
    "a kernel larger than the map": first({"conv": {"out": 8, "kernel": 9999, "padding": 0}}),
    "branches that do not fit": first({"sum": [[], [{"conv": {"out": 77, "kernel": 1}}]]}),
    "a value from nowhere": first({"from": "nowhere"}),
    "a block in itself": put("define", extra={"body": ["extra"]}),
    "a reference to no name": put("references", extra={"set": {"nothing": 1}}),
    "a profile with an unknown key": put("profiles", extra={"sets": {}}),
    "text after the end": lambda raw: None,
}


@cache
def whole(name: str) -> Raw:
    """What is written in a shipped space."""
    file = shipped_folder() / f"{name}.yaml"
    written: Raw = Source(file.name, file.read_text(encoding="utf-8")).data
    return written


def broken(name: str, how: str) -> str:
    """The text of a shipped space, broken."""
    raw = copy.deepcopy(whole(name))
    BREAKS[how](raw)
    text = json.dumps(raw, indent=1).replace('"@NAN@"', ".nan").replace('"@INF@"', "1e999")
    return text + TAIL if how == "text after the end" else text


def test_the_corpus_is_large() -> None:
    assert len(BREAKS) * len(shipped_names()) >= 200


IN_TEXT = ("no number", "an infinite number", "text after the end")
"""What only a text can have wrong."""


def opened(name: str, how: str, folder: Path) -> nas.Space:
    """A broken space: from a file, but where nothing is wrong with the text, only of two spaces."""
    if name in QUICK or how in IN_TEXT:
        file = folder / "broken.yaml"
        file.write_text(broken(name, how), encoding="utf-8")
        return nas.load_space(file)
    raw = copy.deepcopy(inlined(name))
    BREAKS[how](raw)
    return nas.Space(raw, Where("broken.yaml"))


@cache
def inlined(name: str) -> Raw:
    """A shipped space with the definitions that it uses."""
    return dict(nas.load_space(name).raw)


def use(space: nas.Space) -> None:
    """Price a space's references and a few points."""
    for reference in space.references:
        space.reference(reference)
    for seed in range(3):
        space.architecture(space.draw(np.random.default_rng(seed)))


QUICK = ("efficientnet-scaling", "vgg")
NAMES = [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in shipped_names()]


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("name", NAMES)
def test_one_clear_message(name: str, how: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(NasError) as caught:
        use(opened(name, how, tmp_path))
    message = str(caught.value)
    assert "\n" not in message
    assert 10 < len(message) < 1500
    assert isinstance(caught.value, InfeasibleError) or "broken.yaml" in message
    assert time.monotonic() - begun < 20
