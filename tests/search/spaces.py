"""Small spaces for search, and studies over them."""

from collections.abc import Mapping
from typing import Any

from nas.records import Objective, StudySpec
from nas.space.schema import Where
from nas.space.space import Space

LAYERS = [
    {"conv": {"out": "=width", "kernel": 3}},
    "norm",
    "relu",
    "global_avg_pool",
    {"linear": {"out": "=input.classes"}},
]


def tiny(
    parameters: Mapping[str, Any] | None = None, constraints: list[str] | None = None, **more: Any
) -> Space:
    """One convolution of a searched width, and a learning rate that only changes the recipe."""
    raw = {
        "space": "tiny",
        "about": "One convolution.",
        "input": {"channels": 1, "size": 8, "classes": 10},
        "parameters": dict(
            parameters or {"width": {"int": [1, 200]}, "lr": {"float": [0.001, 0.1], "log": True}}
        ),
        "constraints": constraints or [],
        "architecture": LAYERS,
        "training": {"epochs": 3, "lr": "=lr"} if parameters is None else {"epochs": 3},
        **more,
    }
    return Space(raw, Where("tiny"))


def conditional() -> Space:
    """A vector whose length is searched, a choice of lists, and a parameter that is not always there."""
    return tiny(
        {
            "depth": {"int": [1, 3]},
            "widths": {"int": [8, 64], "step": 8, "length": "depth"},
            "kind": {"choice": ["plain", "wide"]},
            "factor": {"float": [1.0, 2.0], "step": 0.05, "when": "kind == 'wide'"},
            "pair": {"choice": [[1, 2], [2, 1], [3, 3]]},
        },
        architecture=[
            {
                "repeat": "depth",
                "as": "i",
                "body": [{"conv": {"out": "=widths[i] * pair[0]", "kernel": 3}}, "relu"],
            },
            {"when": "kind == 'wide'", "body": [{"conv": {"out": "=round(10 * factor)", "kernel": 1}}]},
            "global_avg_pool",
            {"linear": {"out": "=input.classes"}},
        ],
    )


def spec_of(space: Space, **changes: Any) -> StudySpec:
    """A specification over a space."""
    given: dict[str, Any] = {
        "space": space.document,
        "data": "digits",
        "recipe": space.training,
        "objectives": (Objective("error"),),
        "sampler": "random",
        **changes,
    }
    return StudySpec(**given)
