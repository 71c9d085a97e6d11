"""Which parameters decide whether a network is among the best: shares by PED-ANOVA.

Watanabe, Bansal & Hutter 2023, PED-ANOVA, arXiv:2304.10255; with parameters that are not always there by
Conditional PED-ANOVA, arXiv:2601.20800. Optuna is loaded by whoever asks, which the service does in another
process.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.space.space import Space

METHOD = "PED-ANOVA"
QUANTILE = 0.1
"""A network is good if it is among this share of the best."""


def importance_of(
    document: Mapping[str, Any], labels: Sequence[Mapping[str, Any]], losses: Sequence[float]
) -> dict[str, float]:
    """Label -> share of what parameters decide, adding up to 1, the largest first; empty if nothing does.

    `document` is a space's, `labels` are the active values of its points, `losses` what came of them, finite.
    """
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.samplers import RandomSampler

    from nas.search.bridge import frozen, memory_study

    space = Space.from_document(document)
    trials = [
        frozen(Past(number, TrialState.COMPLETE, point, (loss,)), space)
        for number, (point, loss) in enumerate(zip(labels, losses, strict=True))
    ]
    study = memory_study(trials, RandomSampler(0), [Objective("loss")])
    evaluator = PedAnovaImportanceEvaluator(target_quantile=QUANTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few trials: coverage tells
        found = evaluator.evaluate(study)
    total = sum(found.values())
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return {label: share / total for label, share in ranked} if total > 0 else {}
