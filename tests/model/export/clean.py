"""What a clean process with torch only makes of exported files; a program, and imported by the tests.

python clean.py FOLDER imports each FOLDER/NAME.py, beside which NAME.json says what to do with it, refuses
any import of this project, and writes FOLDER/told.json; outputs go to FOLDER/NAME.pt.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch
from torch import nn

OURS = ("nas", "workers", "search_spaces")


def filled(model: nn.Module, scale: float = 1.5) -> nn.Module:
    """The same numbers for every network of the same tensors in the same order; `scale`: of the weights."""
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            count = tensor.numel()
            wave = torch.arange(count, dtype=torch.float32).mul_(0.7).add_(count % 97).sin_().view_as(tensor)
            fan = max(count // len(tensor), 1) if tensor.dim() > 1 else 16
            tensor.copy_(wave.mul_(scale * fan**-0.5) + (0.5 if tensor.dim() == 1 else 0))
    return model.eval()


def images(channels: int, size: int) -> torch.Tensor:
    return torch.arange(2 * channels * size * size).float().mul_(0.37).sin_().view(2, channels, size, size)


class Refusing:
    """Finds nothing of this project."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in OURS:
            raise ImportError(f"exported source imports {name}")


@torch.no_grad()
def look(path: Path) -> dict[str, object]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    asked = json.loads(path.with_suffix(".json").read_text())
    with torch.device("meta"):
        model = module.build()
    if asked["run"]:
        model = filled(model.to_empty(device="cpu"), asked["scale"])
        torch.save(model(images(asked["channels"], asked["size"])), path.with_suffix(".pt"))
    return {
        "params": sum(p.numel() for p in model.parameters()),
        "shapes": [list(tensor.shape) for tensor in model.state_dict().values()],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.meta_path.insert(0, Refusing())  # type: ignore[arg-type]
    folder = Path(sys.argv[1])
    told = {path.stem: look(path) for path in sorted(folder.glob("*.py"))}
    assert not set(OURS) & set(sys.modules)
    (folder / "told.json").write_text(json.dumps(told))
