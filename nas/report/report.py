"""From studies to a report."""

import shlex
from collections.abc import Sequence

from nas.errors import NasError
from nas.report.blocks import Section, slug
from nas.report.material import PATIENCE_S, Material, material
from nas.report.page import Head, page
from nas.report.parts.answer import answer
from nas.report.parts.comparison import comparison
from nas.report.parts.design import design
from nas.report.parts.inside import inside
from nas.report.parts.record import again, limits, question
from nas.report.parts.search import search
from nas.report.parts.trade import trade
from nas.report.parts.work import work
from nas.report.words import listed
from nas.service.views.columns import direction
from nas.service.views.compare import Comparison, compare
from nas.store import Store

MOST = 8
"""Studies in one report."""


def report(
    store: Store, names: Sequence[str], *, metric: str | None = None, wait_s: float = PATIENCE_S
) -> str:
    """The report of one study, or of several beside each other, as HTML.

    `wait_s`: how long importances, which are computed in another process, are waited for.

    Raises:
        StudyNotFoundError: no study has one of the names.
        UnknownNameError: a study has no such metric.
        NasError: too many studies, one twice, one without a complete trial, or several on other data
            or of other metrics.
    """
    names = list(names)
    if len(set(names)) < len(names) or not 1 <= len(names) <= MOST:
        raise NasError(f"{len(names)} studies ({listed(names)}): name 1 to {MOST}, each once")
    several = len(names) > 1
    beside = _beside(store, names, metric) if several else None
    tags = [f"{place}-{slug(name)}" if several else slug(name) for place, name in enumerate(names, 1)]
    found = [
        material(store, name, tag, metric=beside.metric if beside else metric, wait_s=wait_s)
        for name, tag in zip(names, tags, strict=True)
    ]
    typed = shlex.join(["nas", "report", *names, *(["--metric", metric] if metric else [])])
    sections = (
        [comparison(beside), *(_study(store, each) for each in found)] if beside else _parts(store, found[0])
    )
    sections += [limits(found), again(store, found, typed)]
    return page(Head.of(found), sections, found[0].made_s)


def file_name(names: Sequence[str]) -> str:
    """What a report of these studies is saved as, if nobody says otherwise."""
    return f"report-{slug('-'.join(names))[:100]}.html"


def _beside(store: Store, names: Sequence[str], metric: str | None) -> Comparison:
    """The studies beside each other, and at equal cost."""
    aim = direction(store.study(names[0]), metric).metric
    return compare(store, names, metric=metric, matched="params" if aim == "macs" else "macs")


def _parts(store: Store, found: Material) -> list[Section]:
    """All that is said of one study."""
    parts = [answer(found), question(found), search(found), trade(found), design(found)]
    parts += [inside(store, found), work(found)]
    return [part for part in parts if part is not None and part.blocks]


def _study(store: Store, found: Material) -> Section:
    """One of several studies."""
    return Section(found.tag, found.name, [], _parts(store, found))
