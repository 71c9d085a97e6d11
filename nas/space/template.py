"""Architecture templates: compiled when made, run for every point."""

from collections.abc import Callable, Mapping
from typing import Any

from nas.arch.graph import Sequence
from nas.arch.shape import Shape
from nas.errors import InfeasibleError, SpaceError
from nas.space import runtime
from nas.space.compiler import Compiler
from nas.space.controls import CONTROLS
from nas.space.expressions import GLOBALS
from nas.space.functions import ExpressionError
from nas.space.schema import DefinitionModel, Where, key_path
from nas.space.yaml_reader import Path


class Template:
    """The compiled architecture of a space.

    Raises (on making):
        SpaceError: an entry is not of the language; with file, key path and what is allowed.
    """

    def __init__(
        self,
        architecture: list[Any],
        define: Mapping[str, DefinitionModel],
        names: frozenset[str],
        where: Where,
    ) -> None:
        self.where = where
        compiler = Compiler(define, names, CONTROLS, where)
        for name in define:
            compiler.definition(name, ("define", name))
        self.reads = compiler.function("_network", architecture, ("architecture",), {})
        """Names of the table that the network depends on."""
        self._paths = compiler.code.paths
        scope = {**GLOBALS, **runtime.TOOLS, **compiler.bound}
        exec(compile(compiler.code.text(), runtime.FILENAME, "exec"), scope)
        self._run: Callable[[Any, Shape], Sequence] = scope["d__network"]

    def network(self, names: Any, start: Shape) -> Sequence:
        """The graph for the values in `names`, from an image of shape `start`.

        Raises:
            InfeasibleError: the point has no such network.
            SpaceError: the template is wrong at this point (a width that is no whole number).
        """
        try:
            return self._run(names, start)
        except InfeasibleError as error:
            place = self._place(self._ways(error))
            detail = f"{error.detail} at {place}" if error.detail else f"at {place}"
            raise InfeasibleError(error.reason, detail) from None
        except (ArithmeticError, ExpressionError) as error:
            ways = self._ways(error)
            raise InfeasibleError(
                f"{key_path(ways[-1])} has no value", f"{error} at {self._place(ways)}"
            ) from None
        except (TypeError, IndexError, KeyError, ValueError) as error:
            if isinstance(error, SpaceError):
                raise
            raise SpaceError(f"{self._place(self._ways(error))}: {error}") from None

    def _ways(self, error: BaseException) -> list[Path]:
        """The key paths that led to the error, from the architecture inwards."""
        ways: list[Path] = [("architecture",)]
        trace = error.__traceback__
        while trace is not None:
            path = self._paths.get(trace.tb_lineno)
            if trace.tb_frame.f_code.co_filename == runtime.FILENAME and path is not None:
                ways.append(path)
            trace = trace.tb_next
        return ways

    def _place(self, ways: list[Path]) -> str:
        """Where the error is: the innermost place of the space's own file, then that of a used one."""
        if not self.where.elsewhere(ways[-1]):
            return self.where.place(ways[-1])
        own = next(path for path in reversed(ways) if not self.where.elsewhere(path))
        return f"{self.where.place(own)} (in {self.where.place(ways[-1])})"
