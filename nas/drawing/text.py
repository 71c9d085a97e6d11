"""Text in a drawing: how wide it is at most, and numbers in words."""

from xml.sax.saxutils import escape as escaped

_WIDTHS = {
    **dict.fromkeys("ijl'|.,:;·! ", 0.34),
    **dict.fromkeys("frtI()[]/-", 0.42),
    **dict.fromkeys("mwMW%@", 0.96),
    **dict.fromkeys("ABCDEFGHKNOPQRSTUVXYZ×+=–→", 0.8),
}
USUAL = 0.64
"""Width of any other character in em: those of DejaVu Sans, the widest of the usual fonts."""
BOLD = 1.1
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """No less than the width of `text` in pixels at a font size, in any usual system font."""
    return sum(_WIDTHS.get(char, USUAL) for char in text) * size * (BOLD if bold else 1.0)


def escape(text: str) -> str:
    """For an SVG's text or attribute; characters that XML has no place for become question marks."""
    legal = "".join(
        c if c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe" else _odd(c) for c in text
    )
    return escaped(legal, {'"': "&quot;"})


def _odd(char: str) -> str:
    return char if char in "\n\t" or char > "\uffff" else "?"


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def si(number: float) -> str:
    """Three digits and an SI prefix: 4.23 G, 25.0 M, 512."""
    for size, prefix in UNITS:
        if abs(number) >= size * 0.9995:
            scaled = number / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f} {prefix}"
    return f"{number:g}"


def share(part: int, whole: int) -> str:
    """`12 %`, `< 1 %` or `0 %`."""
    if not part or not whole:
        return "0 %"
    percent = 100 * part / whole
    return "< 1 %" if percent < 1 else f"{percent:.0f} %"
