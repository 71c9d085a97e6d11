"""Evaluators: what turns an architecture into metrics; a file of this folder adds one."""

from workers.evaluators.base import (
    EVALUATORS,
    KINDS,
    Kind,
    epochs_told,
    evaluator,
    foreseeing,
    given_metrics,
    gives,
    usual_objective,
)

__all__ = [
    "EVALUATORS",
    "KINDS",
    "Kind",
    "epochs_told",
    "evaluator",
    "foreseeing",
    "given_metrics",
    "gives",
    "usual_objective",
]
