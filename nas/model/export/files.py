"""Networks in the formats of others, each read back and compared with the network before it is handed out."""

import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.model.build import build_model
from nas.model.export.lowering import UnsaidError
from nas.model.export.mapping import exported_model, exported_names, renamed

SOURCE_TOLERANCE = 1e-5
ONNX_TOLERANCE = 1e-4
"""Largest difference of an output, as a share of the largest output."""
SEEN = 2
"""Images that an export sees."""
CHECKED = (1, 3)
"""Batches that are compared: any number of images must do."""
ANY_BATCH = ({0: torch.export.Dim.DYNAMIC},)
OPSET = 20
REGISTRATION = logging.getLogger("torch.onnx._internal.exporter._registration")


class DifferentError(NasError, RuntimeError):
    """An exported network that computes something else."""


def save_weights(
    text: str, architecture: Architecture, model: nn.Module, path: Path, facts: Mapping[str, str]
) -> float:
    """Write a network's weights under the names of its source `text`; the largest difference found.

    A `.safetensors` has the facts in its header; anything else is a state_dict that torch alone loads.
    """
    named = renamed(model.state_dict(), exported_names(architecture, text))
    other = exported_model(text, named)
    worst = compared(model, other, architecture, SOURCE_TOLERANCE, "the source")
    plain = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in named.items()
    }
    if path.suffix == ".safetensors":
        path.write_bytes(safetensors.torch.save(plain, dict(facts)))
    else:
        torch.save(plain, path)
    return worst


def _is_of_use(record: logging.LogRecord) -> bool:
    """Whether it says more than that torchvision, which no network here needs, is not installed."""
    return not record.getMessage().startswith("torchvision is not installed")


def fresh(architecture: Architecture) -> nn.Module:
    """The network with weights that nothing was trained on, in eval mode."""
    torch.manual_seed(0)
    return build_model(architecture)


def to_onnx(model: nn.Module, architecture: Architecture, path: Path) -> float:
    """Write ONNX for any number of images, checked by onnxruntime; the largest difference found.

    Needs what the extra `onnx` installs. Raises `UnsaidError` for a layer that ONNX does not have.
    """
    import onnx
    import onnxruntime

    def write(module: nn.Module, images: Tensor, file: Path) -> None:
        REGISTRATION.addFilter(_is_of_use)
        torch.onnx.export(
            module, (images,), file, input_names=["images"], output_names=["logits"],
            dynamo=True, external_data=False, dynamic_shapes=ANY_BATCH, verbose=False, opset_version=OPSET,
        )  # fmt: skip

    _tried(lambda: write(model, _images(architecture, SEEN), path), model, architecture, "ONNX", write, path)
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return compared(
        model,
        lambda x: torch.from_numpy(session.run(None, {"images": x.numpy()})[0]),
        architecture,
        ONNX_TOLERANCE,
        "onnxruntime",
    )


def to_torch_export(model: nn.Module, architecture: Architecture, path: Path) -> float:
    """Write a graph of `torch.export` (.pt2) for any number of images; the largest difference found."""

    def write(module: nn.Module, images: Tensor, file: Path) -> None:
        torch.export.save(torch.export.export(module, (images,), dynamic_shapes=ANY_BATCH, strict=True), file)

    _tried(
        lambda: write(model, _images(architecture, SEEN), path),
        model,
        architecture,
        "torch.export",
        write,
        path,
    )
    return compared(model, torch.export.load(path).module(), architecture, SOURCE_TOLERANCE, "torch.export")


@torch.no_grad()
def compared(
    model: nn.Module, other: Callable[[Tensor], Any], architecture: Architecture, tolerance: float, who: str
) -> float:
    """The largest difference between two networks, as a share of the largest output.

    Raises `DifferentError` beyond `tolerance`.
    """
    worst = 0.0
    for batch in CHECKED:
        x = _images(architecture, batch)
        meant, said = model(x), other(x)
        scale = max(float(meant.abs().max()), 1e-12)
        worst = max(worst, float((meant - said).abs().max()) / scale)
    if not worst <= tolerance:
        raise DifferentError(f"{who} differs from the network by {worst:.1e} of its largest output")
    return worst


def _images(architecture: Architecture, batch: int) -> Tensor:
    given = architecture.input
    drawn = torch.Generator().manual_seed(batch)
    return torch.randn(batch, given.channels, given.size, given.size, generator=drawn)


def _tried(
    attempt: Callable[[], None],
    model: nn.Module,
    architecture: Architecture,
    target: str,
    write: Callable[[nn.Module, Tensor, Path], None],
    path: Path,
) -> None:
    """Do it; if it cannot be done, say which layer cannot."""
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about itself
            attempt()
    except Exception as error:  # whatever torch has to say
        layer = _culprit(model, architecture, write, path)
        said = next((line for line in str(error).strip().splitlines() if line.strip()), type(error).__name__)
        what = f"layer {layer}" if layer else "this network"
        raise UnsaidError(
            f"{target} cannot express {what}: {said.strip()[:300]}; try --to pytorch"
        ) from error


@torch.no_grad()
def _culprit(
    model: nn.Module, architecture: Architecture, write: Callable[[nn.Module, Tensor, Path], None], path: Path
) -> str:
    """The first kind of layer that cannot be exported alone: its place and what it is."""
    inputs: dict[str, tuple[nn.Module, Tensor]] = {}

    def noted(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
            inputs.setdefault(name, (module, given[0]))

        return note

    leaves = [(name, m) for name, m in model.named_modules() if not any(True for _ in m.children())]
    hooks = [module.register_forward_pre_hook(noted(name)) for name, module in leaves]
    model(_images(architecture, SEEN))
    for hook in hooks:
        hook.remove()
    tried: set[str] = set()
    for name, (module, given) in inputs.items():
        if repr(module) in tried:
            continue
        tried.add(repr(module))
        try:
            write(module, given, path)
        except Exception:  # as above
            return f"{name} ({module})"
    return ""
