"""What exported source says of itself: space, point, cost, provenance. Needs no torch."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from nas.cost.architecture import Architecture
from nas.model.export.roles import Uses
from nas.model.export.source import About, source
from nas.service.plain import settings, shown, si
from nas.service.trained import Trained, trained
from nas.space.schema import DefinitionModel, SourceModel
from nas.space.space import Space
from nas.store import Store
from nas.versions import ours

WIDTH = 98


def trial_source(store: Store, study: str, number: int) -> str:
    """A trial's network as one Python file that needs torch only, without weights.

    Raises `NasError` for a trial without a network, or with a layer that is not of torch.
    """
    found = trained(store, study, number)
    return source(found.architecture, about_trial(found), weights=False)


def about_trial(found: Trained) -> About:
    """What the source of a trial's network says of itself."""
    trial, study = found.trial, found.study
    told = ", ".join(f"{name} {shown(value)}" for name, value in list(trial.metrics.items())[:3])
    lines = [
        f"Point: {settings(found.point)}",
        cost_line(found.architecture),
        *([f"Found by: {found.origin}"] if found.origin else []),
        f"From: study {study.name}, trial {trial.number} ({trial.state.value}), trained on {study.spec.data}"
        + (f"; {told}" if told else ""),
    ]
    return about(f"{found.space.name} {trial.number}", found.space.name, found.space, lines)


def about_reference(name: str, architecture: Architecture, space: Space, point: Mapping[str, Any]) -> About:
    """What the source of a published network says of itself."""
    lines = [f"Point: {settings(point)}", cost_line(architecture)]
    return about(name, name, space, lines)


def about(name: str, title: str, space: Space, lines: list[str]) -> About:
    """The parts put together; `name` becomes the class."""
    first = f"{title}: a network of the design space {space.name}."
    published = [f"Design: {cited(one)}" for one in sources(space)]
    whole = [space.about, *lines, *published, f"Written by nas-design-spaces {ours()}."]
    text = "\n".join([first, "", *(row for line in whole for row in _wrapped(line))])
    words = {scope: made.about for scope, made in space.model.define.items() if made.about}
    return About(name, text, words, uses={scope: uses(made) for scope, made in space.model.define.items()})


def uses(made: DefinitionModel) -> Uses:
    """Whom a definition uses, with the arguments that it hands on; each alternative counts."""
    return [
        (name, {field: text[1:].strip() for field, text in given.items() if _is_handed_on(text, made)})
        for name, given in _used(made.body)
    ]


def _is_handed_on(text: Any, made: DefinitionModel) -> bool:
    return isinstance(text, str) and text[:1] == "=" and text[1:].strip() in made.args


def _used(entries: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts of a list of entries with their arguments, in order."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry, {}
        elif isinstance(entry, list):
            yield from _used(entry)
        else:
            for name, given in entry.items():
                if name in ("body", "sum", "concat", "gate"):
                    yield from _used(given)
                elif name in ("among", "choose", "aux"):
                    yield from _used(given.values() if isinstance(given, Mapping) else ())
                elif isinstance(given, Mapping):
                    yield name, given


def cost_line(architecture: Architecture) -> str:
    """Its price in one line."""
    cost = architecture.cost
    return (
        f"Cost: {cost.params:,} parameters, {si(cost.macs)} multiply-adds, {cost.layers} layers; "
        f"arch_id {architecture.arch_id}"
    )


def sources(space: Space) -> list[SourceModel]:
    """Where a family was published."""
    found = space.model.source
    return found if isinstance(found, list) else [found] if found else []


def cited(found: SourceModel) -> str:
    """A publication in one line."""
    where = f"arXiv:{found.arxiv}" if found.arxiv else (found.url or "")
    parts = [found.authors, found.title, str(found.year or ""), where]
    return ", ".join(part for part in parts if part)


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_long_words=False)
