"""A family as it is asked for: of a study or of a space, by values, by a cost, or by its coefficients."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nas.errors import NasError, StoreError, StudyNotFoundError, did_you_mean
from nas.service.scaling import Base, Scaled, as_published, given, members, of_point, of_space
from nas.service.scaling_to import STEP, Beside, beside, published, solve
from nas.service.values import bounded, limits, settings as parse
from nas.space.load import SUFFIXES, shipped_names

USUAL = "0..7"
"""The values of the constant, unless something else is asked."""
MOST = 100
"""Members of a family."""


@dataclass(frozen=True, kw_only=True)
class FamilyOptions:
    """What is asked; `phi` such as `0..7`, `0,0.5,1` or `0..3,5`, `to` such as `macs=4G`."""

    asked: str
    phi: str | None = None
    to: str | None = None
    members: tuple[str, ...] = ()
    by: str | None = None
    trial: int | None = None
    reference: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    size: int | None = None
    step: float = STEP
    published: bool = False
    profile: str | None = None
    data: str | None = None
    store: str | None = None


@dataclass(frozen=True)
class Family:
    """The networks that were asked for."""

    space: str
    study: str | None
    by: str
    source: str
    fixed: Mapping[str, Any]
    """What is the same in all of them."""
    names: list[str]
    """What changes along the family."""
    members: list[Scaled]
    published: list[Beside]
    """Empty if that was not asked for."""
    known: list[str]
    """Published networks of the space along the family."""
    target: tuple[str, float] | None


def family(options: FamilyOptions) -> Family:
    """The networks that were asked for.

    Raises:
        NasError: no such study or space, nothing to vary, an open parameter, or a cost out of reach.
    """
    if options.size is not None:
        bounded(options.size, "--resolution")
    study = _is_study(options)
    base = _of_study(options) if study else _of_space(options)
    own = [given(base, parse(text.split(), "--member")) for text in options.members]
    target = None
    if options.to is not None:
        if options.phi is not None:
            raise NasError(f"--to {options.to} --phi {options.phi}: --to solves {base.by}; say one of them")
        own.append(solve(base, options.to, options.step))
        (target,) = limits([options.to], "--to").items()
    elif options.phi is not None or not own:
        own += members(base, values(options.phi or USUAL))
    return Family(
        space=base.space.name,
        study=options.asked if study else None,
        by=base.by,
        source=base.source,
        fixed=base.fixed,
        names=base.names,
        members=own,
        published=_published(base) if options.published else [],
        known=published(base),
        target=target,
    )


def values(text: str) -> list[float]:
    """The numbers of `0..7`, `0,0.5,1` or `0..3,5`, each once.

    Raises:
        NasError: it is neither, or far too many.
    """
    try:
        parts = [_part(part) for part in text.split(",")]
        count = sum(map(len, parts))
    except (ValueError, OverflowError):  # a length has its limit too
        raise NasError(
            f"--phi {text}: type whole numbers from .. to, or a list: --phi 0..7, --phi 0,0.5,1"
        ) from None
    for part, numbers in zip(text.split(","), parts, strict=True):
        if not numbers:
            first, _, last = part.partition("..")
            turned = f"{int(last)}..{int(first)}"
            raise NasError(f"--phi {text}: from the smaller to the larger: type --phi {turned}")
    if count > MOST:
        raise NasError(f"--phi {text}: that is {count:,} members; a family has 1 to {MOST}")
    return list(dict.fromkeys(number for numbers in parts for number in numbers))


def _part(text: str) -> Sequence[float]:
    """Raises `ValueError`."""
    first, dots, last = text.partition("..")
    return range(int(first), int(last) + 1) if dots else [_number(text)]


def _number(text: str) -> float:
    """Raises `ValueError`."""
    found = int(text) if text.strip().lstrip("+-").isdigit() else float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _is_study(options: FamilyOptions) -> bool:
    """Whether a study is meant: of a name that no space has, or one that only a study's trial can be of."""
    name = options.asked
    space = name.endswith(SUFFIXES) or "/" in name or name in shipped_names()
    return not space or options.trial is not None


def _of_space(options: FamilyOptions) -> Base:
    return of_space(
        options.asked,
        by=options.by,
        reference=options.reference,
        settings=options.settings,
        profile=options.profile,
        data=options.data,
        size=options.size,
    )


def _of_study(options: FamilyOptions) -> Base:
    """From the best trial, or the one that is named, in the study's space; as published if that is asked."""
    from nas.service.studies import best, trial
    from nas.space.space import Space
    from nas.store import open_store

    for name in ("reference", "profile", "data"):
        if (value := getattr(options, name)) is not None:
            raise NasError(
                f"--{name} {value}: a study has what it was searched with; leave it out, "
                f"or scale the space itself: nas scale SPACE --{name} {value}"
            )
    try:
        with open_store(options.store, create=False) as store:
            row, number = store.study(options.asked), options.trial
            found = best(store, row.name)[0] if number is None else trial(store, row.name, number).trial
    except (StoreError, StudyNotFoundError) as error:
        hint = did_you_mean(options.asked, shipped_names())
        raise NasError(f"{options.asked!r} is no space (nas space list){hint}; as a study: {error}") from None
    space = Space.from_document(row.spec.space)
    source = f"trial {found.number} of {row.name}"
    return of_point(
        as_published(space) if options.published else space,
        found.point,
        f"the best, {source}" if number is None else source,
        by=options.by,
        settings=options.settings,
        size=options.size,
    )


def _published(base: Base) -> list[Beside]:
    found = beside(base)
    if not found:
        raise NasError(
            f"--published: no reference of {base.space.name} with published numbers sets "
            f"{base.by} or {', '.join(base.names) or 'what follows from it'}; leave --published out, "
            f"or see nas cost {base.space.name} --references"
        )
    return found
