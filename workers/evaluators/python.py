"""Evaluators named by where their Python function lives: `python:MODULE.FUNCTION`."""

import importlib
import traceback
from collections.abc import Sequence
from types import ModuleType
from typing import cast

from nas.errors import NasError
from nas.records import Evaluator, Objective
from workers.evaluators.base import KINDS


@KINDS.register("python", "a function of yours: python:MODULE.FUNCTION")
class Python:
    """A user's functions."""

    def evaluator(self, argument: str) -> Evaluator:
        """The function `MODULE.FUNCTION`, its module found on sys.path; raises `NasError`."""
        name = f"python:{argument}"
        module_name, _, function_name = argument.rpartition(".")
        if not module_name or not all(argument.split(".")):
            raise NasError(f"evaluator {name!r} names no function of a module: type python:MODULE.FUNCTION")
        function = getattr(_module(name, module_name), function_name, None)
        if not callable(function):
            raise NasError(f"evaluator {name!r}: module {module_name} has no function {function_name!r}")
        return cast(Evaluator, function)

    def objective(self, argument: str) -> Objective:
        """`error`, as after training."""
        return Objective("error")

    def arguments(self) -> Sequence[str]:
        """Whatever there is."""
        return ["MODULE.FUNCTION"]


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
