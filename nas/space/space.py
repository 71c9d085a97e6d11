"""A space: what a person wrote down, and everything that can be asked of it."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from nas.arch.shape import Input
from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError, NasError
from nas.records import DataInfo
from nas.space.compiled import Choose, Compiled, Parameter
from nas.space.counting import PointCounter
from nas.space.fixed import outside
from nas.space.groups import Groups
from nas.space.names import InactiveError
from nas.space.narrowing import Narrowing
from nas.space.recipe import Expressions, expressions, recipe_at
from nas.space.resolve import resolve
from nas.space.schema import AnswerModel, ReferenceModel, SpaceModel, Where, check, frozen_value
from nas.space.template import Template
from nas.space.typed import thawed

MAX_REFUSALS = 10_000
"""Draws after which sampling gives up on a space."""

QUICK_TRIES = 1000
"""Draws of one group after which a point that need not be feasible is taken as it comes."""


class Space:
    """A family of networks by its rules, for one data set, profile and settings.

    With a `reference` (kept as `base`) it is that published network, as far as no setting changes it.

    Make one with `nas.load_space`, or from a stored document with `Space.from_document`.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        where: Where,
        *,
        data: DataInfo | None = None,
        profile: str | None = None,
        reference: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.raw, self.where = raw, where
        model = check(SpaceModel, raw, where)
        assert isinstance(model, SpaceModel)
        self.model = model
        if profile is None and reference is None and data is not None and data.name in model.profiles:
            profile = data.name
        self.data, self.profile, self.base = data, profile, reference
        self._references: dict[str, Architecture] = {}
        everything = [*model.constants, *model.parameters, *model.derived]
        everything += [name for p in model.profiles.values() for name in p.parameters]
        self._template = Template(model.architecture, model.define, frozenset(everything), where)
        self.resolved = resolve(
            model, where, data=data, profile=profile, reference=reference, settings=settings
        )
        self.settings: dict[str, Any] = {k: thawed(v) for k, v in self.resolved.settings.items()}
        self.compiled = self._compile(self.resolved)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Space":
        """The space that `document` describes; the inverse of the attribute `document`."""
        return cls(
            document["space"],
            Where(f"stored space {document['space'].get('space', 'space')}"),
            data=DataInfo(**document["data"]) if document.get("data") else None,
            profile=document.get("profile"),
            reference=document.get("reference"),
            settings=document.get("set", {}),
        )

    @property
    def document(self) -> dict[str, Any]:
        """All that defines this space, as plain JSON data: files are not needed again."""
        data = vars(self.data) if self.data else None
        base = {"reference": self.base} if self.base else {}
        return {"space": dict(self.raw), "data": data, "profile": self.profile, "set": self.settings, **base}

    @property
    def name(self) -> str:
        """The family's name."""
        return self.model.space

    @property
    def about(self) -> str:
        """One sentence on what the family teaches."""
        return self.model.about

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The searched parameters by name, in order."""
        return self.compiled.parameters

    @property
    def references(self) -> dict[str, ReferenceModel]:
        """Published members by name, with their published numbers."""
        return self.model.references

    @property
    def training(self) -> dict[str, Any]:
        """The recipe's values; those that start with `=` are expressions over a point."""
        return self.resolved.training

    @property
    def answer(self) -> AnswerModel:
        """What the end of a search shows besides the best."""
        return self.model.answer

    @cached_property
    def input(self) -> Input | None:
        """The input where it is the same for every point; None where it depends on the point."""
        fields = [self.compiled.table.constants.get(f"_input_{f}") for f in ("channels", "size", "classes")]
        return None if None in fields else Input(*fields)  # type: ignore[arg-type]

    # ---- points ------------------------------------------------------------------------------

    def walk(self, choose: Choose) -> dict[str, Any]:
        """A point made by asking `choose(label, domain)` for each active number or word, in order.

        A vector's elements are labelled `name[0]`, `name[1]`, … The domain is the parameter's own, without
        values that a rule on parameters surely refuses, given the values before (`nas.space.narrowing`).
        """
        return self.narrowing.walk(choose)

    @cached_property
    def narrowing(self) -> Narrowing:
        """The domains without what rules refuse."""
        return Narrowing(self.compiled)

    def validate(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """`point`, completed to the form that all else takes; PointError if it is none."""
        return self.compiled.validate(point)

    def labels(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The active values by label: the flat form of a point that `walk` asks for."""
        flat: dict[str, Any] = {}
        before: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            width = self.compiled.width(name, before)
            if width is None:
                continue
            if parameter.length is None:
                flat[name] = before[name] = point[name]
            else:
                before[name] = tuple(point[name])
                flat.update((f"{name}[{i}]", before[name][i]) for i in range(width))
        return flat

    def active(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """`point` without values of parameters that its other values switch off."""
        kept: dict[str, Any] = {}
        for name in self.parameters:
            if name in point and self.compiled.width(name, kept) is not None:
                kept[name] = point[name]
        return kept

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        """One point that keeps the rules on parameters; whether it is feasible is tested by its price.

        What "uniform" means is said in `nas.space.groups`. Where the rules are hardly ever kept it is
        `any_point`, and the price says why it is refused.
        """
        try:
            return self.compiled.given(self.groups.draw(rng, QUICK_TRIES))
        except InfeasibleError:
            return self.any_point(rng)

    def any_point(self, rng: np.random.Generator) -> dict[str, Any]:
        """One point, feasible or not: uniform over the points of a discrete space.

        With a continuous or logarithmic parameter each value follows its own domain's law, in order.
        """
        return self.groups.any_point(rng)

    @cached_property
    def groups(self) -> Groups:
        """The parameters in groups that are drawn each by itself."""
        return Groups(self.compiled, self.narrowing)

    @property
    def counter(self) -> PointCounter:
        """Counts and ranks the points, feasible or not."""
        return self.groups.counter

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """One feasible point: `any_point` drawn again until no rule is broken, but quicker.

        Raises:
            InfeasibleError: too many draws in a row broke a rule; it names the commonest.
        """
        reasons: list[str] = []
        while len(reasons) < MAX_REFUSALS:
            names = self.groups.draw(rng)
            point = self.compiled.given(names)
            try:
                self.compiled.built(names)
            except InfeasibleError as error:
                reasons.append(error.reason)
            else:
                return point
        reason, count = Counter(reasons).most_common(1)[0]
        detail = f"{count:,} of {MAX_REFUSALS:,} points were refused by {reason!r}"
        raise InfeasibleError("no feasible point found", detail)

    # ---- networks ----------------------------------------------------------------------------

    def architecture(self, point: Mapping[str, Any]) -> Architecture:
        """The architecture of a point.

        Raises:
            PointError: `point` does not assign exactly the active parameters.
            InfeasibleError: it breaks a rule, with the rule.
        """
        return self.compiled.architecture(self.validate(point))

    def reference(self, name: str) -> Architecture:
        """A published member, with its published input and without profile, data set and settings."""
        if name not in self._references:
            compiled = self._compile(resolve(self.model, self.where, reference=name))
            self._references[name] = self._lowered(compiled, {}, name)
        return self._references[name]

    def member(self, settings: Mapping[str, Any], point: Mapping[str, Any] | None = None) -> Architecture:
        """The network of `point` with other names set as well; constraints are not asked."""
        return self.variant(settings).fixed(point or {})

    def variant(self, settings: Mapping[str, Any]) -> "Space":
        """This space with more names set."""
        merged = {**self.settings, **settings}
        return Space(
            self.raw, self.where, data=self.data, profile=self.profile, reference=self.base, settings=merged
        )

    def fixed(self, point: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> Architecture:
        """The network of values for the parameters that are left, whether in their domains or not.

        `values` stand in for derived values of those names.
        """
        left = {k: frozen_value(v) for k, v in point.items() if k in self.parameters}
        return self._lowered(self.compiled, {**left, **(values or {})}, self.base)

    def _lowered(self, compiled: Compiled, values: Mapping[str, Any], reference: str | None) -> Architecture:
        """The network of these values; a reference that cannot be lowered is named."""
        try:
            return compiled.lower(compiled.names_type(values))
        except InactiveError as error:
            if reference is None:
                raise
            message = f"it sets no {error.name}, which its network needs"
            raise self.where.error(("references", reference), message) from None
        except NasError as error:
            if reference is None:
                raise
            raise type(error)(f"reference {reference}: {error}") from None

    def outside(self) -> list[str]:
        """What was set that no point of the space can have; each by itself, with what it could be."""
        return outside(self.resolved, self.compiled.names_type({}))

    def broken(self, point: Mapping[str, Any]) -> list[str]:
        """The constraints that the network of a point breaks, each with the values that break it."""
        return self.compiled.broken(self.compiled.names_type(point))

    def derived(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The derived values of a point by name; those that have none there are left out."""
        return self.following(self.validate(point))

    def following(self, values_of: Mapping[str, Any]) -> dict[str, Any]:
        """`derived` at values of parameters that need not be a point."""
        names = self.compiled.names_type(values_of)
        values: dict[str, Any] = {}
        for name in self.compiled.derived_names:
            try:
                values[name] = getattr(names, name)
            except (InfeasibleError, InactiveError):
                continue
        return values

    def recipe(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The recipe at a point: plain values.

        Raises:
            InfeasibleError: an expression has no value there.
        """
        names = self.compiled.names_type(self.validate(point))
        return recipe_at(self.training, self._recipe_expressions, names, self.where)

    @cached_property
    def _recipe_expressions(self) -> Expressions:
        return self.check_recipe(self.training)

    def check_recipe(self, recipe: Mapping[str, Any]) -> Expressions:
        """The compiled expressions among a recipe's values; SpaceError names the key of a wrong one."""
        return expressions(self.compiled, recipe)

    def _compile(self, resolved: Any) -> Compiled:
        constraints = list(self.model.constraints)
        known = frozenset(self.references)
        return Compiled(resolved, self._template, constraints, self.reference, known, self.where)
