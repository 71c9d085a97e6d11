"""How to train: a frozen recipe, its defaults and its bounds. Imports no torch."""

import functools
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nas.errors import RecipeError, did_you_mean


class Recipe(BaseModel):
    """Every choice of the training loop but the network, the data and the seed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    epochs: int = Field(10, ge=1, description="passes over the training part")
    batch: int = Field(64, ge=1, description="images per step")
    optimizer: Literal["adamw", "sgd"] = Field("adamw", description="AdamW, or SGD with Nesterov momentum")
    lr: float = Field(4e-3, gt=0, description="highest learning rate of the schedule")
    weight_decay: float = Field(0.02, ge=0, description="of matrices and kernels; never of norms and biases")
    momentum: float = Field(0.9, ge=0, lt=1, description="SGD's momentum, AdamW's first beta")
    schedule: Literal["onecycle", "cosine", "linear", "step", "constant"] = Field(
        "onecycle", description="of the rate; step: a tenth after half, a hundredth after three quarters"
    )
    warmup: float = Field(0.2, ge=0, lt=1, description="share of all steps in which the rate rises")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="mass spread over the other classes")
    mixup: float = Field(0.0, ge=0, description="alpha of mixup's Beta distribution; 0: off")
    cutmix: float = Field(0.0, ge=0, description="alpha of cutmix's; with mixup, each takes half the batches")
    drop_path: float = Field(0.0, ge=0, lt=1, description="chance that the last residual branch is dropped")
    ema: float = Field(0.0, ge=0, lt=1, description="decay of the averaged weights that validate; 0: off")
    clip: float | None = Field(None, gt=0, description="largest gradient norm; none: not clipped")
    shift: float = Field(0.0, ge=0, le=0.5, description="largest shift of an image, as a share of its side")
    rotate: float = Field(0.0, ge=0, le=180, description="largest rotation of an image, in degrees")
    zoom: float = Field(0.0, ge=0, lt=1, description="largest change of an image's scale, as a share")
    flip: bool = Field(False, description="mirror half of the images")
    crop: float = Field(
        0.0, ge=0, le=0.5, description="largest shift by whole pixels, as a share of the side; black moves in"
    )
    cutout: float = Field(
        0.0, ge=0, le=1, description="side of the square that is erased, as a share of the image's"
    )
    resized_crop: float | None = Field(
        None, gt=0, le=1, description="smallest share of an image that is cut out and resized; none: off"
    )
    aux_weight: float = Field(0.3, ge=0, description="weight of the auxiliary heads' losses")
    precision: Literal["auto", "fp32", "bf16"] = Field("auto", description="auto: bf16 where it is faster")
    accumulate: int | None = Field(
        None, ge=1, description="parts in which a batch goes through; none: as few as memory allows"
    )
    compile: Literal["auto", "on", "off"] = Field("auto", description="auto: where training is long enough")
    threads: int | None = Field(None, ge=1, description="CPU threads; none: the slot's share of the cores")
    loaders: int | None = Field(
        None,
        ge=0,
        description="processes that read image files; none: the slot's share of the cores",
    )

    @field_validator("compile", mode="before")
    @classmethod
    def _switch(cls, value: object) -> object:
        """YAML reads `on` and `off` as yes and no, which may be typed as well."""
        return _SWITCHES.get(value, value) if isinstance(value, bool | str) else value

    @classmethod
    def resolve(cls, values: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> "Recipe":
        """The recipe with these values over a data set's `defaults`; raises `RecipeError`."""
        merged = {**(defaults or {}), **values}
        _refuse_unknown(merged)
        try:
            return cls.model_validate(merged)
        except ValidationError as error:
            raise RecipeError("; ".join(map(_describe, error.errors()))) from None

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Test keys and plain values of a mapping in which values may still be "=expressions"."""
        _refuse_unknown(values)
        cls._plain(values)

    @classmethod
    def check_training(cls, values: Mapping[str, Any], images: int | None) -> None:
        """Test what a training with so many images would refuse, None: of unknown number.

        `values` are complete but for the defaults; expressions are left to the training.
        """
        recipe = cls._plain(values)
        if _is_expression(values.get("batch")):
            return
        if images is not None:
            refuse_large(recipe.batch, images)
        if recipe.accumulate is not None:
            refuse_unequal(recipe.batch, recipe.accumulate)

    @classmethod
    def _plain(cls, values: Mapping[str, Any]) -> "Recipe":
        """With the values that are no expressions."""
        return cls.resolve({key: value for key, value in values.items() if not _is_expression(value)})


@functools.cache
def keys() -> tuple[str, ...]:
    """All keys that a recipe may have."""
    return tuple(Recipe.model_fields)


def refuse_large(batch: int, images: int) -> None:
    """`RecipeError` if there is no whole batch among the training images."""
    if batch > images:
        fits = 1 << (images.bit_length() - 1)
        raise RecipeError(
            f"recipe value batch = {batch}: must not exceed the {images} training images;"
            f" type --recipe batch={fits}, or less"
        )


def refuse_unequal(batch: int, parts: int) -> None:
    """`RecipeError` if a batch cannot be taken apart into so many equal parts."""
    if batch % parts:
        fits = next(n for n in range(min(parts, batch), 0, -1) if batch % n == 0)
        raise RecipeError(
            f"recipe value accumulate = {parts}: must divide the batch of {batch}, so that parts are equal;"
            f" type --recipe accumulate={fits}"
        )


def _is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _refuse_unknown(values: Mapping[str, Any]) -> None:
    for key in values:
        if key not in keys():
            known = ", ".join(sorted(keys()))
            raise RecipeError(
                f"unknown recipe key {key!r}: known are {known}{did_you_mean(str(key), keys())}"
            )


_SWITCHES = {True: "on", "yes": "on", "true": "on", False: "off", "no": "off", "false": "off"}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _describe(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    return f"recipe value {where} = {error['input']!r}: must be {_allowed(where, error)}"


def _allowed(key: str, error: Any) -> str:
    """What a value may be, in words: `a whole number`, `yes or no`, `at most 0.5`."""
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return str(context["expected"]).replace("'", "")
    for bound in context.keys() & _BOUNDS.keys():
        return f"{_BOUNDS[bound]} {context[bound]:g}"
    kind = {"int": "a whole number", "bool": "yes or no"}.get(error["type"].split("_")[0], "a number")
    return kind if Recipe.model_fields[key].default is not None else f"{kind}, or none"
