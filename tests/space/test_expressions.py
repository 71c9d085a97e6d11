"""The expressions of the language: what they can do, and that nothing else can be done."""

import math
import time

import pytest
from hypothesis import given, strategies as st

from nas.space.expressions import RefusedError, Scope, compile_expression, function
from nas.space.functions import ExpressionError
from nas.space.names import checked

SCOPE = Scope(frozenset({"a", "b", "items"}), {"i": "v_i"}, "here", frozenset({"net"}))


class Values:
    a, b, items = 3, 2.5, ((1, 2), (3, 4))
    _input_size = 32


def value(text: str) -> object:
    return function(compile_expression(text, SCOPE).source, "N", "v_i")(Values, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2 - 1", 7.0),
        ("a ** 2 // 2 % 3", 1),
        ("-a if not a > b else +a", 3),
        ("items[i][0] + items[-1][1]", 7),
        ("[x * 2 for x in range(4) if x != 2]", (0, 2, 6)),
        ("sum([x * y for x in [1, 2] for y in [3, 4]])", 21),
        ("len(items) == 2 and a in [1, 2, 3]", True),
        ("[0] * 3 + [1]", (0, 0, 0, 1)),
        ("make_divisible(36.8, 8)", 40),
        ("make_divisible(10, 8)", 16),
        ("round(2.5) + floor(2.9) + ceil(2.1) + int(3.9)", 10),
        ("max(1, min(2, 3)) * sqrt(16) + log2(8) + abs(-1)", 12.0),
        ("true and not false", True),
        ("input.size // 2", 16),
        ("items[0:1]", ((1, 2),)),
    ],
)
def test_what_it_can_do(text: str, expected: object) -> None:
    assert value(text) == expected


def test_make_divisible_never_falls_by_more_than_a_tenth() -> None:
    """As the reference code of MobileNet rounds."""

    def reference(v: float, d: int) -> int:
        new = max(d, int(v + d / 2) // d * d)
        return new + d if new < 0.9 * v else new

    from nas.space.functions import make_divisible

    for tenths in range(1, 3000):
        assert make_divisible(tenths / 10, 8) == reference(tenths / 10, 8)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "().__class__.__bases__[0].__subclasses__()",
        "a.real",
        "input.shape",
        "here.__class__",
        "refs.other.macs",
        "open('/etc/passwd')",
        "lambda: 1",
        "(x for x in items)",
        "sum(x for x in items)",
        "{1: 2}",
        "{1, 2}",
        "f'{a}'",
        "a := 3",
        "a @ b",
        "a << 3",
        "a is b",
        "print",
        "min",
        "round(a, ndigits=2)",
        "max(*items)",
        "[a for a in items]",
        "[x for x, y in items]",
        "unknown",
        "1e400",
        "1" + "0" * 30,
        "b''",
        "1j",
        "...",
        "a; b",
        "",
        "=a",
        "await a",
        "[x for x in [y for y in [z for z in items]]]",
        "1 +" * 400 + "1",
        "(" * 300 + "1" + ")" * 300,
        "N.a",
        "_listed",
        "v_i",
    ],
)
def test_what_is_refused_when_read(text: str) -> None:
    with pytest.raises(RefusedError):
        compile_expression(text, SCOPE)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "(10**18)**1000",
        "2.0**5000",
        "(-8)**0.5",
        "[0] * 10**9",
        "range(10**12)",
        "[x for x in range(9000) for y in range(9000)]",
        "round(a, -10**9)",
        "sqrt(-1)",
        "log(0)",
        "1 / 0",
        "a % 0",
        "'%99999999d' % 1",
        "10**18 * 10**18",
        "float('nan')",
        "float('inf')",
    ],
)
def test_what_is_stopped_when_run(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises((ExpressionError, ArithmeticError, TypeError)):
        checked(value(text))
    assert time.monotonic() - begun < 5


@given(st.text(max_size=60))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    try:
        code = compile_expression(text, SCOPE)
    except RefusedError as error:
        assert str(error)
    else:
        assert "__" not in code.source


NUMBERS = st.one_of(st.integers(-50, 50), st.floats(-50, 50).map(lambda x: round(x, 3)))


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "=="]))
def test_it_computes_what_python_computes(x: float, y: float, z: float, operator: str) -> None:
    text = f"({x!r}) {operator} (({y!r}) + ({z!r}))"
    try:
        expected = eval(text)
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            value(text)
    else:
        assert value(text) == expected or math.isclose(float(str(value(text))), expected)
