"""The registry of evaluators, and evaluators named by where their Python function lives."""

import importlib
import traceback
from types import ModuleType
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
    path = name.removeprefix(PYTHON)
    module_name, _, function_name = path.rpartition(".")
    if not module_name or not all(path.split(".")):
        raise NasError(f"evaluator {name!r} names no function of a module: type python:module.function")
    function = getattr(_module(name, module_name), function_name, None)
    if not callable(function):
        raise NasError(f"evaluator {name!r}: module {module_name} has no function {function_name!r}")
    return cast(Evaluator, function)


def _module(name: str, module_name: str) -> ModuleType:
    """The module with a user's function; whatever is wrong in it is one message."""
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise NasError(f"evaluator {name!r}: {error}; it is looked for on sys.path of the worker") from None
    except (Exception, SystemExit) as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = "" if isinstance(error, SyntaxError) else f" ({where.filename}, line {where.lineno})"
        what = f"{type(error).__name__}: {error}{place}"
        raise NasError(f"evaluator {name!r}: module {module_name} cannot be imported: {what}") from None
