"""Python laid out as formatters lay it out: on one line where it fits, else one part a line."""

from dataclasses import dataclass

WIDTH = 110


@dataclass(frozen=True)
class Group:
    """Parts in brackets. Where they do not fit on the line each gets its own, followed by `between`; of a
    `dense` group all get one of their own, if that is enough."""

    opening: str
    parts: "tuple[Doc, ...]"
    closing: str
    between: str = ","
    dense: bool = False

    def flat(self) -> str:
        """On one line."""
        space = f"{self.between} "
        return f"{self.opening}{space.join(map(flat, self.parts))}{self.closing}"


@dataclass(frozen=True)
class Row:
    """Pieces of one expression, which is only broken inside its brackets."""

    pieces: "tuple[Doc, ...]"

    def flat(self) -> str:
        """On one line."""
        return "".join(map(flat, self.pieces))


@dataclass(frozen=True)
class Choice:
    """`this if condition else that`."""

    this: "Doc"
    condition: str
    that: str

    def flat(self) -> str:
        """On one line."""
        return f"{flat(self.this)} if {self.condition} else {self.that}"


@dataclass(frozen=True)
class Sum:
    """Operands with a sign between them; in brackets where it does not fit."""

    parts: "tuple[Doc, ...]"
    sign: str

    def flat(self) -> str:
        """On one line."""
        return f" {self.sign} ".join(map(flat, self.parts))


Doc = str | Group | Row | Choice | Sum


def flat(doc: Doc) -> str:
    """The expression on one line."""
    return doc if isinstance(doc, str) else doc.flat()


def lines(doc: Doc, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """The expression from a column on, with what stands before and after it on its lines."""
    whole = " " * indent + before + flat(doc) + after
    if len(whole) <= WIDTH or isinstance(doc, str):
        return [whole]
    pad = " " * indent
    if isinstance(doc, Group):
        together = f"{pad}    {', '.join(map(flat, doc.parts))}"
        if doc.dense and len(together) <= WIDTH:
            return [pad + before + doc.opening, together, pad + doc.closing + after]
        inside = [line for part in doc.parts for line in lines(part, indent + 4, after=doc.between)]
        return [pad + before + doc.opening, *inside, pad + doc.closing + after]
    if isinstance(doc, Choice):
        return _choice(doc, indent, before, after)
    if isinstance(doc, Sum):
        return _sum(doc, indent, before, after)
    first = next((i for i, piece in enumerate(doc.pieces) if isinstance(piece, Group)), None)
    if first is None:
        return [whole]
    front = "".join(map(flat, doc.pieces[:first]))
    back = "".join(map(flat, doc.pieces[first + 1 :]))
    return lines(doc.pieces[first], indent, before + front, back + after)


def _choice(doc: Choice, indent: int, before: str, after: str) -> list[str]:
    if before:  # an assignment or a return
        inside = _choice(doc, indent + 4, "", "")
        return [" " * indent + before + "(", *inside, " " * indent + ")" + after]
    pad = " " * indent
    return [*lines(doc.this, indent), f"{pad}if {doc.condition}", f"{pad}else {doc.that}{after}"]


def _sum(doc: Sum, indent: int, before: str, after: str) -> list[str]:
    first, *others = doc.parts
    inside = lines(first, indent + 4)
    for part in others:
        inside += lines(part, indent + 4, f"{doc.sign} ")
    return [" " * indent + before + "(", *inside, " " * indent + ")" + after]
