"""Which proxy advises a study, from what a user typed: `naswot`, `naswot:16`, `test_error:min`."""

import re

from nas.errors import NasError
from nas.records import Screen
from nas.service.values import bounded
from nas.space.space import Space

POOL, MOST = 8, 10_000
"""Candidates a trial, if nobody says how many; and the most that can be asked for."""

TYPED = re.compile(r"(?P<proxy>[^:]+)(:(?P<side>min|max))?(:(?P<pool>[0-9]+))?")


def screen_of(text: str | None, evaluator: str, space: Space) -> Screen | None:
    """The screening that `--screen` asks for; None for none.

    A study on a table takes scores from a column of it, any other computes them. Of a proxy more is better;
    of another column it has to be said.

    Raises:
        UnknownNameError: no proxy of that name.
        TableError: the table has no column of that name.
        NasError: it is not clear what is better, or the number of candidates is none.
    """
    if text is None:
        return None
    typed = TYPED.fullmatch(text)
    if typed is None:
        raise NasError(
            f"--screen {text!r}: write PROXY or PROXY:CANDIDATES, such as naswot or naswot:16; "
            "on a table also COLUMN:min or COLUMN:max"
        )
    proxy, side, pool = typed["proxy"], typed["side"], int(typed["pool"] or POOL)
    bounded(pool, "--screen: candidates a trial", low=2, high=MOST)
    return Screen(proxy, _evaluator(proxy, side, evaluator, space), pool, minimize=side == "min")


def _evaluator(proxy: str, side: str | None, evaluator: str, space: Space) -> str:
    from workers.evaluators import foreseeing
    from workers.evaluators.table import Results
    from workers.proxies.base import PROXIES

    found = foreseeing(evaluator)
    if not isinstance(found, Results):
        return f"proxy:{PROXIES.entry(proxy).name}"
    found.refuse_unknown(proxy, space, "--screen")
    if side is None and proxy not in PROXIES:
        raise NasError(
            f"--screen {proxy}: is more of this column better, or less? Type {proxy}:max or {proxy}:min"
        )
    return f"column:{proxy}:{found.name.partition(':')[2]}"
