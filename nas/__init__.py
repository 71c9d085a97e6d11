"""Neural architecture design-space search: declared rules, exact prices, studies in SQL.

The names below are found on first use, so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nas.model import build_model
    from nas.search import analysis
    from nas.search.study import Study
    from nas.service.bench import BenchOptions, bench
    from nas.service.final.ensembles import ensemble
    from nas.service.final.testing import evaluate
    from nas.service.specify import SearchOptions
    from nas.space.load import load_space
    from nas.space.space import Space
    from nas.store import open_store

__all__ = [
    "BenchOptions",
    "SearchOptions",
    "Space",
    "Study",
    "analysis",
    "bench",
    "build_model",
    "ensemble",
    "evaluate",
    "load_space",
    "open_store",
]

_HOMES = {
    "BenchOptions": "nas.service.bench",
    "SearchOptions": "nas.service.specify",
    "Space": "nas.space.space",
    "Study": "nas.search.study",
    "analysis": "nas.search.analysis",
    "bench": "nas.service.bench",
    "build_model": "nas.model",
    "ensemble": "nas.service.final.ensembles",
    "evaluate": "nas.service.final.testing",
    "load_space": "nas.space.load",
    "open_store": "nas.store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nas' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOMES[name])
    return home if home.__name__.endswith(f".{name}") else getattr(home, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
