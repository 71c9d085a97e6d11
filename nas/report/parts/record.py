"""What was asked, what cannot be said, how to do it again."""

import platform
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from nas.errors import NasError
from nas.report.blocks import Block, Code, Listing, Pairs, Points, Prose, Section, Table
from nas.report.material import Material
from nas.report.words import counted, listed, shown
from nas.service.actions.request import command
from nas.service.engines import EngineOptions
from nas.service.prefill import from_trial
from nas.service.results import caution
from nas.service.specify import SearchOptions
from nas.service.views.wording import cardinality
from nas.space.space import Space
from nas.store import Store
from nas.versions import fingerprint, installed, ours

PACKAGES = ("torch", "optuna", "ray", "numpy", "scikit-learn")


def question(found: Material) -> Section:
    """What was asked."""
    return Section(f"{found.tag}-question", "The question", list(_question(found)))


def _question(found: Material) -> Iterator[Block]:
    spec, space = found.row.spec, found.space
    yield Prose(_asked(found))
    if space is not None:
        yield Prose(f"The space has {cardinality(space)}.")
        rows = [(name, _domain(space, name)) for name in space.parameters]
        yield Listing("Parameters that were searched", Table(("parameter", "what it may be"), rows))
    rows = [("data", spec.data), ("evaluator", spec.evaluator), ("sampler", spec.sampler)]
    rows += [
        ("stopper", spec.stopper),
        ("seed", str(spec.seed)),
        ("trials asked for", f"{found.row.budget:,}"),
    ]
    rows += [("trainings of a network", str(spec.repeat)), *(("limit", str(limit)) for limit in spec.limits)]
    yield Pairs("How", rows)
    if spec.recipe:
        yield Pairs("Recipe", [(name, shown(value)) for name, value in spec.recipe.items()])


def _domain(space: Space, name: str) -> str:
    """What a parameter, or each value of a list, may be."""
    parameter = space.parameters[name]
    if parameter.length is None:
        return str(parameter.domain)
    try:
        return f"a list of {space.compiled.width(name, {})}, each {parameter.domain}"
    except NasError:  # others decide how long it is
        return f"a list, each {parameter.domain}"


def _asked(found: Material) -> str:
    spec = found.row.spec
    document = spec.space["space"]
    aims = listed([f"{'less' if o.minimize else 'more'} {o.metric}" for o in spec.objectives])
    said = f"Searched for: {aims}, on {spec.data}."
    sources = document.get("source") or []
    papers = [_paper(each) for each in (sources if isinstance(sources, list) else [sources])]
    return said + (f" The family was published in {listed(papers)}." if papers else "")


def _paper(source: Mapping[str, Any]) -> str:
    where = f", arXiv:{source['arxiv']}" if source.get("arxiv") else ""
    who = " ".join(str(source[key]) for key in ("authors", "year") if source.get(key))
    return f"“{source.get('title', '')}” ({who or 'authors unknown'}{where})"


def limits(materials: list[Material]) -> Section:
    """What the numbers do not say."""
    said = list(dict.fromkeys(line for found in materials for line in _limits(found)))
    return Section("limits", "What can and cannot be said", [Points(said)])


def _limits(found: Material) -> Iterator[str]:
    spec = found.row.spec
    yield _measured(found)
    if spec.repeat == 1:
        yield (
            "Each network was trained once, with one seed: differences smaller than the noise of "
            "training mean nothing, and that noise was not measured."
        )
    else:
        yield f"Each network was trained {spec.repeat} times; intervals are over these seeds."
    epochs = spec.recipe.get("epochs")
    if spec.evaluator == "train" and epochs:
        yield (
            f"Networks were trained for {shown(epochs)} epoch{'' if epochs == 1 else 's'}: an order found "
            "after so many need not hold after longer training."
        )
    if said := caution([found.row]):
        yield f"{said[:1].upper()}{said[1:]}."
    if spec.stopper != "none":
        yield (
            f"Stopper {spec.stopper} ended trials early; those are in the history, not in the distributions."
        )
    yield (
        "Good ranges and importances come from the networks that they describe: a finding becomes a "
        "fact when a new study, drawn inside and outside of it, shows it again."
    )
    unfinished = found.row.budget - sum(
        found.row.counts[s] for s in found.row.counts if s.value in ("complete", "pruned", "failed")
    )
    if unfinished > 0:
        yield (
            f"{found.name} has {counted(unfinished, 'trial')} of its budget left: this is how it stands now."
        )


def _measured(found: Material) -> str:
    """What the results are of."""
    if found.row.spec.evaluator != "train":
        return f"Results are what the evaluator {found.row.spec.evaluator} gave: no training to the end."
    said = (
        "Results are of the validation data, by which networks were chosen: the number of the best is "
        "too good. "
    )
    if not found.tests:
        return said + "The test data was not looked at."
    return said + f"The test data was looked at {counted(len(found.tests), 'time')}, each recorded above."


def again(store: Store, materials: list[Material], asked: str) -> Section:
    """How to repeat and to go on."""
    sections = [Section(f"{found.tag}-again", found.name, list(_again(store, found))) for found in materials]
    common: list[Block] = [Code("This report", asked)]
    versions = [("nas", f"{ours()} ({fingerprint()})"), ("Python", platform.python_version())]
    versions += [(name, installed(name) or "not installed") for name in PACKAGES]
    made = datetime.fromtimestamp(materials[0].made_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    common.append(Pairs(f"Versions, as this was written ({made})", versions))
    if len(sections) == 1:
        return Section("again", "How to repeat it", [*sections[0].blocks, *common])
    return Section("again", "How to repeat it", common, sections)


def _again(store: Store, found: Material) -> Iterator[Block]:
    name, best = shlex.quote(found.name), found.best.number
    with suppress(NasError):
        yield Code("The same search again", _command(store, found))
    lines = [
        f"nas show {name}",
        f"nas trial {name} {best}",
        f"nas trials {name} --by-value",
        f"nas resume {name} --trials +24",
    ]
    lines += [
        f"nas train {name} {best}",
        f"nas evaluate {name} {best}",
        f"nas export {name} {best} --to pytorch",
    ]
    yield Code("To look closer, to go on, to use the network", "\n".join(lines))
    yield Code("The space as the study keeps it", found.page.space_yaml, folded=True)


def _command(store: Store, found: Material) -> str:
    """The search as it would be typed; a space of the user's own is saved from this report first."""
    asked = {k: v for k, v in from_trial(store, found.name).request.items() if v not in (None, "", [], {})}
    if asked.pop("space_yaml", None):
        asked["space"] = f"{found.page.line.space}.yaml"
    asked["study"] = f"{found.name}-again"
    return command(SearchOptions(**asked), EngineOptions())
