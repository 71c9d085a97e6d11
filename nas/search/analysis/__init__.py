"""What distributions of results say of design spaces: plain numbers in, plain numbers out.

Nothing here knows of studies or stores; `nas.service.analysing` asks these of a study's trials. Values are
finite numbers, and every answer is exact or seeded: the same numbers always give the same answer.
"""

from nas.search.analysis.edf import Edf, edf
from nas.search.analysis.effect import Effect, effect
from nas.search.analysis.good import ChoiceShare, GoodChoices, GoodRange, good_choices, good_range
from nas.search.analysis.ks import Ks, ks
from nas.search.analysis.matched import Matched, cost_bins, matched
from nas.search.analysis.narrowing import Narrowed, narrow
from nas.search.analysis.ranks import Ahead, Ranks, ahead, best_ordering, rank_correlation

__all__ = [
    "Ahead",
    "ChoiceShare",
    "Edf",
    "Effect",
    "GoodChoices",
    "GoodRange",
    "Ks",
    "Matched",
    "Narrowed",
    "Ranks",
    "ahead",
    "best_ordering",
    "cost_bins",
    "edf",
    "effect",
    "good_choices",
    "good_range",
    "ks",
    "matched",
    "narrow",
    "rank_correlation",
]
