"""What a clean process with torch only makes of exported files; a program, and imported by the tests.

python clean.py takes a FOLDER from each line that it reads: it imports each FOLDER/NAME.py, beside which
NAME.json says what to do with it, refuses any import of this project, and answers with a line of JSON, what
it found by NAME; outputs go to FOLDER/NAME.pt.
"""

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path

import torch
from torch import nn

OURS = ("nas", "workers", "search_spaces")


@cache
def waves(length: int) -> torch.Tensor:
    """A long row of numbers, of which every tensor gets a piece: computing takes longer."""
    return torch.arange(length, dtype=torch.float32).mul_(0.7).sin_()


def filled(model: nn.Module, scale: float = 1.5) -> nn.Module:
    """The same numbers for every network of the same tensors in the same order; `scale`: of the weights."""
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            count = tensor.numel()
            first = count % 97
            wave = waves(1 << (count + first).bit_length())[first : first + count].view_as(tensor)
            fan = max(count // len(tensor), 1) if tensor.dim() > 1 else 16
            torch.mul(wave, scale * fan**-0.5, out=tensor)
            if tensor.dim() == 1:
                tensor.add_(0.5)
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
    sys.meta_path.insert(0, Refusing())
    for line in sys.stdin:
        told = {path.stem: look(path) for path in sorted(Path(line.rstrip("\n")).glob("*.py"))}
        assert not set(OURS) & set(sys.modules)
        print(json.dumps(told), flush=True)
