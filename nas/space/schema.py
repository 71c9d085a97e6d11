"""The shape of a space's YAML: which keys there are and what each may hold.

The architecture's entries are checked where they are compiled (`nas.space.template`), since what
they may be depends on the primitives and definitions in sight.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nas.errors import SpaceError, did_you_mean
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.yaml_reader import Path

Whole = int
Number = float
Expression = bool | int | float | str
Entries = list[Any]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
SpaceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceModel(_Part):
    """Where a family was published."""

    title: str
    authors: str = ""
    year: int | None = None
    arxiv: str | None = None
    url: str | None = None


class InputModel(_Part):
    """The images: channels, size (pixels a side) and classes; each may be an expression."""

    channels: int | str = 3
    size: int | str = 224
    classes: int | str = 1000


class ParameterModel(_Part):
    """A parameter: one of `choice`, `int: [low, high]`, `float: [low, high]`."""

    choice: list[Any] | None = None
    int: tuple[Whole, Whole] | None = None
    float: tuple[Number, Number] | None = None
    step: Number | None = None
    log: bool = False
    length: Expression | None = None
    when: Expression | None = None

    @model_validator(mode="before")
    @classmethod
    def _bounds_are_lists(cls, data: Any) -> Any:
        for kind in ("int", "float"):
            if isinstance(data, dict) and isinstance(data.get(kind), list):
                data = {**data, kind: tuple(data[kind])}
        return data

    @model_validator(mode="after")
    def _is_a_domain(self) -> "ParameterModel":
        self.domain()
        return self

    def domain(self) -> Domain:
        """The domain that this declares; ValueError says what is wrong with it."""
        kinds = [kind for kind in ("choice", "int", "float") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError("a parameter has exactly one of choice, int, float")
        if self.choice is not None:
            return self._choice(self.choice)
        low, high = self.int if self.int is not None else self.float or (0.0, 0.0)
        if not low <= high or abs(low) > 1e15 or abs(high) > 1e15:
            raise ValueError(f"[{low}, {high}] is empty or beyond 1e15: write [low, high]")
        if self.log and (low <= 0 or self.step is not None):
            raise ValueError("log needs a positive lower bound and no step")
        if self.step is not None and self.step <= 0:
            raise ValueError(f"step {self.step} is not positive")
        if self.int is not None:
            if self.step is not None and self.step != int(self.step):
                raise ValueError(f"step {self.step} of whole numbers is not a whole number")
            return Int(*self.int, step=int(self.step or 1), log=self.log)
        if self.step is not None and (high - low) / self.step > 1e9:
            raise ValueError(f"step {self.step} makes more than 1e9 values")
        return Float(float(low), float(high), step=self.step, log=self.log)

    def _choice(self, values: list[Any]) -> Choice:
        if not values or self.step is not None or self.log:
            raise ValueError("choice needs at least one value, and neither step nor log")
        frozen = tuple(frozen_value(value) for value in values)
        for index, value in enumerate(frozen):
            if Choice(frozen[:index]).contains(value):
                raise ValueError(f"choice {value!r} stands twice")
        return Choice(frozen)


class _WithDomain(_Part):
    domain: tuple[float, float]

    @model_validator(mode="before")
    @classmethod
    def _domain_is_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("domain"), list):
            return {**data, "domain": tuple(data["domain"])}
        return data


class SolveModel(_WithDomain):
    """A derived value that solves an equation within `domain`."""

    solve: str
    round: Literal["nearest", "down", "up"] | None = None
    multiple: int | None = None
    step: float | None = None
    pick: Literal["min", "max"] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "SolveModel":
        if not self.domain[0] <= self.domain[1]:
            raise ValueError(f"domain {list(self.domain)} is empty: write [low, high]")
        if self.multiple is not None and (self.multiple < 1 or self.round is None):
            raise ValueError("multiple is a positive whole number and needs round")
        if self.step is not None and self.step <= 0:
            raise ValueError(f"step {self.step} is not positive")
        return self


class IsoModel(_WithDomain):
    """Where the value of a name is looked for that gives every network of a space the same cost."""

    step: float = 1

    @model_validator(mode="after")
    def _makes_sense(self) -> "IsoModel":
        if not 0 < self.domain[0] <= self.domain[1] or self.step <= 0:
            raise ValueError("write domain: [low, high] with 0 < low, and step: above 0")
        return self


class DefinitionModel(_Part):
    """A block: its arguments (null: required; a default may be an expression) and its body."""

    about: str = ""
    args: dict[Name, Any] = {}
    body: Entries


class ReferenceModel(_Part):
    """A published member: what it sets, its input where it differs, and its published numbers."""

    set: dict[str, Any] = {}
    input: InputModel | None = None
    profile: str | None = None
    about: str = ""
    published: dict[str, float | int] = {}


class ProfileModel(_Part):
    """A variant of the space, for a data set of its name or by `--profile`."""

    about: str = ""
    set: dict[str, Any] = {}
    input: InputModel | None = None
    parameters: dict[Name, ParameterModel] = {}
    training: dict[str, Any] = {}


class FamilyModel(_Part):
    """A row of networks from one point: the constant to vary, and its values."""

    vary: Name
    over: list[int | float]


class AnswerModel(_Part):
    """What the end of a search shows besides the best: names, references, a baseline, a family."""

    show: list[Name] = []
    beside: list[str] = []
    baseline: ReferenceModel | None = None
    family: FamilyModel | None = None


class SpaceModel(_Part):
    """A whole space."""

    space: SpaceName
    about: str
    source: SourceModel | list[SourceModel] | None = None
    input: InputModel = InputModel()
    use: list[SpaceName] = []
    define: dict[Name, DefinitionModel] = {}
    constants: dict[Name, Any] = {}
    parameters: dict[Name, ParameterModel] = {}
    derived: dict[Name, SolveModel | Expression] = {}
    constraints: list[Expression] = []
    architecture: Entries
    training: dict[str, Any] = {}
    iso: Annotated[dict[Name, IsoModel], Field(max_length=1)] = {}
    references: dict[str, ReferenceModel] = {}
    profiles: dict[str, ProfileModel] = {}
    answer: AnswerModel = AnswerModel()


class BlocksModel(_Part):
    """A file of definitions for `use`."""

    blocks: SpaceName
    about: str = ""
    define: dict[Name, DefinitionModel]


def check(model: type[BaseModel], data: Any, where: "Where") -> BaseModel:
    """`data` as a `model`; a `SpaceError` with file, line, key path, value and what is allowed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # a misspelt key explains a missing one; the deepest place says most
        first = min(error.errors(), key=lambda e: (e["type"] != "extra_forbidden", -len(e["loc"])))
        raise where.error(_path(data, first["loc"]), _message(first, model)) from None


def _path(data: Any, loc: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that exists in the data (it adds names of union members)."""
    path: list[int | str] = []
    for part in loc:
        inside = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if inside or (isinstance(data, dict) and part in data):
            data = data[part]
        elif part != loc[-1]:
            continue
        else:
            break
        path.append(part)
    return tuple(path)


def _message(error: Any, model: type[BaseModel]) -> str:
    value = repr(error["input"])
    shown = value if len(value) <= 80 else value[:77] + "..."
    kind, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        known = sorted(_keys(model, error["loc"][:-1]))
        return f"unknown key {name!r}: keys here are {', '.join(known)}{did_you_mean(name, known)}"
    if kind == "missing":
        return f"the key {name!r} is missing"
    return f"{shown}: {error['msg'].removeprefix('Value error, ')}"


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """The keys that pydantic allows at a location."""
    found: Any = model
    for part in loc:
        if isinstance(found, type) and issubclass(found, BaseModel):
            if part in found.model_fields:
                found = _model_in(found.model_fields[str(part)].annotation)
            elif part == found.__name__:
                continue
        elif isinstance(part, str) and part.endswith("Model"):
            found = globals().get(part, found)
    return set(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else set()


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _model_in(inner):
            return found
    return None


def frozen_value(value: Any) -> Any:
    """Lists as tuples, all the way down, so that values can be compared and hashed."""
    return tuple(frozen_value(item) for item in value) if isinstance(value, list) else value


class Where:
    """Where in which file: makes errors that say so."""

    def __init__(self, file: str, line: "Any" = None) -> None:
        self.file, self._line = file, line
        self.blocks: dict[str, Where] = {}
        """Definitions that come from another file, by name."""

    def error(self, path: Path, message: str) -> SpaceError:
        """A `SpaceError` at a key path."""
        return SpaceError(f"{self.place(path)}: {message}")

    def elsewhere(self, path: Path) -> bool:
        """Whether a key path lies in another file."""
        return len(path) > 1 and path[0] == "define" and path[1] in self.blocks

    def place(self, path: Path) -> str:
        """`search_spaces/vgg.yaml:31: architecture[0].body[0]`."""
        if self.elsewhere(path):
            return self.blocks[str(path[1])].place(path)
        line = self._line(path) if self._line else None
        file, keys = f"{self.file}:{line}" if line else self.file, key_path(path)
        return f"{file}: {keys}" if keys else file


def key_path(path: Path) -> str:
    """`("architecture", 3, "conv")` as `architecture[3].conv`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
