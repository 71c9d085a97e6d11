"""Searched recipes: values of `training` that are expressions over a point."""

from collections.abc import Callable, Mapping
from typing import Any

from nas.errors import InfeasibleError
from nas.space.compiled import Compiled
from nas.space.expressions import function
from nas.space.functions import ExpressionError
from nas.space.names import Names, checked
from nas.space.schema import Where

Expressions = dict[str, Callable[[Names], Any]]


def expressions(compiled: Compiled, recipe: Mapping[str, Any]) -> Expressions:
    """The compiled expressions among a recipe's values; SpaceError names the key of a wrong one."""
    table, scope = compiled.table, compiled.scope
    return {
        key: function(table.compile(value[1:], scope, ("training", key)).source, "N")
        for key, value in recipe.items()
        if isinstance(value, str) and value.startswith("=")
    }


def recipe_at(training: Mapping[str, Any], known: Expressions, names: Names, where: Where) -> dict[str, Any]:
    """The recipe at the point of `names`: plain values.

    Raises:
        InfeasibleError: an expression has no value there.
    """
    return {
        key: _value(key, known[key], names, where) if key in known else value
        for key, value in training.items()
    }


def _value(key: str, expression: Callable[[Names], Any], names: Names, where: Where) -> Any:
    try:
        return checked(expression(names))
    except (ArithmeticError, ExpressionError) as error:
        raise InfeasibleError(f"training.{key} has no value", str(error)) from None
    except (TypeError, IndexError) as error:
        raise where.error(("training", key), str(error)) from None
