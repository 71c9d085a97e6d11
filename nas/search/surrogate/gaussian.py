"""Gaussian process regression (Rasmussen & Williams 2006, chapters 2 and 5) over `Features`.

The covariance is one squared exponential in all groups, each with a length scale of its own, plus a linear
part in costs and score, plus noise. Length scales, linear part and noise are fitted by the marginal
likelihood under log-normal priors, with its gradient; the scale of the values drops out in closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.special import ndtr

from nas.search.surrogate.features import Array, Features

PRIOR = {"label": 0.5, "cost": 0.3, "score": 0.3}
"""Medians of the inverse squared length scales."""

LINEAR, NOISE = 0.3, 0.02
"""Medians of the linear part and of the noise, as shares of the squared exponential's variance."""

DEVIATION = 1.5
"""Of the logarithms of all of them."""

STEPS = 25
JITTER = 1e-6
BOUNDS = ((-8.0, 5.0), (-8.0, 3.0), (-10.0, 1.0))
"""Of the logarithms: inverse squared length scales, linear part, noise."""


@dataclass(frozen=True)
class _Shape:
    """What is fitted."""

    weights: Array
    """(groups,) inverse squared length scales."""
    linear: float
    noise: float

    @staticmethod
    def of(theta: Array) -> "_Shape":
        return _Shape(np.exp(theta[:-2]), float(np.exp(theta[-2])), float(np.exp(theta[-1])))


class Process:
    """A process over the rows of some features that has seen the values of the first `seen` rows."""

    def __init__(self, features: Features, seen: int) -> None:
        self.features, self.seen = features, seen
        known = slice(0, seen)
        self._distances = features.distances(known, known)
        self._inner = features.linear[known] @ features.linear[known].T
        self._shape = _Shape.of(self._prior())

    def _prior(self) -> Array:
        medians = [PRIOR[kind] for kind in self.features.kinds]
        prior: Array = np.log(np.array([*medians, LINEAR, NOISE]))
        return prior

    def fit(self, values: Array) -> None:
        """Fit length scales, linear part and noise to the values (seen,)."""
        from scipy.optimize import minimize  # of no use before the first fit, which short studies never see

        start = self._prior()
        bounds = [BOUNDS[0]] * (len(start) - 2) + [BOUNDS[1], BOUNDS[2]]
        found = minimize(
            lambda theta: self._loss(theta, values, start),
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": STEPS},
        )
        self._shape = _Shape.of(found.x)

    def _loss(self, theta: Array, values: Array, prior: Array) -> tuple[float, Array]:
        """The negative logarithm of the posterior density, and its gradient."""
        shape, n = _Shape.of(theta), self.seen
        smooth = np.exp(-0.5 * np.tensordot(shape.weights, self._distances, 1))
        try:
            lower = cholesky(smooth + shape.linear * self._inner + _ridge(shape, n), lower=True)
        except LinAlgError:
            return 1e10, np.zeros_like(theta)
        half, _ = dpotri(lower, lower=1)
        inverse = np.tril(half) + np.tril(half, -1).T
        alpha = inverse @ values
        scale = max(float(values @ alpha) / n, 1e-12)
        loss = 0.5 * n * np.log(scale) + np.log(np.diag(lower)).sum()
        inner = 0.5 * (inverse - np.outer(alpha, alpha) / scale)
        gradient = np.empty_like(theta)
        slopes = np.tensordot(self._distances, inner * smooth, 2)
        gradient[:-2] = -0.5 * shape.weights * slopes
        gradient[-2] = shape.linear * (inner * self._inner).sum()
        gradient[-1] = shape.noise * np.trace(inner)
        away = (theta - prior) / DEVIATION
        return float(loss + 0.5 * away @ away), gradient + away / DEVIATION

    def believe(self, values: Array) -> "Belief":
        """What is expected of the other rows, given the values (seen,) of the seen ones."""
        return Belief(self, values)

    def between(self, rows: slice | Sequence[int], others: slice | Sequence[int]) -> Array:
        """(rows, others): covariances, without noise and scale."""
        smooth = np.exp(-0.5 * np.tensordot(self._shape.weights, self.features.distances(rows, others), 1))
        linear = self.features.linear
        covariance: Array = smooth + self._shape.linear * (linear[rows] @ linear[others].T)
        return covariance

    @property
    def ridge(self) -> float:
        """Noise, as a share of the squared exponential's variance."""
        return self._shape.noise + JITTER


def _ridge(shape: _Shape, size: int) -> Array:
    return (shape.noise + JITTER) * np.eye(size)


class Belief:
    """Means and deviations of the rows not seen, which shrink as some of them are taken for done."""

    def __init__(self, process: Process, values: Array) -> None:
        seen, rest = slice(0, process.seen), slice(process.seen, None)
        self._process, self._seen = process, process.seen
        self._lower = cholesky(process.between(seen, seen) + process.ridge * np.eye(process.seen), lower=True)
        alpha = cho_solve((self._lower, True), values)
        self._scale = max(float(values @ alpha) / process.seen, 1e-12)
        cross = process.between(rest, seen)
        self.mean: Array = cross @ alpha
        self._ways = solve_triangular(self._lower, cross.T, lower=True)
        linear = process.features.linear[rest]
        own = 1 + process._shape.linear * (linear**2).sum(axis=1)
        self._variance: Array = own - (self._ways**2).sum(axis=0)
        self.best = float(values.min())

    @property
    def deviation(self) -> Array:
        """Of each row not seen."""
        deviations: Array = np.sqrt(np.maximum(self._variance, 1e-9) * self._scale)
        return deviations

    def take(self, row: int) -> None:
        """Take a row, counted from the first not seen, for done, with the value that is expected of it:
        means stay, deviations near it shrink (Ginsbourger et al. 2010, the kriging believer)."""
        process = self._process
        own = process.between(slice(self._seen, None), [self._seen + row])[:, 0]
        covariance = own - self._ways.T @ self._ways[:, row]
        way = covariance / np.sqrt(max(self._variance[row], 1e-9) + process.ridge)
        self._ways = np.vstack([self._ways, way])
        self._variance = self._variance - way**2

    def without(self, first: int) -> "Belief":
        """The same belief, without the first rows of those not seen."""
        self._seen += first
        self.mean, self._variance = self.mean[first:], self._variance[first:]
        self._ways = self._ways[:, first:]
        return self

    def improvement(self) -> Array:
        """Expected improvement on the best value seen (Jones et al. 1998), less being better."""
        deviation = self.deviation
        ahead = (self.best - self.mean) / deviation
        density = np.exp(-0.5 * ahead**2) / np.sqrt(2 * np.pi)
        expected: Array = deviation * (ahead * ndtr(ahead) + density)
        return expected
