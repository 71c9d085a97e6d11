"""Evaluators: what turns an architecture into metrics; a file of this folder adds one."""

from workers.evaluators.base import EVALUATORS, evaluator

__all__ = ["EVALUATORS", "evaluator"]
