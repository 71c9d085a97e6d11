"""Learning curves foretold: stop what will hardly beat the best (Domhan et al. 2015, IJCAI; Baker et al.
2017, arXiv:1705.10823).

The final values of trials that ended are regressed on what was known of them at the same epoch: a Bayesian
linear model, whose prediction for a new curve is a Student distribution. Its tails are wide after few trials
and far from those that ended, so what is unlike anything seen is not stopped on a guess.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from nas.search.rungs import REDUCTION, first_rung, rung_met, value_at
from nas.search.stoppers import STOPPERS, Curve, Growing

CHANCE = 0.05
"""A trial is stopped that has less of a chance to end better than the best that has ended."""

WARM_TRIALS = 8
"""Trials that ended before the rule speaks."""

RIDGE = 1e-3
"""Prior precision of the weights of standardised features, in units of that of an observation."""

PRIOR_SD = 0.1
"""Of the squeezed final values around the line, before anything is seen."""

TINY = 1e-9
"""Keeps a feature that never varies out of the sum."""

Floats = NDArray[np.float64]


@STOPPERS.register(
    "curve", "foretells a trial's last epoch from its first ones; ends what will hardly be best"
)
class CurveStopper:
    """Judges at epochs 1, 3, 9, …: every look is another chance to be wrong."""

    watches = True

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """Whether the trial has less than a 5 % chance to end below the best that has ended.

        What leads all others at a rung is never stopped, whatever is foretold.
        """
        rung = rung_met(trial.curve, first_rung(trial.epochs))
        if rung is None or trial.epochs is None:
            return False
        rows = sorted((*_features(o, rung), o[trial.epochs]) for o in others if trial.epochs in o)
        new = _features(trial.curve, rung)
        if len(rows) < WARM_TRIALS or new[0] <= min(row[0] for row in rows):
            return False
        seen = np.array(rows)
        return chance(seen[:, :-1], seen[:, -1], np.array(new)) < CHANCE


def chance(seen: Floats, finals: Floats, new: Floats) -> float:
    """The probability that the final value behind the features `new` is below all `finals`, which stand
    beside the rows of `seen`.

    Values are measured from the best one and squeezed by asinh: their spread grows with them.
    """
    best = finals.min()
    scale = float(np.median(finals - best)) or float(np.median(np.abs(seen - best))) or 1.0
    x, y, at = (np.arcsinh((values - best) / scale) for values in (seen, finals, new))
    mean, sd, middle = x.mean(axis=0), x.std(axis=0) + TINY, y.mean()
    x, at = (x - mean) / sd, (at - mean) / sd
    inverse = np.linalg.inv(x.T @ x + RIDGE * np.eye(x.shape[1]))
    weights = inverse @ x.T @ (y - middle)
    residual, freedom = y - middle - x @ weights, len(y) - 1 - x.shape[1]
    variance = (residual @ residual + PRIOR_SD**2) / freedom * (1 + 1 / len(y) + at @ inverse @ at)
    return float(stdtr(freedom, -(middle + at @ weights) / np.sqrt(variance)))


def _features(curve: Curve, rung: int) -> tuple[float, ...]:
    """The value where the curve meets a rung, the best until there, and the value at the rung before."""
    now, before = value_at(curve, rung), value_at(curve, rung // REDUCTION)
    assert now is not None
    assert before is not None
    return now, min([now, *(value for epoch, value in curve.items() if epoch < rung)]), before
