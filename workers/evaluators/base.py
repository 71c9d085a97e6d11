"""The registry of evaluators, and evaluators named by where their Python function lives."""

import importlib
from typing import cast

from nas.errors import NasError
from nas.records import Evaluator
from nas.registry import Registry

EVALUATORS: Registry[Evaluator] = Registry("evaluator", "workers.evaluators", group="nas.evaluators")
"""Evaluators by name."""

PYTHON = "python:"
"""Prefix of an evaluator that is a user's function: `python:module.function`."""


def evaluator(name: str) -> Evaluator:
    """The evaluator called `name`, or the function that `python:module.function` names."""
    if name.startswith(PYTHON):
        return _imported(name)
    return EVALUATORS[name]


def _imported(name: str) -> Evaluator:
    module_name, _, function_name = name.removeprefix(PYTHON).rpartition(".")
    if not module_name:
        raise NasError(f"evaluator {name!r} names no module: type python:module.function")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise NasError(f"evaluator {name!r}: {error}; it is looked for on sys.path of the worker") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise NasError(f"evaluator {name!r}: module {module_name} has no function {function_name!r}")
    return cast(Evaluator, function)
