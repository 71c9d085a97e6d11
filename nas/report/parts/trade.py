"""What a better result costs: the front, beside published networks."""

from nas.report.blocks import Figure, Key, Section, Table, sizes
from nas.report.charts import trades
from nas.report.material import Material
from nas.report.words import counted, listed, share, value
from nas.service.views.front import Front

CHEAP = 1.1
"""A network up to so many times the best error is as good for many purposes."""


def trade(found: Material) -> Section | None:
    """The front; nothing where no network has both numbers."""
    if not found.front.numbers:
        return None
    return Section(f"{found.tag}-trade", "What a better network costs", [front(found)])


def front(found: Material) -> Figure:
    """Networks by cost and result."""
    told = found.front
    best = set(told.front_numbers)
    rows = [(n, told.xs[i], told.ys[i], "yes" if n in best else "no") for i, n in enumerate(told.numbers)]
    rows.sort(key=lambda row: (row[3] == "no", row[1]))
    table: list[tuple[object, ...]] = [("trial", *row) for row in rows]
    table += [("published", each.name, each.x, each.y, "") for each in told.references]
    keys = [Key("networks", "k0", "dot"), Key("the front: beaten by none in both", "k1")]
    keys += [Key("published", "ref", "gem")] if told.references else []
    return Figure(
        id=f"{found.tag}-front",
        title=f"{told.y.metric} against {told.x.metric}",
        caption=said(told),
        table=Table(("what", "which", told.x.metric, told.y.metric, "on the front"), table),
        keys=keys,
        chart=sizes(trades.front, [(found.name, told)], told.references),
    )


def said(told: Front) -> str:
    """What the front shows."""
    if not told.front_numbers:
        return "No network keeps the limits, so there is no front."
    size = len(told.front_numbers)
    text = (
        f"Of {counted(told.total, 'network')}, {size} {'is' if size == 1 else 'are'} beaten by none in "
        "both numbers. "
    )
    text += _cheap(told)
    if told.references:
        inside = [each.name for each in told.references]
        text += (
            f" Diamonds are published networks of the family: {listed(inside)}; their costs are computed here"
        )
        text += ", their results as published." if any(each.published for each in told.references) else "."
    return text.strip()


def _cheap(told: Front) -> str:
    """The cheapest network of the front that is nearly as good as the best."""
    pairs = sorted(
        zip(told.front_numbers, told.front_xs, told.front_ys, strict=True), key=lambda pair: pair[1]
    )
    if not told.y.minimize or not told.x.minimize or len(pairs) < 2:
        return ""
    best = min(pairs, key=lambda pair: pair[2])
    cheap = next(pair for pair in pairs if pair[2] <= best[2] * CHEAP)
    if cheap == best or best[2] <= 0 or best[1] <= 0:
        return (
            f"The best, trial {best[0]}, has {value(best[1])} {told.x.metric}; no cheaper one comes "
            "within 10 % of it."
        )
    return (
        f"Trial {cheap[0]} comes within {share(cheap[2] / best[2] - 1)} of the best ({told.y.metric} "
        f"{value(cheap[2])} against {value(best[2])}) with {share(cheap[1] / best[1])} of its "
        f"{told.x.metric}: {value(cheap[1])} in place of {value(best[1])}."
    )
