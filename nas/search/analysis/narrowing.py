"""What narrowing a space would do: the networks that meet a condition against the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas.errors import NasError
from nas.search.analysis.edf import Edf, edf
from nas.search.analysis.effect import RESAMPLES
from nas.search.analysis.ks import Ks, ks
from nas.search.analysis.samples import Numbers, alike, numbers


@dataclass(frozen=True)
class Narrowed:
    """A sample in two parts."""

    inside: Edf
    """Of those that meet the condition."""
    outside: Edf
    everything: Edf
    """Of all: what `inside` moves away from."""
    ks: Ks
    """Of inside against outside."""
    kept: int
    total: int


def narrow(values: Numbers, met: Sequence[bool], *, resamples: int = RESAMPLES, seed: int = 0) -> Narrowed:
    """The values for which `met` is true against all others.

    Raises:
        NasError: all are on one side, so that there is nothing to compare.
    """
    found, marks = numbers(values), np.asarray(met, dtype=bool)
    alike(found, marks, "values and marks")
    inside, outside = found[marks], found[~marks]
    if not len(inside) or not len(outside):
        side = "none meets" if not len(inside) else "all meet"
        raise NasError(f"{side} the condition, of {len(found)}: there is nothing to compare")
    test = ks(inside, outside, resamples=resamples, seed=seed)
    return Narrowed(edf(inside), edf(outside), edf(found), test, len(inside), len(found))
