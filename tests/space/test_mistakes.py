"""A mistake in a space gets one message: file, line, key path, value, what is allowed."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import nas
from nas.errors import InfeasibleError, NasError, SpaceError, UnknownNameError

GOOD = """
space: small
about: a small space
input: {channels: 3, size: 8, classes: 10}
constants:
  base: 8
parameters:
  depth: {int: [1, 3]}
  width: {choice: [8, 16]}
derived:
  wide: width * base
constraints: ["params <= 1e9"]
architecture:
  - repeat: depth
    as: i
    body:
      - conv: {out: =wide, kernel: 3}
      - relu
  - global_avg_pool
  - linear: {out: =input.classes}
"""

MISTAKES = [
    ("space: small", "space: [1]", "space.yaml:2: space: [1]: Input should be a valid string"),
    ("about: a small space", "abuot: x", "unknown key 'abuot': keys here are about, answer,"),
    ("about: a small space\n", "", "the key 'about' is missing"),
    ("size: 8", "size: -3", "input.size: -3 is not a whole number from 1 to 100000"),
    ("depth: {int: [1, 3]}", "depth: {int: [3, 1]}", "parameters.depth: "),
    (
        "depth: {int: [1, 3]}",
        "depth: {ints: [3, 1]}",
        "unknown key 'ints': keys here are choice, float, int,",
    ),
    ("depth: {int: [1, 3]}", "depth: {int: [1, 3], choice: [2]}", "exactly one of choice, int, float"),
    (
        "depth: {int: [1, 3]}",
        "depth: {int: [1, x]}",
        "parameters.depth.int[1]: 'x': Input should be a valid integer",
    ),
    ("depth: {int: [1, 3]}", "depth: {int: [1, 3], log: true, step: 2}", "log needs a positive lower bound"),
    (
        "depth: {int: [1, 3]}",
        "depth: {int: [1, 3], length: base +}",
        "parameters.depth.length: 'base +' is not",
    ),
    ("depth: {int: [1, 3]}", "depth: {choice: []}", "choice needs at least one value"),
    ("depth: {int: [1, 3]}", "depth: {choice: [1, 1]}", "choice 1 stands twice"),
    ("base: 8", "base: .nan", "is not a finite float"),
    ("base: 8", "base: 1e999", "is not a finite float"),
    ("base: 8", "min: 8", "'min' is a word of the language"),
    ("base: 8", "params: 8", "'params' is a cost of the network"),
    ("base: 8", "base: 8\n  width: 8", "'width' is given twice"),
    ("base: 8", "base: 8\n  base: 9", "key 'base' stands twice"),
    ("base: 8", "base: =wide", "base -> wide -> base: a value that needs itself"),
    ("wide: width * base", "wide: width * bass", "derived.wide: unknown name 'bass'"),
    ("wide: width * base", "wide: width * bass", "did you mean 'base'"),
    ("wide: width * base", "wide: other\n  other: wide", "a value that needs itself"),
    ("wide: width * base", "wide: wide + 1", "wide -> wide: a value that needs itself"),
    ("wide: width * base", "wide: width.real", "the only attributes are input.channels"),
    ("wide: width * base", "wide: open('x')", "call of 'open': the functions are min, max"),
    ("wide: width * base", "wide: {solve: wide + 1, domain: [1, 2]}", "is not an equation"),
    ("wide: width * base", "wide: {solve: 'wide = 1', domain: [2, 1]}", "domain [2.0, 1.0] is empty"),
    ("wide: width * base", "wide: {solve: 'wide = 1', domian: [2, 1]}", "unknown key 'domian'"),
    ("wide: width * base", "wide: here.channels", "`here` exists only inside the architecture"),
    ("params <= 1e9", "params <= 1e9 and macs << 3", "operators are + - * / // % **"),
    ("params <= 1e9", "refs.vgg.macs > 3", "no reference 'vgg'"),
    ("- repeat: depth", "- repeat: depht", "architecture[0].repeat: unknown name 'depht'"),
    ("    as: i", "    as: base", "'base' is a name already: names are not shadowed"),
    ("    as: i", "    az: i", "'az' cannot stand here: keys of repeat are"),
    ("conv: {out: =wide, kernel: 3}", "conv: {out: =wide, kernal: 3}", "unknown argument of conv 'kernal'"),
    ("conv: {out: =wide, kernel: 3}", "conv: {out: =wide}", "conv needs kernel"),
    ("conv: {out: =wide, kernel: 3}", "conv: 3", "arguments are a mapping"),
    ("conv: {out: =wide, kernel: 3}", "cnov: {out: =wide}", "unknown layer or block 'cnov'"),
    ("conv: {out: =wide, kernel: 3}", "cnov: {out: =wide}", "did you mean 'conv'"),
    ("conv: {out: =wide, kernel: 3}", "from: x", "unknown named value 'x'"),
    ("conv: {out: =wide, kernel: 3}", "sum: {a: 1}", "a list of branches"),
    ("conv: {out: =wide, kernel: 3}", "choose: depth", "choose needs among"),
    ("conv: {out: =wide, kernel: 3}", "{conv: {out: 3, kernel: 1}, norm: {}}", "one layer or block an entry"),
    ("- relu", "- 3", "architecture[0].body[1]: 3: an entry is a name or a mapping"),
    ("- relu", "- {body: [relu]}", "'body' cannot stand here"),
    ("space: small", "space: small\nuse: [nothing]", "use[0]: no file nothing.yaml"),
    ("space: small", "space: small\nuse: nothing", "a list of names of files"),
    ("about: a small space", "about: a\ndefine: {conv: {body: []}}", "is a layer of the language"),
    (
        "about: a small space",
        "about: a\ndefine: {a: {body: [b]}, b: {body: [a]}}",
        "a -> b -> a: a block inside itself",
    ),
    (
        "about: a small space",
        "about: a\ntraining: 3",
        "space.yaml:4: training: 3: Input should be a valid dict",
    ),
    ("about: a small space", "about: a\n  b: c", "not YAML"),
    (
        "about: a small space",
        "about: a\nprofiles: {x: {sets: {}}}",
        "unknown key 'sets': keys here are about, input",
    ),
    (
        "about: a small space",
        "about: a\nreferences: {x: {published: {params: many}}}",
        "references.x.published.params",
    ),
]


def load(tmp_path: Path, text: str) -> nas.Space:
    file = tmp_path / "space.yaml"
    file.write_text(text, encoding="utf-8")
    return nas.load_space(file)


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).architecture({"depth": 2, "width": 8}).cost.layers == 3


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[f"{n}-{m[:30]}" for _, n, m in MISTAKES])
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(NasError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    text = str(caught.value)
    assert "space.yaml" in text
    assert message in text
    assert len(text) < 700
    assert "\n" not in text


def test_lines_are_right(tmp_path: Path) -> None:
    with pytest.raises(
        SpaceError, match=r"space\.yaml:17: architecture\[0\]\.body\[0\]\.conv\.out: unknown name"
    ):
        load(tmp_path, GOOD.replace("=wide", "=wyde"))


def test_mistakes_that_show_only_at_a_point(tmp_path: Path) -> None:
    made = load(tmp_path, GOOD.replace("=wide", "=wide + 0.5"))
    with pytest.raises(
        SpaceError, match=r"conv: out of conv must be a whole number, not 64\.5: round it first"
    ):
        made.architecture({"depth": 1, "width": 8})
    made = load(tmp_path, GOOD.replace("=input.classes", "=input.classes + 1"))
    with pytest.raises(SpaceError, match="the network ends in 11, not in one number for each of 10 classes"):
        made.architecture({"depth": 1, "width": 8})
    made = load(tmp_path, GOOD.replace("width * base", "'[1, 2][width]'"))
    with pytest.raises(SpaceError, match="derived.wide: tuple index out of range"):
        made.architecture({"depth": 1, "width": 8})


def test_names_of_spaces_have_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="unknown space 'vg'.*did you mean 'vgg'"):
        nas.load_space("vg")
    with pytest.raises(SpaceError, match=r"no file 'nowhere/vgg.yaml'"):
        nas.load_space("nowhere/vgg.yaml")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 10)}]" for i in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a [*a]",
        "- " * 3000,
        "[" * 5000,
        "{" * 5000,
        "? [1]\n: 2",
        "",
        "---\n...",
        "3",
        "[1, 2]",
        "\x00",
        "a: !!python/object/apply:os.system ['true']",
        "x: 1\n---\ny: 2",
        "a: " + "9" * 100,
        "x" * 2_000_000,
        "<<: {a: 1}",
        "a: *nothing",
        "\t- a",
        "key: 'unclosed",
    ],
    ids=range(19),
)
def test_files_that_are_no_spaces(tmp_path: Path, text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(NasError) as caught:
        load(tmp_path, text)
    assert "space.yaml" in str(caught.value)
    assert time.monotonic() - begun < 10


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_space_with_any_part_torn_out_or_doubled_is_a_space_or_a_clear_mistake(
    tmp_path: Path, data: st.DataObject
) -> None:
    lines = GOOD.splitlines()
    index = data.draw(st.integers(1, len(lines) - 1))
    action = data.draw(st.sampled_from(["drop", "double", "swap", "indent", "cut", "garble"]))
    if action == "drop":
        del lines[index]
    elif action == "double":
        lines.insert(index, lines[index])
    elif action == "swap":
        other = data.draw(st.integers(1, len(lines) - 1))
        lines[index], lines[other] = lines[other], lines[index]
    elif action == "indent":
        lines[index] = "  " + lines[index]
    elif action == "cut":
        lines[index] = lines[index][: data.draw(st.integers(0, len(lines[index])))]
    else:
        at = data.draw(st.integers(0, len(lines[index])))
        lines[index] = lines[index][:at] + data.draw(st.text(max_size=5)) + lines[index][at:]
    try:
        made = load(tmp_path, "\n".join(lines))
        made.architecture(
            made.walk(lambda label, domain: domain.sample(__import__("numpy").random.default_rng(0)))
        )
    except InfeasibleError:
        pass
    except NasError as error:
        assert "space.yaml" in str(error)
