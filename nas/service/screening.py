"""Which proxy advises a study, from what a user typed: `naswot`, `naswot:16`."""

from nas.errors import NasError
from nas.records import Screen
from nas.service.values import bounded
from nas.space.space import Space

POOL, MOST = 8, 10_000
"""Candidates a trial, if nobody says how many; and the most that can be asked for."""


def screen_of(text: str | None, evaluator: str, space: Space) -> Screen | None:
    """The screening that `--screen` asks for; None for none.

    A study on a table takes scores from a column of it, any other computes them.

    Raises:
        UnknownNameError: no proxy of that name.
        TableError: the table has no column of that name.
        NasError: the number of candidates is none.
    """
    if text is None:
        return None
    proxy, colon, number = text.partition(":")
    if colon and not number.isdecimal():
        raise NasError(f"--screen {text!r}: write PROXY or PROXY:CANDIDATES, such as naswot or naswot:16")
    pool = bounded(int(number) if colon else POOL, "--screen: candidates a trial", low=2, high=MOST)
    return Screen(proxy, _evaluator(proxy, evaluator, space), pool)


def _evaluator(proxy: str, evaluator: str, space: Space) -> str:
    from workers.evaluators import foreseeing
    from workers.evaluators.table import Results
    from workers.proxies.base import PROXIES

    found = foreseeing(evaluator)
    if not isinstance(found, Results):
        return f"proxy:{PROXIES.entry(proxy).name}"
    found.refuse_unknown(proxy, space)
    return f"column:{proxy}:{found.name.partition(':')[2]}"
